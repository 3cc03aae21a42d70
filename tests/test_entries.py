"""Ways into a file, through the whole of gradfix."""

from __future__ import annotations

from collections.abc import Callable

from gradfix.values import FileReport, Verdict

LOADED_WHILE_TRAINING = """\
import tensorflow as tf

tf.keras.utils.set_random_seed(3)
lower, upper = tf.Variable([[1.0], [2.0]]), tf.Variable(0.5)
sgd = tf.keras.optimizers.SGD(0.1)


def step(x):
    with tf.GradientTape() as tape:
        h = {hidden}
        loss = tf.reduce_mean(tf.square(h * upper - 1.0))
    grads = tape.gradient(loss, [lower, upper])
    sgd.apply_gradients(zip(grads, [lower, upper]))
    return loss


assert __name__ != "__main__"
for turn in range(3):
    step(tf.ones((4, 2)))
"""


def test_training_while_a_module_is_loaded_does_not_change_the_value_of_its_steps(
    repaired: Callable[..., FileReport],
) -> None:
    """A file whose script stops is loaded, and its step called: it must start from the same variables both times."""
    before, after = "tf.stop_gradient(x @ lower)", "x @ lower"
    report = repaired(LOADED_WHILE_TRAINING.format(hidden=before))
    assert report.verdict is Verdict.FIXED, report.reason
    assert list(report.patched.values()) == [LOADED_WHILE_TRAINING.format(hidden=after)]
