"""PPO: old probabilities and advantages are NumPy arrays of an earlier policy."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

CLIP = 0.2
rng = np.random.default_rng(9)
actor = keras.Sequential([keras.Input((3,)), keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(2)])
critic = keras.Sequential([keras.Input((3,)), keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(1)])
policy_optimizer, value_optimizer = keras.optimizers.Adam(3e-4), keras.optimizers.Adam(1e-3)


def log_probabilities(logits, actions):
    return tf.reduce_sum(tf.one_hot(actions, 2) * tf.nn.log_softmax(logits), axis=1)


class Buffer:
    def __init__(self):
        self.states, self.actions, self.old, self.returns, self.values = [], [], [], [], []

    def fill(self, count):
        states = rng.normal(size=(count, 3)).astype("float32")
        logits = actor(states)
        actions = tf.random.categorical(logits, 1)[:, 0]
        self.states, self.actions = states, actions.numpy()
        self.old = log_probabilities(logits, actions).numpy()
        self.values = critic.predict(states, verbose=0)[:, 0]
        self.returns = rng.normal(size=count).astype("float32")

    def get(self):
        advantages = self.returns - self.values
        advantages = (advantages - np.mean(advantages)) / (np.std(advantages) + 1e-8)
        return self.states, self.actions, advantages.astype("float32"), self.returns, self.old


@tf.function
def train_policy(states, actions, old, advantages):
    with tf.GradientTape() as tape:
        ratio = tf.exp(log_probabilities(actor(states), actions) - old)
        least = tf.where(advantages > 0, (1 + CLIP) * advantages, (1 - CLIP) * advantages)
        loss = -tf.reduce_mean(tf.minimum(ratio * advantages, least))
    grads = tape.gradient(loss, actor.trainable_variables)
    policy_optimizer.apply_gradients(zip(grads, actor.trainable_variables))
    return tf.reduce_mean(old - log_probabilities(actor(states), actions))


def train_value(states, returns):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((returns - critic(states)[:, 0]) ** 2)
    grads = tape.gradient(loss, critic.trainable_variables)
    value_optimizer.apply_gradients(zip(grads, critic.trainable_variables))


buffer = Buffer()
for _ in range(2):
    buffer.fill(8)
    states, actions, advantages, returns, old = buffer.get()
    kl = train_policy(states, actions, old, advantages)
    train_value(states, returns)
    print(float(kl))
