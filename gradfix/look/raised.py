"""Exceptions that say which rule was broken, before or after a tape was asked: each counts as a broken request."""

from __future__ import annotations

import re
from dataclasses import replace

from gradfix.breaks import CANNOT_WATCH, NO_MINIMIZE, NO_TAPE, OVERWRITTEN
from gradfix.run.messages import Request, Run

_OPTIMIZERS = "SGD|Adam|AdamW|Adamax|Nadam|RMSprop|Adagrad|Adadelta|Adafactor|Ftrl|Lion|Lamb|Muon|LossScaleOptimizer"
_SAID = (
    # tf.GradientTape.watch of a variable of Keras 3, which is no tf.Variable
    (CANNOT_WATCH, re.compile(r"Passed in object .*, not tf\.Tensor or tf\.Variable", re.DOTALL)),
    # `w -= step` on a tf.Variable
    (OVERWRITTEN, re.compile(r"variable \S+ value` with `tf\.Variable`s is not supported")),
    # `minimize` of a tensor: Keras 2, TensorFlow 1; Keras 3 has no such method
    (NO_TAPE, re.compile("`tape` is required when a `Tensor` loss is passed")),
    (NO_TAPE, re.compile(r"`loss` passed to Optimizer\.compute_gradients should be a function")),
    (NO_MINIMIZE, re.compile(f"'({_OPTIMIZERS})' object has no attribute 'minimize'")),
)
_NONE_USED = re.compile(r"unsupported operand .*NoneType|None values not supported")


def with_raised(run: Run) -> Run:
    """The run, with a broken request behind its last one if it ended by such an exception in the user's code.

    Where it ended on a None, each gradient that is missing from its last request counts.
    """
    if run.trouble is None or not run.trouble.places:
        return run
    if run.requests and _NONE_USED.search(run.trouble.message) and run.requests[-1].missing:
        # even that of state which never trains: the code reckons with it
        return replace(run, requests=(*run.requests[:-1], replace(run.requests[-1], mispaired=True)))
    kind = next((kind for kind, words in _SAID if words.search(run.trouble.message)), "")
    if not kind:
        return run
    place = run.trouble.places[-1]
    last = run.requests[-1] if run.requests else _NONE
    broken = replace(
        last,
        index=last.index + 1,
        place=last.place or place,
        target={},
        sources=(),
        gradients=(),
        error=run.trouble.line,
        moved=(),
        zeros=(),
        raised=(kind, place),
    )
    return replace(run, requests=(*run.requests, broken))


_NONE = Request(-1, "", None, 0, -1, False, {}, (), (), "")
