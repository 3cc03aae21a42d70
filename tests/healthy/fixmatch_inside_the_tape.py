"""FixMatch: weak views give labels by argmax and a mask by a threshold, all inside the tape."""

import tensorflow as tf

THRESHOLD = 0.4
net = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(3)])
optimizer = tf.keras.optimizers.SGD(0.05)
scce = tf.keras.losses.sparse_categorical_crossentropy


@tf.function
def step(x, y, unlabelled):
    with tf.GradientTape() as tape:
        supervised = tf.reduce_mean(scce(y, net(x, training=True), from_logits=True))
        weak = tf.nn.softmax(net(unlabelled + 0.01))
        labels = tf.argmax(weak, axis=-1)
        mask = tf.cast(tf.reduce_max(weak, axis=-1) > THRESHOLD, tf.float32)
        strong = net(unlabelled + tf.random.normal(tf.shape(unlabelled)), training=True)
        unsupervised = tf.reduce_mean(mask * scce(labels, strong, from_logits=True))
        loss = supervised + unsupervised
    grads = tape.gradient(loss, net.trainable_variables)
    optimizer.apply_gradients(zip(grads, net.trainable_variables))
    return loss


print(float(step(tf.random.normal((6, 4)), tf.constant([0, 1, 2, 0, 1, 2]), tf.random.normal((9, 4)))))
