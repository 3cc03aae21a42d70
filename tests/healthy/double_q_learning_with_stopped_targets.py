"""Double DQN in one function: the targets are stopped inside the tape."""

import tensorflow as tf

online = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(4)])
target = tf.keras.models.clone_model(online)
optimizer = tf.keras.optimizers.Adam(1e-3)


@tf.function
def train_step(states, actions, rewards, following, done):
    with tf.GradientTape() as tape:
        best = tf.argmax(online(following), axis=1)
        value = tf.gather(target(following), best, batch_dims=1)
        goal = tf.stop_gradient(rewards + 0.99 * (1.0 - done) * value)
        q = tf.gather(online(states), actions, batch_dims=1)
        loss = tf.reduce_mean(tf.square(goal - q))
    grads = tape.gradient(loss, online.trainable_variables)
    optimizer.apply_gradients(zip([tf.clip_by_norm(g, 1.0) for g in grads], online.trainable_variables))
    return loss


states = tf.random.normal((5, 3))
loss = train_step(states, tf.constant([0, 1, 2, 3, 0]), tf.ones((5,)), states, tf.zeros((5,)))
print(float(loss))
