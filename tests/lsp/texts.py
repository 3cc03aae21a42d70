"""Training steps that lose their gradient."""

BROKEN = """\
import tensorflow as tf

w = tf.Variable(2.0)
with tf.GradientTape() as tape:
    y = w * 3.0
loss = tf.square(y)
grads = tape.gradient(loss, [w])
"""
ROUNDED = BROKEN.replace("loss = tf.square(y)", "    loss = tf.round(y)")
HELPER = """\
import tensorflow as tf


def error(y):
    return tf.square(y.numpy())
"""
USES_HELPER = """\
import helper
import tensorflow as tf

w = tf.Variable(2.0)
with tf.GradientTape() as tape:
    y = helper.error(w * 3.0)
loss = tf.square(y)
grads = tape.gradient(loss, [w])
"""
"""It has to be mended in both files."""
HOPELESS = """\
import numpy as np
import tensorflow as tf

w = tf.Variable(2.0)
with tf.GradientTape() as tape:
    y = np.interp(w.numpy(), [0.0, 1.0], [1.0, 2.0])
    loss = tf.square(y)
grads = tape.gradient(loss, [w])
"""
UNSAFE = """\
import tensorflow as tf

w = tf.Variable(2.0)
u = tf.Variable(3.0)
with tf.GradientTape() as tape:
    pulled = tf.stop_gradient(w * u)
    loss = tf.square(u) + pulled
grads = tape.gradient(loss, [w, u])
"""
"""To mend it changes the gradient of `u`, which is there."""
HELPED = USES_HELPER.replace("loss =", "    loss =")
"""The mistake lies in the helper alone."""
