"""Grad-CAM: the source is the output of an inner layer, which the tape has recorded."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

inputs = keras.Input((8, 8, 1))
features = keras.layers.Conv2D(4, 3, activation="relu", name="last_conv")(inputs)
outputs = keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D()(features))
model = keras.Model(inputs, outputs)


def heatmap(images, model, layer):
    grad_model = keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        activations, predictions = grad_model(images)
        best = tf.argmax(predictions[0])
        score = predictions[:, best]
    gradients = tape.gradient(score, activations)
    weights = tf.reduce_mean(gradients, axis=(0, 1, 2))
    found = tf.squeeze(activations[0] @ weights[..., None])
    return (tf.maximum(found, 0) / (tf.reduce_max(found) + 1e-8)).numpy()


picture = np.random.default_rng(23).uniform(size=(1, 8, 8, 1)).astype("float32")
print(heatmap(picture, model, "last_conv").shape)
