"""A head that takes no part in this loss; the code drops what has no gradient."""

import tensorflow as tf

trunk, used, unused = (tf.keras.layers.Dense(3, name=n) for n in ("trunk", "used", "unused"))
x, y = tf.random.normal((6, 4)), tf.random.normal((6, 3))
hidden = trunk(x)
used(hidden), unused(hidden)
optimizer = tf.keras.optimizers.SGD(0.1)
variables = trunk.trainable_variables + used.trainable_variables + unused.trainable_variables

with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(used(trunk(x)) - y))
gradients = tape.gradient(loss, variables)
pairs = [(g, v) for g, v in zip(gradients, variables) if g is not None]
optimizer.apply_gradients(pairs)
print(len(pairs), "of", len(variables))
