"""What tests of wrapped expressions share: what a program does, as it is written and with its expressions wrapped."""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import re
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gradfix.worker import sites as words
from gradfix.worker.instrument import instrument
from gradfix.worker.overlay import Texts
from gradfix.worker.sites import Sites

PATH = "program.py"
OURS = {value for name, value in vars(words).items() if name.isupper() and isinstance(value, str)}
OURS = {name for name in OURS if name.startswith("__gf_")}


@dataclass(frozen=True)
class Effect:
    """What a program did: what it printed, the names that it left, and how it failed."""

    printed: str
    names: dict[str, str]
    failure: list[str]


def effect(run: Callable[[dict[str, Any]], None]) -> Effect:
    """Runs a program in a new namespace."""
    names: dict[str, Any] = {"__name__": "program"}
    printed, failure = io.StringIO(), []
    with contextlib.redirect_stdout(printed):
        try:
            run(names)
        except Exception as e:
            frames = traceback.extract_tb(e.__traceback__)
            failure = [f"{f.name}:{f.lineno}" for f in frames if f.filename == PATH]
            failure.append(f"{type(e).__name__}: {e}")
    for name in OURS if failure else ():  # a statement that failed half-way may leave a name that it holds
        names.pop(name, None)
    plain = (bool, int, float, str, tuple, list, dict, set, type(None), bytes)
    kept = {
        k: re.sub(" at 0x[0-9a-f]+", "", repr(v)) if isinstance(v, plain) else type(v).__name__
        for k, v in names.items()
        if k != "__builtins__"
    }
    return Effect(printed.getvalue(), kept, failure)


def as_written(text: str) -> Effect:
    """What a program does."""
    return effect(lambda names: exec(compile(text, PATH, "exec", dont_inherit=True), names))


Tracing = Callable[..., Effect]


@pytest.fixture(scope="session")
def tracing() -> Tracing:
    """Gives a function that runs a program with its expressions wrapped, the tracer's window open or still closed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tensorflow.python.eager.backprop import GradientTape

        from gradfix.worker.trace import Tracer

    methods = {name: GradientTape.__dict__[name] for name in ("_push_tape", "_pop_tape", "watch", "stop_recording")}

    def traced(text: str, is_open: bool = True) -> Effect:
        sites = Sites()
        tracer = Tracer(sites)
        texts = Texts({PATH: text}, lambda path: True, lambda tree, path: instrument(tree, path, sites))
        code = texts.code(PATH)
        tracer.install()
        if is_open:
            tracer.start()
        try:
            return effect(lambda names: exec(code, names))
        finally:
            if is_open:
                tracer.stop()
            for name, method in methods.items():
                setattr(GradientTape, name, method)
            for name in OURS & set(vars(builtins)):
                delattr(builtins, name)

    return traced
