"""A physics-informed network: second derivatives by nested tapes that watch their inputs."""

import numpy as np
import tensorflow as tf

net = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(12, activation="tanh"), tf.keras.layers.Dense(1)])
optimizer = tf.keras.optimizers.Adam(1e-3)
rng = np.random.default_rng(21)


def residual(x, t):
    with tf.GradientTape() as second:
        second.watch(x)
        with tf.GradientTape(persistent=True) as first:
            first.watch([x, t])
            u = net(tf.concat([x, t], axis=1))
        u_x = first.gradient(u, x)
        u_t = first.gradient(u, t)
    u_xx = second.gradient(u_x, x)
    del first
    return u_t - 0.1 * u_xx


def train_step(x, t, x0, u0):
    with tf.GradientTape() as tape:
        physics = tf.reduce_mean(tf.square(residual(x, t)))
        start = tf.reduce_mean(tf.square(net(tf.concat([x0, tf.zeros_like(x0)], axis=1)) - u0))
        loss = physics + start
    gradients = tape.gradient(loss, net.trainable_variables)
    optimizer.apply_gradients(zip(gradients, net.trainable_variables))
    return loss


x = tf.constant(rng.uniform(-1, 1, (16, 1)), tf.float32)
t = tf.constant(rng.uniform(0, 1, (16, 1)), tf.float32)
for _ in range(2):
    print(float(train_step(x, t, x, tf.sin(np.pi * x))))
