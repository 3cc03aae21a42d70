"""Regularisers and add_loss, summed in a train step of one's own."""

import numpy as np
import tensorflow as tf
from tensorflow import keras


class Activity(keras.layers.Layer):
    def __init__(self, rate=1e-2):
        super().__init__()
        self.rate = rate

    def call(self, inputs):
        self.add_loss(self.rate * tf.reduce_mean(tf.square(inputs)))
        return inputs


model = keras.Sequential(
    [
        keras.Input((5,)),
        keras.layers.Dense(6, activation="relu", kernel_regularizer=keras.regularizers.L2(1e-3)),
        Activity(),
        keras.layers.Dense(1),
    ]
)
optimizer = keras.optimizers.Adam(1e-3)
rng = np.random.default_rng(34)
x, y = rng.normal(size=(10, 5)).astype("float32"), rng.normal(size=(10, 1)).astype("float32")
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(model(x, training=True) - y))
    loss += tf.add_n(model.losses)
gradients = tape.gradient(loss, model.trainable_variables)
optimizer.apply_gradients(zip(gradients, model.trainable_variables))
