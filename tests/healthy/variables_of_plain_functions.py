"""Functional style: gradients of a dictionary of variables, updates in a helper."""

import tensorflow as tf


def init(width):
    return {"kernel": tf.Variable(tf.random.normal((3, width))), "bias": tf.Variable(tf.zeros((width,)))}


def forward(parameters, x):
    return tf.nn.relu(tf.matmul(x, parameters["kernel"]) + parameters["bias"])


def update(parameters, gradients, rate):
    for name, gradient in gradients.items():
        parameters[name].assign_sub(rate * gradient)


def loss_of(parameters, x, y):
    return tf.reduce_mean(tf.square(forward(parameters, x) - y))


parameters = init(2)
x, y = tf.random.normal((10, 3)), tf.random.uniform((10, 2))
for _ in range(3):
    with tf.GradientTape() as tape:
        loss = loss_of(parameters, x, y)
    update(parameters, tape.gradient(loss, parameters), 0.1)
