"""The whole test of a codemod: one line for a rewrite, one for a no-op."""

from gradfix_example.rounded_prediction import RoundedPrediction

from gradfix.testing import check_noop, check_rewrite


def test_rounded_prediction() -> None:
    check_rewrite(RoundedPrediction(), "loss = tf.square(«tf.round(p)» - y)\n", "loss = tf.square(p - y)\n")
    check_noop(RoundedPrediction(), "loss = tf.square(«tf.round(p, name='r')» - y)\n")
