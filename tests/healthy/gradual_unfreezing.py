"""First the head alone, then the whole model."""

import numpy as np
from tensorflow import GradientTape, keras

rng = np.random.default_rng(29)
backbone = keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(4)])
head = keras.layers.Dense(2)
model = keras.Sequential([backbone, head])
model.build((None, 6))
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
x, y = rng.normal(size=(12, 6)).astype("float32"), rng.integers(0, 2, size=12)


def train(optimizer, steps):
    for _ in range(steps):
        with GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return float(loss)


backbone.trainable = False
print(train(keras.optimizers.Adam(1e-2), 2))
backbone.trainable = True
print(train(keras.optimizers.Adam(1e-4), 2))
