"""Semi-supervised: a teacher of averaged weights labels what has no labels."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(12)
student = tf.keras.Sequential([tf.keras.Input((6,)), tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(3)])
teacher = tf.keras.models.clone_model(student)
teacher.set_weights(student.get_weights())
teacher.trainable = False
optimizer = tf.keras.optimizers.Adam(1e-3)
cross_entropy = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def train(x, y, unlabelled):
    consistency = tf.nn.softmax(teacher(unlabelled, training=False))
    with tf.GradientTape() as tape:
        supervised = cross_entropy(y, student(x, training=True))
        guess = tf.nn.softmax(student(unlabelled, training=True))
        loss = supervised + 0.5 * tf.reduce_mean(tf.square(guess - consistency))
    grads = tape.gradient(loss, student.trainable_variables)
    optimizer.apply_gradients(zip(grads, student.trainable_variables))
    for slow, fast in zip(teacher.weights, student.weights):
        slow.assign(0.99 * slow + 0.01 * fast)
    return loss


for _ in range(2):
    x, u = (rng.normal(size=(8, 6)).astype("float32") for _ in range(2))
    print(float(train(x, rng.integers(0, 3, size=8), u)))
