"""Features of a frozen encoder are computed once with predict; the head alone learns."""

import numpy as np
from tensorflow import keras
import tensorflow as tf

rng = np.random.default_rng(33)
encoder = keras.Sequential([keras.Input((10,)), keras.layers.Dense(4, activation="relu")])
encoder.trainable = False
head = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
x, y = rng.normal(size=(20, 10)).astype("float32"), rng.normal(size=(20, 1)).astype("float32")
features = encoder.predict(x, verbose=0)
features = (features - np.mean(features, axis=0)) / (np.std(features, axis=0) + 1e-6)
optimizer = keras.optimizers.Adam(1e-2)

for _ in range(3):
    with tf.GradientTape() as tape:
        noise = np.random.normal(0, 0.01, features.shape).astype("float32")
        loss = tf.reduce_mean(tf.square(head(features + noise) - y))
    gradients = tape.gradient(loss, head.trainable_variables)
    optimizer.apply_gradients(zip(gradients, head.trainable_variables))
