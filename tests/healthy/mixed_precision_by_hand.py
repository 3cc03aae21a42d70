"""Half-precision inputs, casts between floats, a loss scale that is taken back."""

import tensorflow as tf

SCALE = 128.0
model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(6, "relu"), tf.keras.layers.Dense(1)])
optimizer = tf.keras.optimizers.SGD(0.01)


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        out = tf.cast(model(tf.cast(x, tf.float32), training=True), tf.float16)
        difference = tf.cast(out, tf.float32) - tf.cast(y, tf.float32)
        loss = tf.reduce_mean(tf.square(difference))
        scaled = loss * SCALE
    gradients = [g / SCALE for g in tape.gradient(scaled, model.trainable_variables)]
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


x = tf.cast(tf.random.normal((8, 4)), tf.float16)
print(float(train_step(x, tf.constant([[0], [1], [1], [0], [1], [0], [0], [1]]))))
