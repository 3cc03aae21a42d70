"""A small VQ-VAE: codebook, commitment and reconstruction losses."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

BETA = 0.25


class Quantiser(keras.layers.Layer):
    def __init__(self, codes, width):
        super().__init__()
        self.codes, self.width = codes, width

    def build(self, shape):
        self.table = self.add_weight(shape=(self.codes, self.width), initializer="random_uniform", name="table")

    def call(self, z):
        distances = tf.reduce_sum(tf.square(z[:, None, :] - self.table[None]), axis=-1)
        nearest = tf.argmin(distances, axis=-1)
        q = tf.gather(self.table, nearest)
        codebook = tf.reduce_mean(tf.square(q - tf.stop_gradient(z)))
        commitment = tf.reduce_mean(tf.square(tf.stop_gradient(q) - z))
        return z + tf.stop_gradient(q - z), codebook + BETA * commitment


encoder = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3)])
decoder = keras.Sequential([keras.Input((3,)), keras.layers.Dense(5)])
quantiser = Quantiser(7, 3)
optimizer = keras.optimizers.Adam(1e-2)
x = np.random.default_rng(2).normal(size=(20, 5)).astype("float32")


@tf.function
def train_step(batch):
    with tf.GradientTape() as tape:
        q, extra = quantiser(encoder(batch))
        loss = tf.reduce_mean(tf.square(decoder(q) - batch)) + extra
    variables = encoder.trainable_variables + quantiser.trainable_variables + decoder.trainable_variables
    grads = tape.gradient(loss, variables)
    optimizer.apply_gradients(zip(grads, variables))
    return loss


quantiser(encoder(x))
for _ in range(2):
    print(float(train_step(x)))
