"""WGAN-GP: the interpolation is watched, and the penalty is differentiated once more."""

import numpy as np
import tensorflow as tf
from tensorflow import keras


class WGAN(keras.Model):
    def __init__(self, critic, generator, noise=4, weight=10.0):
        super().__init__()
        self.critic, self.generator = critic, generator
        self.noise, self.weight = noise, weight

    def compile(self, c_optimizer, g_optimizer):
        super().compile()
        self.c_optimizer, self.g_optimizer = c_optimizer, g_optimizer

    def gradient_penalty(self, real, fake):
        alpha = tf.random.uniform([tf.shape(real)[0], 1], 0.0, 1.0)
        between = real + alpha * (fake - real)
        with tf.GradientTape() as inner:
            inner.watch(between)
            verdict = self.critic(between, training=True)
        slopes = inner.gradient(verdict, [between])[0]
        norm = tf.sqrt(tf.reduce_sum(tf.square(slopes), axis=1) + 1e-12)
        return tf.reduce_mean((norm - 1.0) ** 2)

    def train_step(self, real):
        noise = tf.random.normal((tf.shape(real)[0], self.noise))
        with tf.GradientTape() as tape:
            fake = self.generator(noise, training=True)
            cost = tf.reduce_mean(self.critic(fake)) - tf.reduce_mean(self.critic(real))
            c_loss = cost + self.weight * self.gradient_penalty(real, fake)
        grads = tape.gradient(c_loss, self.critic.trainable_variables)
        self.c_optimizer.apply_gradients(zip(grads, self.critic.trainable_variables))
        with tf.GradientTape() as tape:
            g_loss = -tf.reduce_mean(self.critic(self.generator(noise, training=True)))
        grads = tape.gradient(g_loss, self.generator.trainable_variables)
        self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_variables))
        return {"c_loss": c_loss, "g_loss": g_loss}


critic = keras.Sequential([keras.Input((3,)), keras.layers.Dense(8, activation="swish"), keras.layers.Dense(1)])
generator = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
wgan = WGAN(critic, generator)
wgan.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(1e-3))
wgan.fit(np.random.default_rng(7).normal(size=(16, 3)).astype("float32"), batch_size=8, epochs=1, verbose=0)
