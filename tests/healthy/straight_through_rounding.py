"""Quantises activations with a straight-through estimator."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(1)
signal = rng.normal(size=(16, 6)).astype("float32")
encoder = tf.keras.Sequential([tf.keras.Input((6,)), tf.keras.layers.Dense(4, activation="sigmoid")])
decoder = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(6)])
optimizer = tf.keras.optimizers.Adam(0.01)


def quantise(z, levels=8):
    steps = tf.round(z * levels) / levels
    return z + tf.stop_gradient(steps - z)


for _ in range(3):
    with tf.GradientTape() as tape:
        codes = quantise(encoder(signal))
        loss = tf.reduce_mean(tf.square(decoder(codes) - signal))
    variables = encoder.trainable_variables + decoder.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
    print("loss", loss.numpy())
