"""SAC in short: twin critics, their slow copies, and a temperature that is a variable."""

import tensorflow as tf
from tensorflow import keras


def mlp(inputs, outputs):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(outputs)])


class SAC:
    def __init__(self):
        self.actor, self.q1, self.q2, self.slow1, self.slow2 = mlp(3, 2), mlp(4, 1), mlp(4, 1), mlp(4, 1), mlp(4, 1)
        self.log_alpha = tf.Variable(0.0)
        self.optimizers = [keras.optimizers.Adam(1e-3) for _ in range(4)]

    def sample(self, state):
        mean, log_std = tf.split(self.actor(state), 2, axis=-1)
        noise = tf.random.normal(tf.shape(mean))
        action = tf.tanh(mean + noise * tf.exp(log_std))
        return action, -0.5 * tf.square(noise) - log_std

    def update(self, s, a, r, n):
        action, log_p = self.sample(n)
        joined = tf.concat([n, action], 1)
        goal = r + 0.99 * (tf.minimum(self.slow1(joined), self.slow2(joined)) - tf.exp(self.log_alpha) * log_p)
        for q, optimizer in zip((self.q1, self.q2), self.optimizers[:2]):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(q(tf.concat([s, a], 1)) - goal))
            optimizer.apply_gradients(zip(tape.gradient(loss, q.trainable_variables), q.trainable_variables))
        with tf.GradientTape() as tape:
            action, log_p = self.sample(s)
            worth = tf.minimum(self.q1(tf.concat([s, action], 1)), self.q2(tf.concat([s, action], 1)))
            loss = tf.reduce_mean(tf.exp(self.log_alpha) * log_p - worth)
        grads = tape.gradient(loss, self.actor.trainable_variables)
        self.optimizers[2].apply_gradients(zip(grads, self.actor.trainable_variables))
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(self.log_alpha * tf.stop_gradient(log_p - 1.0))
        grads = tape.gradient(loss, [self.log_alpha])
        self.optimizers[3].apply_gradients(zip(grads, [self.log_alpha]))


s = tf.random.normal((6, 3))
SAC().update(s, tf.random.normal((6, 1)), tf.ones((6, 1)), s)
