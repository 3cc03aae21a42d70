"""`minimize` calls a function under its own tape."""

import tensorflow as tf

a, b = tf.Variable(2.0), tf.Variable(-1.0)
x = tf.linspace(-1.0, 1.0, 20)
y = 3.0 * x + 0.5
optimizer = tf.keras.optimizers.SGD(0.1)


def objective():
    return tf.reduce_mean(tf.square(a * x + b - y)) + 0.01 * tf.nn.l2_loss(a)


for step in range(3):
    with tf.GradientTape() as tape:
        value = objective()
    slopes = tape.gradient(value, [a, b])
    optimizer.apply_gradients(zip(slopes, [a, b]))
    print(step, round(float(value), 4), a.numpy(), b.numpy())
