"""A VAE with the reparameterisation trick in a layer of its own."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


class Sampling(layers.Layer):
    def call(self, inputs):
        mean, log_variance = inputs
        noise = tf.random.normal(tf.shape(mean))
        return mean + tf.exp(0.5 * log_variance) * noise


class VAE(keras.Model):
    def __init__(self, latent=2):
        super().__init__()
        self.hidden = layers.Dense(8, activation="relu")
        self.mean, self.log_variance = layers.Dense(latent), layers.Dense(latent)
        self.sampling = Sampling()
        self.decoder = keras.Sequential([layers.Dense(8, activation="relu"), layers.Dense(6, activation="sigmoid")])
        self.tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.tracker]

    def call(self, x):
        h = self.hidden(x)
        mean, log_variance = self.mean(h), self.log_variance(h)
        return self.decoder(self.sampling((mean, log_variance))), mean, log_variance

    def train_step(self, data):
        with tf.GradientTape() as tape:
            made, mean, log_variance = self(data, training=True)
            reconstruction = tf.reduce_mean(keras.losses.binary_crossentropy(data, made))
            kl = -0.5 * tf.reduce_mean(1 + log_variance - tf.square(mean) - tf.exp(log_variance))
            loss = reconstruction + kl
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights))
        self.tracker.update_state(loss)
        return {"loss": self.tracker.result()}


vae = VAE()
vae.compile(optimizer=keras.optimizers.Adam())
vae.fit(np.random.default_rng(26).uniform(size=(16, 6)).astype("float32"), epochs=1, batch_size=8, verbose=0)
