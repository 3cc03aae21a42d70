"""Labels the rest of the data with the model itself, and trains on what it is sure of."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(13)
model = tf.keras.Sequential([tf.keras.Input((5,)), tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(3)])
optimizer = tf.keras.optimizers.Adam(1e-2)
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
x, y = rng.normal(size=(12, 5)).astype("float32"), rng.integers(0, 3, size=12)
rest = rng.normal(size=(20, 5)).astype("float32")

for round_ in range(2):
    probabilities = tf.nn.softmax(model.predict(rest, verbose=0)).numpy()
    sure = np.max(probabilities, axis=1) > 0.3
    labels = np.argmax(probabilities, axis=1)
    inputs = np.concatenate([x, rest[sure]])
    targets = np.concatenate([y, labels[sure]])
    with tf.GradientTape() as tape:
        loss = loss_fn(targets, model(inputs, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    print(round_, int(sure.sum()), float(loss))
