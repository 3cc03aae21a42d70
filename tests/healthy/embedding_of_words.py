"""Integer ids are looked up; the ids get no gradient and none is asked for."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(32)
embedding = tf.keras.layers.Embedding(30, 6)
head = tf.keras.layers.Dense(2)
ids = rng.integers(0, 30, size=(8, 5))
labels = rng.integers(0, 2, size=8)
head(tf.reduce_mean(embedding(ids), axis=1))
optimizer = tf.keras.optimizers.Adam(1e-2)
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)

for _ in range(2):
    with tf.GradientTape() as tape:
        mask = tf.cast(tf.not_equal(ids, 0), tf.float32)[..., None]
        pooled = tf.reduce_sum(embedding(ids) * mask, axis=1) / tf.maximum(tf.reduce_sum(mask, axis=1), 1.0)
        logits = head(pooled)
        loss = loss_fn(labels, logits)
    weights = embedding.trainable_weights + head.trainable_weights
    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
    print(float(loss), np.mean(np.argmax(logits.numpy(), 1) == labels))
