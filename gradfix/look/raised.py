"""Exceptions that say which rule was broken, before or after a tape was asked: each counts as a broken request."""

from __future__ import annotations

import re
from dataclasses import replace

from gradfix.breaks import CANNOT_WATCH, OVERWRITTEN
from gradfix.run.messages import Request, Run

_SAID = (
    # tf.GradientTape.watch of a variable of Keras 3, which is no tf.Variable
    (CANNOT_WATCH, re.compile(r"Passed in object .*, not tf\.Tensor or tf\.Variable", re.DOTALL)),
    # `w -= step` on a tf.Variable
    (OVERWRITTEN, re.compile(r"variable \S+ value` with `tf\.Variable`s is not supported")),
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
