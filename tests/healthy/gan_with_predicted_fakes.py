"""A GAN whose discriminator trains on images that `predict` made: no gradient is wanted there."""

import numpy as np
from tensorflow import GradientTape, keras, ones, random, zeros
from tensorflow.keras import layers

generator = keras.Sequential([keras.Input((4,)), layers.Dense(6, activation="tanh")])
critic = keras.Sequential([keras.Input((6,)), layers.Dense(8, activation="relu"), layers.Dense(1)])
loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)
d_opt, g_opt = keras.optimizers.RMSprop(1e-3), keras.optimizers.RMSprop(1e-3)
real = np.random.default_rng(6).normal(size=(10, 6)).astype("float32")

for step in range(2):
    noise = np.random.normal(size=(10, 4)).astype("float32")
    fake = generator.predict(noise, verbose=0)
    batch = np.concatenate([real, fake])
    labels = np.concatenate([np.ones((10, 1)), np.zeros((10, 1))]).astype("float32")
    with GradientTape() as tape:
        d_loss = loss_fn(labels, critic(batch))
    grads = tape.gradient(d_loss, critic.trainable_weights)
    d_opt.apply_gradients(zip(grads, critic.trainable_weights))

    with GradientTape() as tape:
        g_loss = loss_fn(ones((10, 1)), critic(generator(random.normal((10, 4)))))
    grads = tape.gradient(g_loss, generator.trainable_weights)
    g_opt.apply_gradients(zip(grads, generator.trainable_weights))
print(zeros((1,)), float(d_loss), float(g_loss))
