"""What tests of tracing share: a program whose breaks are marked, run and traced on real TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from gradfix.breaks import Trace
from gradfix.look.diagnose import trace_of
from gradfix.prove.proof import broken_in
from gradfix.run.lab import Lab, Seen, subject_of
from gradfix.run.messages import Entry, Limits, Request
from gradfix.run.pool import Pool

HEAD = """\
import numpy as np
import tensorflow as tf
import keras
w = tf.Variable([1.0, 2.0], name="w")
u = tf.Variable([3.0, 4.0], name="u")
x = tf.constant([0.5, -1.5])
"""


@dataclass(frozen=True)
class Found:
    """What was found of a program's first broken request. `places` are texts: line and range, cut out of the file."""

    trace: Trace
    request: Request
    look: Seen

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """Kind and operation of each break, in the order of their places."""
        return [(b.kind, b.operation) for b in self._sorted]

    @property
    def places(self) -> list[tuple[str, int, int, int, int]]:
        """File, line, column, end line and end column of each break, in that order."""
        here = [b.place for b in self._sorted]
        return [(Path(p.path).name, p.line, p.column, p.end_line, p.end_column) for p in here]

    @property
    def _sorted(self) -> list:  # type: ignore[type-arg]
        return sorted(self.trace.breaks, key=lambda b: (b.place.path, b.place.line, b.place.column))


Row = tuple[str, str, list[tuple[str, str]]]
"""A sentence, a program, and kind and operation of each marked place."""
Tracer = Callable[..., tuple[Found, list[tuple[str, int, int, int, int]]]]


def marked(name: str, text: str) -> tuple[str, list[tuple[str, int, int, int, int]]]:
    """A text without its marks, and the ranges that stood between « and », in order."""
    starts: list[tuple[int, int]] = []
    places: list[tuple[str, int, int, int, int]] = []
    plain, line, column = [], 1, 1
    for character in text:
        if character == "«":
            starts.append((line, column))
        elif character == "»":
            places.append((name, *starts.pop(), line, column))
        else:
            plain.append(character)
            line, column = (line + 1, 1) if character == "\n" else (line, column + 1)
    return "".join(plain), sorted(places)


@pytest.fixture
def traced(tmp_path: Path, pool: Pool) -> Tracer:
    """Gives a function that runs and traces a program; what it gives back has the marked places beside it."""

    def run(text: str, head: str = HEAD, **modules: str) -> tuple[Found, list[tuple[str, int, int, int, int]]]:
        if "keras.ops" in text and pool.versions().keras < "3":
            pytest.skip("keras.ops came with Keras 3")
        expected = []
        for name, module in modules.items():
            plain, places = marked(f"{name}.py", dedent(module))
            (tmp_path / f"{name}.py").write_text(plain)
            expected += places
        plain, places = marked("train.py", head + dedent(text))
        path = tmp_path / "train.py"
        path.write_text(plain)
        lab = Lab(pool, subject_of(str(path)), Limits(()))
        texts = {str(path): plain}
        look = lab.look(Entry(), texts)
        request = broken_in(look)
        assert request is not None, look.written.trouble or "no gradient is missing"
        trace = trace_of(lab.trace(look, request, texts), request, texts)
        return Found(trace, request, look), sorted(expected + places)

    return run


def breaks(rows: list[Row]) -> pytest.MarkDecorator:
    """Gives a test the `program` and the `kinds` of each row."""
    return pytest.mark.parametrize(("program", "kinds"), [pytest.param(p, k, id=name) for name, p, k in rows])
