"""Variables, assign_sub, and a history in NumPy."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(25)
x = rng.uniform(-1, 1, 50).astype("float32")
y = (3 * x + 2 + 0.1 * rng.normal(size=50)).astype("float32")
w, b = tf.Variable(0.0), tf.Variable(0.0)
rate = 0.1
history = {"w": [], "b": [], "loss": []}

for epoch in range(5):
    with tf.GradientTape() as tape:
        error = y - (w * x + b)
        loss = tf.reduce_mean(error**2)
    dw, db = tape.gradient(loss, [w, b])
    w.assign_sub(rate * dw)
    b.assign_sub(rate * db)
    history["w"].append(w.numpy())
    history["b"].append(float(b))
    history["loss"].append(loss.numpy())
print(np.round(history["loss"], 3), int(epoch))
