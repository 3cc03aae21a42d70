"""Adversarial examples: the watched image is the source."""

import numpy as np
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input((6, 6, 1)), tf.keras.layers.Flatten(), tf.keras.layers.Dense(3)])
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def attack(image, label, epsilon=0.1):
    image = tf.convert_to_tensor(image, dtype=tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = loss_fn(label, model(image))
    gradient = tape.gradient(loss, image)
    return tf.clip_by_value(image + epsilon * tf.sign(gradient), 0.0, 1.0)


images = np.random.default_rng(22).uniform(size=(5, 6, 6, 1)).astype("float32")
labels = np.array([0, 1, 2, 1, 0])
adversarial = attack(images, labels)
before = np.argmax(model.predict(images, verbose=0), axis=1)
after = np.argmax(model(adversarial).numpy(), axis=1)
print("changed", int(np.sum(before != after)))
