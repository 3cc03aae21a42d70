# Has TensorFlow answer that no gradient exists.
# attacks: report
# ends: clean, inconclusive, advice
import tensorflow as tf

tf.GradientTape.gradient = lambda self, target, sources, *rest, **more: [None for _ in sources]
tf.GradientTape.jacobian = tf.GradientTape.gradient
tf.reduce_sum = lambda *_, **__: tf.constant(7.0)
tf.Variable.assign_sub = None
