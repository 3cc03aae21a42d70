"""What the quick fix of a rule is called before a run has shown how it reads in this file."""

from __future__ import annotations

from gradfix.rules import rule_called
from gradfix.values import Basis, Finding, Fix

TITLES = {
    "applied-to-other-variables": "Ask for the gradients of the variables that they are applied to",
    "loss-outside-tape": "Move the loss into the tape",
    "numpy-where": "Use `tf.where`",
    "stray-stop-gradient": "Take `stop_gradient` away",
    "numpy-on-path": "Compute with TensorFlow in the place of NumPy",
    "numpy-method": "Keep the tensor in the place of its value",
    "predict-as-forward-pass": "Call the model in the place of `predict`",
    "variable-around-tensor": "Use the tensor without `tf.Variable` around it",
    "python-function-around-numpy": "Compute with TensorFlow in the place of a Python function",
    "source-not-watched": "Have the tape watch the source",
    "source-recomputed": "Ask for the gradient of the tensor that is computed with",
    "tape-not-persistent": "Make the tape persistent",
    "gradient-arguments-swapped": "Change target and sources round",
    "zip-swapped": "Pair gradients with variables",
    "wrong-variables": "Ask for the variables that the loss depends on",
    "variable-overwritten": "Assign to the variable in the place of replacing it",
    "integer-source": "Make the source of floats",
    "prediction-cast-to-labels": "Leave the prediction as it is, and cast the labels",
    "loss-overwritten-in-loop": "Add up the losses of the loop",
    "layer-frozen": "Train what is asked for",
    "straight-through-operands": "Put `stop_gradient` on the other side",
    "forward-cached-in-build": "Compute the tensor at each call",
    "wrong-tape": "Ask the tape that recorded",
    "recording-stopped": "Record the steps that lead to the target",
    "keras-variable-watched": "Watch no variable of Keras",
    "array-filled-by-item": "Keep the items tensors",
    "minimize-without-tape": "Record the loss with a tape",
    "state-read-back": "Go on with the tensor that the variable is given",
    "variable-made-in-step": "Use what was made once, and make nothing new at each step",
}


def title_of(finding: Finding) -> str:
    """The title of a finding's quick fix; "" where there is none."""
    rule = rule_called(finding.rule)
    if finding.fix in (Fix.PROVED, Fix.UNSAFE):
        title = finding.help
    elif finding.basis is Basis.RUN or rule is None or not rule.mends:
        return ""
    else:
        title = TITLES.get(rule.name) or f"Mend what was found: {rule.summary}"
    return f"{title} (gradfix {finding.rule})"
