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
