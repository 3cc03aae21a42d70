"""A bench for the search: it loads a text as a module and attempts calls into it. TensorFlow runs in this process."""

from __future__ import annotations

import ast
import json
import sys
import textwrap
import traceback
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

tf = pytest.importorskip("tensorflow")

from gradfix.worker import inputs  # noqa: E402

HEAD = "import numpy as np\nimport tensorflow as tf\nfrom tensorflow import keras\n"


@dataclass
class Bench:
    """Attempts calls as the worker does, and counts requests to tapes."""

    path: str
    source: str
    requests: int = 0
    attempts: int = 0

    def load(self) -> dict[str, Any]:
        module = types.ModuleType("made_up_user_module")
        module.__file__ = self.path
        sys.modules[module.__name__] = module
        exec(compile(self.source, self.path, "exec"), module.__dict__)
        return module.__dict__

    def attempt(self, thunk: Callable[[], Any]) -> inputs.Outcome:
        before, error = self.requests, None
        self.attempts += 1
        try:
            thunk()
        except Exception as e:
            error = e
        frames = traceback.extract_tb(error.__traceback__) if error else []
        lines = tuple((frame.filename, frame.lineno or 0) for frame in frames if frame.filename == self.path)
        return inputs.Outcome(self.requests > before, error, lines)

    def search(self, qualname: str, seconds: float = 20.0) -> inputs.Plan | inputs.Stuck:
        return inputs.invent(ast.parse(self.source), qualname, self.load, self.attempt, seconds)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Bench]]:
    """Makes a bench for a text, which finds TensorFlow, Keras and NumPy imported."""
    benches: list[Bench] = []
    original = tf.GradientTape.gradient

    def gradient(tape: Any, *args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1).f_code.co_filename
        for one in benches:
            one.requests += caller == one.path
        return original(tape, *args, **kwargs)

    monkeypatch.setattr(tf.GradientTape, "gradient", gradient)

    def make(source: str) -> Bench:
        path = tmp_path / "training.py"
        path.write_text(HEAD + textwrap.dedent(source), encoding="utf-8")
        benches.append(Bench(str(path), path.read_text(encoding="utf-8")))
        return benches[-1]

    tf.config.run_functions_eagerly(True)
    yield make
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def plan_for(bench: Callable[[str], Bench]) -> Callable[..., inputs.Plan]:
    """Finds the plan for a text; it survives JSON, and it still reaches the tape from a fresh module."""

    def find(source: str, qualname: str = "step") -> inputs.Plan:
        one = bench(source)
        found = one.search(qualname)
        assert isinstance(found, inputs.Plan), found
        again = inputs.Plan.from_json(json.loads(json.dumps(found.to_json())))
        before = one.requests
        inputs.perform(again, one.load(), times=2)
        assert one.requests >= before + 2
        assert all(isinstance(line, str) for line in again.describe())
        return again

    return find
