"""A student learns from a teacher that only predicts."""

import tensorflow as tf
from tensorflow import keras


class Distiller(keras.Model):
    def __init__(self, student, teacher):
        super().__init__()
        self.student, self.teacher = student, teacher

    def compile(self, optimizer, student_loss, distillation_loss, alpha=0.1, temperature=3):
        super().compile(optimizer=optimizer)
        self.student_loss, self.distillation_loss = student_loss, distillation_loss
        self.alpha, self.temperature = alpha, temperature

    def train_step(self, data):
        x, y = data
        teacher_logits = self.teacher(x, training=False)
        with tf.GradientTape() as tape:
            logits = self.student(x, training=True)
            hard = self.student_loss(y, logits)
            soft = self.distillation_loss(
                tf.nn.softmax(teacher_logits / self.temperature), tf.nn.softmax(logits / self.temperature)
            )
            loss = self.alpha * hard + (1 - self.alpha) * soft * self.temperature**2
        variables = self.student.trainable_variables
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply_gradients(zip(gradients, variables))
        return {"loss": loss}


teacher = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(3)])
student = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)])
distiller = Distiller(student, teacher)
distiller.compile(
    keras.optimizers.Adam(), keras.losses.SparseCategoricalCrossentropy(from_logits=True), keras.losses.KLDivergence()
)
x = tf.random.normal((12, 6))
distiller.fit(x, tf.zeros((12,), tf.int32), epochs=1, verbose=0)
