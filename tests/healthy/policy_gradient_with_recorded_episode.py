"""REINFORCE: the episode is played inside the tape, actions by NumPy."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(30)
policy = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(8, "tanh"), tf.keras.layers.Dense(2)])
optimizer = tf.keras.optimizers.Adam(1e-2)


def discounted(rewards, gamma=0.9):
    total, out = 0.0, []
    for reward in reversed(rewards):
        total = reward + gamma * total
        out.append(total)
    out = np.array(out[::-1], dtype="float32")
    return (out - out.mean()) / (out.std() + 1e-6)


for episode in range(2):
    log_probabilities, rewards = [], []
    state = rng.normal(size=4).astype("float32")
    with tf.GradientTape() as tape:
        for _ in range(5):
            logits = policy(state[None])
            p = tf.nn.softmax(logits).numpy()[0].astype("float64")
            action = rng.choice(2, p=p / p.sum())
            log_probabilities.append(tf.nn.log_softmax(logits)[0, action])
            rewards.append(float(action))
            state = rng.normal(size=4).astype("float32")
        returns = discounted(rewards)
        loss = -sum(lp * r for lp, r in zip(log_probabilities, returns))
    gradients = tape.gradient(loss, policy.trainable_variables)
    optimizer.apply_gradients(zip(gradients, policy.trainable_variables))
    print(episode, sum(rewards), loss.numpy())
