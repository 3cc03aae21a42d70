"""Adds gradients of small batches up before one update."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(31)
model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(3)])
optimizer = tf.keras.optimizers.SGD(0.1)
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
x, y = rng.normal(size=(16, 4)).astype("float32"), rng.integers(0, 3, 16)
held = [tf.Variable(tf.zeros_like(v), trainable=False) for v in model.trainable_variables]

for part in range(4):
    rows = slice(4 * part, 4 * part + 4)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(loss_fn(y[rows], model(x[rows], training=True))) / 16
    for h, g in zip(held, tape.gradient(loss, model.trainable_variables)):
        h.assign_add(g)
optimizer.apply_gradients(zip(held, model.trainable_variables))
for h in held:
    h.assign(tf.zeros_like(h))
