"""Advantage actor-critic: the critic's value enters the actor's loss as a number."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(8)
actor = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(16, "tanh"), tf.keras.layers.Dense(2)])
critic = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(16, "tanh"), tf.keras.layers.Dense(1)])
actor_optimizer, critic_optimizer = tf.keras.optimizers.Adam(1e-3), tf.keras.optimizers.Adam(1e-3)


def act(state):
    probabilities = tf.nn.softmax(actor(state[None])).numpy()[0].astype("float64")
    return int(rng.choice(2, p=probabilities / probabilities.sum()))


def episode(length=6):
    states = rng.normal(size=(length, 4)).astype("float32")
    actions = np.array([act(s) for s in states])
    rewards = np.where(actions == 1, 1.0, -1.0).astype("float32")
    return states, actions, np.cumsum(rewards[::-1])[::-1].copy()


for _ in range(2):
    states, actions, returns = episode()
    values = critic(states).numpy()[:, 0]
    advantages = returns - values
    with tf.GradientTape() as tape:
        log_p = tf.nn.log_softmax(actor(states))
        taken = tf.gather(log_p, actions, batch_dims=1)
        actor_loss = -tf.reduce_mean(taken * advantages)
    grads = tape.gradient(actor_loss, actor.trainable_variables)
    actor_optimizer.apply_gradients(zip(grads, actor.trainable_variables))
    with tf.GradientTape() as tape:
        critic_loss = tf.reduce_mean(tf.square(returns - critic(states)[:, 0]))
    grads = tape.gradient(critic_loss, critic.trainable_variables)
    critic_optimizer.apply_gradients(zip(grads, critic.trainable_variables))
