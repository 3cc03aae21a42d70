"""One network with two heads; the advantage is stopped where it weighs the policy."""

import tensorflow as tf
from tensorflow.keras import layers


class ActorCritic(tf.keras.Model):
    def __init__(self, actions, hidden):
        super().__init__()
        self.common = layers.Dense(hidden, activation="relu")
        self.actor = layers.Dense(actions)
        self.critic = layers.Dense(1)

    def call(self, inputs):
        x = self.common(inputs)
        return self.actor(x), self.critic(x)


model = ActorCritic(3, 8)
optimizer = tf.keras.optimizers.Adam(0.01)
huber = tf.keras.losses.Huber(reduction="sum")


def compute_loss(log_p, values, returns):
    advantage = tf.stop_gradient(returns - values)
    return -tf.reduce_sum(log_p * advantage) + huber(values, returns)


@tf.function
def train_step(states, actions, returns):
    with tf.GradientTape() as tape:
        logits, values = model(states)
        log_p = tf.gather(tf.nn.log_softmax(logits), actions, batch_dims=1)
        loss = compute_loss(log_p[:, None], values, returns[:, None])
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return loss


states = tf.random.normal((6, 4))
model(states)
for _ in range(2):
    train_step(states, tf.constant([0, 1, 2, 0, 1, 2]), tf.random.normal((6,)))
