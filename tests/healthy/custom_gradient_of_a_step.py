"""A step function with a gradient of its own."""

import tensorflow as tf


@tf.custom_gradient
def spike(v):
    def grad(upstream):
        return upstream / (1.0 + 10.0 * tf.abs(v)) ** 2

    return tf.cast(v > 0, tf.float32), grad


class Spiking(tf.keras.layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units), name="kernel")

    def call(self, x):
        voltage = tf.zeros((tf.shape(x)[0], self.units))
        out = 0.0
        for _ in range(3):
            voltage = 0.9 * voltage + tf.matmul(x, self.kernel)
            out += spike(voltage - 1.0)
        return out


layer, readout = Spiking(6), tf.keras.layers.Dense(2)
x, y = tf.random.normal((5, 4)), tf.random.normal((5, 2))
readout(layer(x))
optimizer = tf.keras.optimizers.Adam(1e-2)
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(readout(layer(x)) - y))
variables = layer.trainable_variables + readout.trainable_variables
optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
