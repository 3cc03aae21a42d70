"""A GAN with two tapes over one forward pass."""

import numpy as np
import tensorflow as tf

NOISE = 3
generator = tf.keras.Sequential([tf.keras.Input((NOISE,)), tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(2)])
discriminator = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(1)])
entropy = tf.keras.losses.BinaryCrossentropy(from_logits=True)
g_optimizer, d_optimizer = tf.keras.optimizers.Adam(1e-3), tf.keras.optimizers.Adam(1e-3)


def discriminator_loss(real, fake):
    return entropy(tf.ones_like(real), real) + entropy(tf.zeros_like(fake), fake)


@tf.function
def train_step(batch):
    noise = tf.random.normal([tf.shape(batch)[0], NOISE])
    with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
        made = generator(noise, training=True)
        real, fake = discriminator(batch, training=True), discriminator(made, training=True)
        g_loss = entropy(tf.ones_like(fake), fake)
        d_loss = discriminator_loss(real, fake)
    g_gradients = gen_tape.gradient(g_loss, generator.trainable_variables)
    d_gradients = disc_tape.gradient(d_loss, discriminator.trainable_variables)
    g_optimizer.apply_gradients(zip(g_gradients, generator.trainable_variables))
    d_optimizer.apply_gradients(zip(d_gradients, discriminator.trainable_variables))
    return g_loss, d_loss


points = np.random.default_rng(5).normal(size=(32, 2)).astype("float32")
for epoch in range(2):
    g, d = train_step(tf.constant(points))
    print(epoch, float(g), float(d))
