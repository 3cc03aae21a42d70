"""Updates metrics and rounds predictions for logging, under the tape."""

import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(3)])
optimizer = tf.keras.optimizers.Adam()
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
mean_loss = tf.keras.metrics.Mean()
accuracy = tf.keras.metrics.SparseCategoricalAccuracy()
x, y = tf.random.normal((30, 4)), tf.random.uniform((30,), 0, 3, tf.int32)
dataset = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(30).batch(10)


@tf.function
def train_step(images, labels):
    with tf.GradientTape() as tape:
        logits = model(images, training=True)
        loss = loss_fn(labels, logits)
        predicted = tf.argmax(logits, axis=-1, output_type=tf.int32)
        error_rate = tf.reduce_mean(tf.cast(predicted != labels, tf.float32))
        accuracy.update_state(labels, logits)
        mean_loss(loss)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return error_rate


for epoch in range(2):
    mean_loss.reset_state()
    for images, labels in dataset:
        rate = train_step(images, labels)
    print(epoch, float(mean_loss.result()), float(accuracy.result()), float(rate))
