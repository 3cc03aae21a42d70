"""Metric learning with hard negatives that are chosen by argmin on stopped distances."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(27)
embed = tf.keras.Sequential([tf.keras.Input((5,)), tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(3)])
optimizer = tf.keras.optimizers.Adam(1e-3)


def hardest(anchors, others):
    distances = tf.norm(anchors[:, None] - others[None], axis=-1)
    index = tf.argmin(tf.stop_gradient(distances), axis=1)
    return tf.gather(others, index)


@tf.function
def step(anchor, positive, pool, margin=0.2):
    with tf.GradientTape() as tape:
        a, p, others = embed(anchor), embed(positive), embed(pool)
        n = hardest(a, others)
        near = tf.reduce_sum(tf.square(a - p), axis=-1)
        far = tf.reduce_sum(tf.square(a - n), axis=-1)
        loss = tf.reduce_mean(tf.maximum(near - far + margin, 0.0))
    grads = tape.gradient(loss, embed.trainable_variables)
    optimizer.apply_gradients(zip(grads, embed.trainable_variables))
    return loss


batch = rng.normal(size=(6, 5)).astype("float32")
print(float(step(batch, batch + 0.01, rng.normal(size=(9, 5)).astype("float32"))))
