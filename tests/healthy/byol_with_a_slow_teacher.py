"""BYOL: a slow copy gives the targets and follows the fast one."""

import tensorflow as tf
from tensorflow import keras


def network():
    return keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3)])


class BYOL:
    def __init__(self, tau=0.99):
        self.online, self.target, self.predictor = network(), network(), keras.layers.Dense(3)
        self.predictor.build((None, 3))
        self.target.set_weights(self.online.get_weights())
        self.optimizer = keras.optimizers.Adam(1e-3)
        self.tau = tau

    def step(self, one, two):
        projected = tf.math.l2_normalize(self.target(two), axis=-1)
        with tf.GradientTape() as tape:
            predicted = tf.math.l2_normalize(self.predictor(self.online(one)), axis=-1)
            loss = 2 - 2 * tf.reduce_mean(tf.reduce_sum(predicted * projected, axis=-1))
        variables = self.online.trainable_variables + self.predictor.trainable_variables
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply_gradients(zip(gradients, variables))
        for slow, fast in zip(self.target.weights, self.online.weights):
            slow.assign(self.tau * slow + (1 - self.tau) * fast)
        return float(loss)


if __name__ == "__main__":
    byol = BYOL()
    for _ in range(3):
        print(byol.step(tf.random.normal((5, 6)), tf.random.normal((5, 6))))
