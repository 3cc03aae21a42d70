"""DDPG: the actor is trained through the critic, the critic on targets of slow copies."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Model, layers


def make_actor():
    state = Input((3,))
    return Model(state, layers.Dense(1, activation="tanh")(layers.Dense(8, activation="relu")(state)))


def make_critic():
    state, action = Input((3,)), Input((1,))
    joined = layers.Concatenate()([state, action])
    return Model([state, action], layers.Dense(1)(layers.Dense(8, activation="relu")(joined)))


actor, critic, slow_actor, slow_critic = make_actor(), make_critic(), make_actor(), make_critic()
slow_actor.set_weights(actor.get_weights())
slow_critic.set_weights(critic.get_weights())
actor_optimizer, critic_optimizer = tf.keras.optimizers.Adam(1e-3), tf.keras.optimizers.Adam(2e-3)


def update(states, actions, rewards, following):
    with tf.GradientTape() as tape:
        goal = rewards + 0.99 * slow_critic([following, slow_actor(following)])
        error = tf.reduce_mean(tf.square(goal - critic([states, actions])))
    grads = tape.gradient(error, critic.trainable_variables)
    critic_optimizer.apply_gradients(zip(grads, critic.trainable_variables))
    with tf.GradientTape() as tape:
        worth = -tf.reduce_mean(critic([states, actor(states)]))
    grads = tape.gradient(worth, actor.trainable_variables)
    actor_optimizer.apply_gradients(zip(grads, actor.trainable_variables))
    for slow, fast in ((slow_actor, actor), (slow_critic, critic)):
        for s, f in zip(slow.variables, fast.variables):
            s.assign(0.01 * f + 0.99 * s)


rng = np.random.default_rng(11)
for _ in range(2):
    s, n = (rng.normal(size=(6, 3)).astype("float32") for _ in range(2))
    update(s, actor(s).numpy() + 0.1, rng.normal(size=(6, 1)).astype("float32"), n)
