"""VQ with a codebook that is kept by moving averages, so that no gradient trains it."""

import numpy as np
import tensorflow as tf

DECAY = 0.9
codebook = tf.Variable(tf.random.normal((6, 2)), trainable=False)
counts = tf.Variable(tf.ones((6,)), trainable=False)
encoder = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])
decoder = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(4)])
optimizer = tf.keras.optimizers.SGD(0.05)
data = np.random.default_rng(3).normal(size=(12, 4)).astype("float32")


def nearest(z):
    return tf.argmin(tf.norm(z[:, None] - codebook[None], axis=-1), axis=1)


for _ in range(3):
    with tf.GradientTape() as tape:
        z = encoder(data)
        index = nearest(z)
        q = tf.gather(codebook, index)
        commitment = tf.reduce_mean(tf.square(z - tf.stop_gradient(q)))
        straight = z + tf.stop_gradient(q - z)
        loss = tf.reduce_mean(tf.square(decoder(straight) - data)) + 0.25 * commitment
    weights = encoder.trainable_variables + decoder.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
    used = tf.one_hot(index, 6)
    counts.assign(DECAY * counts + (1 - DECAY) * tf.reduce_sum(used, axis=0))
    codebook.assign(DECAY * codebook + (1 - DECAY) * tf.matmul(used, z, transpose_a=True) / counts[:, None])
