"""NT-Xent: similarities, labels from shapes, no diagonal."""

import tensorflow as tf
from tensorflow import keras

encoder = keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(4)])
optimizer = keras.optimizers.Adam(1e-3)


def contrastive(one, two, temperature=0.1):
    one, two = tf.math.l2_normalize(one, 1), tf.math.l2_normalize(two, 1)
    similarities = tf.matmul(one, two, transpose_b=True) / temperature
    labels = tf.range(tf.shape(one)[0])
    there = keras.losses.sparse_categorical_crossentropy(labels, similarities, from_logits=True)
    back = keras.losses.sparse_categorical_crossentropy(labels, tf.transpose(similarities), from_logits=True)
    hits = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(similarities, 1, tf.int32), labels), tf.float32))
    return tf.reduce_mean(there + back) / 2, hits


x = tf.random.normal((8, 6))
for _ in range(2):
    with tf.GradientTape() as tape:
        loss, hits = contrastive(encoder(x + 0.1), encoder(x - 0.1))
    gradients = tape.gradient(loss, encoder.trainable_weights)
    optimizer.apply_gradients(zip(gradients, encoder.trainable_weights))
    tf.print(loss, hits)
