"""SimSiam: one branch of each pair is stopped, by turns."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, losses, models, optimizers

rng = np.random.default_rng(4)
images = rng.normal(size=(16, 8)).astype("float32")
backbone = models.Sequential([layers.Input((8,)), layers.Dense(16, activation="relu"), layers.Dense(4)])
predictor = models.Sequential([layers.Input((4,)), layers.Dense(4, activation="relu"), layers.Dense(4)])
optimizer = optimizers.Adam(1e-3)


def distance(p, z):
    z = tf.stop_gradient(z)
    return losses.cosine_similarity(p, z, axis=-1)


def augment(batch):
    return batch + 0.1 * tf.random.normal(tf.shape(batch))


for _ in range(2):
    with tf.GradientTape() as tape:
        z1, z2 = backbone(augment(images)), backbone(augment(images))
        p1, p2 = predictor(z1), predictor(z2)
        loss = tf.reduce_mean(distance(p1, z2) / 2 + distance(p2, z1) / 2)
    variables = backbone.trainable_variables + predictor.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
