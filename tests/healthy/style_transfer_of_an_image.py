"""Optimises an image that is a variable, and clips it by assignment."""

import numpy as np
import tensorflow as tf

extractor = tf.keras.Sequential([tf.keras.Input((8, 8, 3)), tf.keras.layers.Conv2D(4, 3, activation="relu")])
extractor.trainable = False
rng = np.random.default_rng(24)
content, style = (tf.constant(rng.uniform(size=(1, 8, 8, 3)), tf.float32) for _ in range(2))


def gram(features):
    flat = tf.reshape(features, (-1, features.shape[-1]))
    return tf.matmul(flat, flat, transpose_a=True) / tf.cast(tf.shape(flat)[0], tf.float32)


wanted_content, wanted_style = extractor(content), gram(extractor(style))
image = tf.Variable(content)
optimizer = tf.keras.optimizers.Adam(0.02)

for step in range(3):
    with tf.GradientTape() as tape:
        features = extractor(image)
        loss = tf.reduce_mean((features - wanted_content) ** 2) + tf.reduce_mean((gram(features) - wanted_style) ** 2)
    gradient = tape.gradient(loss, image)
    optimizer.apply_gradients([(gradient, image)])
    image.assign(tf.clip_by_value(image, 0.0, 1.0))
print(float(loss))
