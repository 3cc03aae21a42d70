"""MAML with weights as tensors; the inner gradients are stopped."""

import tensorflow as tf

w = tf.Variable(tf.random.normal((2, 1)), name="w")
b = tf.Variable(tf.zeros((1,)), name="b")
optimizer = tf.keras.optimizers.Adam(1e-2)


def predict(x, weights):
    return tf.matmul(x, weights[0]) + weights[1]


def mse(y, p):
    return tf.reduce_mean(tf.square(y - p))


for _ in range(2):
    tasks = [(tf.random.normal((4, 2)), tf.random.normal((4, 1))) for _ in range(3)]
    with tf.GradientTape() as outer:
        total = 0.0
        for x, y in tasks:
            with tf.GradientTape() as inner:
                loss = mse(y, predict(x, [w, b]))
            slopes = inner.gradient(loss, [w, b])
            fast = [v - 0.1 * tf.stop_gradient(s) for v, s in zip([w, b], slopes)]
            total += mse(y, predict(x, fast))
    gradients = outer.gradient(total, [w, b])
    optimizer.apply_gradients(zip(gradients, [w, b]))
