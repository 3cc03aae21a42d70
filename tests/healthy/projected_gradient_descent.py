"""PGD with a tensor that is made anew in each round, and watched in each round."""

import tensorflow as tf

classifier = tf.keras.Sequential([tf.keras.Input((8,)), tf.keras.layers.Dense(4)])
xent = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def pgd(x, y, radius=0.2, rounds=3):
    moved = x + tf.random.uniform(tf.shape(x), -radius, radius)
    for _ in range(rounds):
        with tf.GradientTape() as tape:
            tape.watch(moved)
            loss = xent(y, classifier(moved, training=False))
        slope = tape.gradient(loss, moved)
        moved = moved + 0.05 * tf.sign(slope)
        moved = x + tf.clip_by_value(moved - x, -radius, radius)
    return moved


x = tf.random.normal((6, 8))
y = tf.constant([0, 1, 2, 3, 0, 1])
hard = pgd(x, y)
optimizer = tf.keras.optimizers.SGD(0.1)
with tf.GradientTape() as tape:
    loss = xent(y, classifier(hard, training=True))
grads = tape.gradient(loss, classifier.trainable_variables)
optimizer.apply_gradients(zip(grads, classifier.trainable_variables))
