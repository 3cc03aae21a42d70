"""The breaks that a text alone can show: a code, a rule and the words for each.

Codes and rules are those of the codemods that would mend them, or of the advice that is given where none can.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of suspect. `words` go on from the expression: "`np.mean(error)` leaves TensorFlow"."""

    code: str
    rule: str
    words: str

    @property
    def advice(self) -> bool:
        """Whether no codemod mends it."""
        return self.code >= "GF200"


@dataclass(frozen=True)
class Suspect:
    """A break guessed from the text. Lines count from 1, columns from 1 in characters; the end column is exclusive."""

    code: str
    rule: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str


OUTSIDE = Kind("GF101", "loss-outside-tape", "runs while the tape does not record")
CACHED = Kind("GF121", "forward-cached-in-build", "is made of variables once, before the tape, and kept")
WHERE = Kind("GF102", "numpy-where", "leaves TensorFlow, where no tape can follow")
NUMPY = Kind("GF104", "numpy-on-path", "leaves TensorFlow, where no tape can follow")
TO_NUMPY = Kind("GF105", "numpy-method", "leaves TensorFlow, where no tape can follow")
PREDICT = Kind("GF106", "predict-as-forward-pass", "gives NumPy arrays, which no tape follows")
AROUND = Kind("GF107", "variable-around-tensor", "makes a new variable, which does not depend on the tensor")
PYTHON = Kind("GF108", "python-function-around-numpy", "hides from the tape what the Python function does")
STOPPED = Kind("GF103", "stray-stop-gradient", "stops the gradient")
STRAIGHT = Kind("GF120", "straight-through-operands", "stops the gradient of what the loss is to train")
UNWATCHED = Kind("GF109", "source-not-watched", "is a source that the tape does not watch")
RECOMPUTED = Kind("GF110", "source-recomputed", "is not what the target was computed from")
USED_UP = Kind("GF111", "tape-not-persistent", "asks a tape that has already given its one answer")
SWAPPED = Kind("GF112", "gradient-arguments-swapped", "asks for the variables' gradient by the loss")
PAIRS = Kind("GF113", "zip-swapped", "pairs variables with gradients, not gradients with variables")
OTHERS = Kind("GF114", "wrong-variables", "is not what the target was computed with")
APPLIED = Kind("GF100", "applied-to-other-variables", "asks for other variables than the gradients are applied to")
UNBUILT = Kind("GF114", "wrong-variables", "lists the variables of a model that has none yet")
MOVING = Kind("GF114", "wrong-variables", "asks for variables that do not train, which have no gradient")
OVERWRITTEN = Kind("GF115", "variable-overwritten", "replaces the variable by a tensor that the tape does not watch")
INTEGER = Kind("GF116", "integer-source", "is a source of integers, which have no gradient")
TO_INTEGER = Kind("GF117", "prediction-cast-to-labels", "makes integers, which have no gradient")
LAST_ONLY = Kind("GF118", "loss-overwritten-in-loop", "keeps only the last of the losses of the loop")
FROZEN = Kind("GF119", "layer-frozen", "takes the variables that the gradient is asked for out of training")
WRONG_TAPE = Kind("GF122", "wrong-tape", "asks another tape than the one that recorded the target")
PAUSED = Kind("GF123", "recording-stopped", "runs while the tape's recording is stopped")
COMPARISON = Kind("GF204", "threshold", "is a comparison, which has no gradient")
ROUNDING = Kind("GF203", "rounded-value", "moves in steps and has no gradient")
CHOICE = Kind("GF201", "choice-of-an-index", "chooses among indices and has no gradient")
SAMPLING = Kind("GF202", "sampled-value", "draws samples, through which no gradient goes")
METRIC = Kind("GF205", "metric-as-loss", "is a metric, which has no gradient")
ASSIGNED = Kind("GF207", "weights-assigned", "assigns to a variable, through which no gradient goes")
