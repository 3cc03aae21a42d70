"""One persistent tape is asked twice and then deleted."""

import tensorflow as tf

shared = tf.keras.layers.Dense(6, activation="relu")
one, two = tf.keras.layers.Dense(1), tf.keras.layers.Dense(1)
first, second = tf.keras.optimizers.Adam(1e-3), tf.keras.optimizers.Adam(1e-3)
x = tf.random.normal((8, 4))
for layer, shape in ((shared, (None, 4)), (one, (None, 6)), (two, (None, 6))):
    layer.build(shape)

with tf.GradientTape(persistent=True) as tape:
    hidden = shared(x)
    loss_one = tf.reduce_mean(tf.square(one(hidden) - 1.0))
    loss_two = tf.reduce_mean(tf.abs(two(tf.stop_gradient(hidden))))
variables_one = shared.trainable_variables + one.trainable_variables
first.apply_gradients(zip(tape.gradient(loss_one, variables_one), variables_one))
second.apply_gradients(zip(tape.gradient(loss_two, two.trainable_variables), two.trainable_variables))
del tape
