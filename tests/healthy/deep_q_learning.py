"""DQN with a replay memory; targets come from the slow copy by `predict`."""

import random
from collections import deque

import numpy as np
import tensorflow as tf

GAMMA = 0.95
rng = np.random.default_rng(10)


def build():
    return tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(2)])


class Agent:
    def __init__(self):
        self.memory = deque(maxlen=100)
        self.model, self.slow = build(), build()
        self.slow.set_weights(self.model.get_weights())
        self.optimizer = tf.keras.optimizers.Adam(1e-3)
        self.loss = tf.keras.losses.Huber()

    def act(self, state, epsilon=0.1):
        if random.random() < epsilon:
            return random.randrange(2)
        return int(np.argmax(self.model.predict(state[None], verbose=0)[0]))

    def remember(self, *step):
        self.memory.append(step)

    def replay(self, size=4):
        batch = random.sample(self.memory, size)
        states = np.array([b[0] for b in batch])
        actions = np.array([b[1] for b in batch])
        rewards = np.array([b[2] for b in batch])
        following = np.array([b[3] for b in batch])
        future = self.slow.predict(following, verbose=0)
        targets = (rewards + GAMMA * np.max(future, axis=1)).astype("float32")
        with tf.GradientTape() as tape:
            q = self.model(states)
            chosen = tf.reduce_sum(q * tf.one_hot(actions, 2), axis=1)
            loss = self.loss(targets, chosen)
        grads = tape.gradient(loss, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.model.trainable_variables))
        return loss.numpy()


agent = Agent()
state = rng.normal(size=4).astype("float32")
for step in range(8):
    action = agent.act(state)
    following = rng.normal(size=4).astype("float32")
    agent.remember(state, action, float(action), following)
    state = following
print(agent.replay())
agent.slow.set_weights(agent.model.get_weights())
