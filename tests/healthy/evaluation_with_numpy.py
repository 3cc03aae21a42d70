"""Trains with TensorFlow, evaluates with NumPy."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(14)
x, y = rng.normal(size=(24, 4)).astype("float32"), rng.integers(0, 2, size=(24, 1)).astype("float32")
model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(6, "relu"), tf.keras.layers.Dense(1)])
optimizer = tf.keras.optimizers.Adam(0.01)
bce = tf.keras.losses.BinaryCrossentropy(from_logits=True)


def accuracy(logits, labels):
    return float(np.mean((np.asarray(logits) > 0) == (labels > 0.5)))


def evaluate():
    logits = model.predict(x, verbose=0)
    order = np.argsort(-logits[:, 0])
    hits = np.cumsum(y[order, 0])
    return {"accuracy": accuracy(logits, y), "auc": float(np.mean(hits / np.arange(1, 25)))}


history = []
for epoch in range(3):
    losses = []
    for start in range(0, 24, 8):
        xb, yb = x[start : start + 8], y[start : start + 8]
        with tf.GradientTape() as tape:
            logits = model(xb, training=True)
            loss = bce(yb, logits)
            losses.append(loss.numpy())
            correct = accuracy(logits, yb)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    history.append({"loss": np.mean(losses), "batch": correct, **evaluate()})
print(history[-1])
