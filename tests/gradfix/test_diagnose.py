"""Reading what a traced run showed: kinds of breaks, what the user calls the operation, and where it stands."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from gradfix.breaks import Break, Trace
from gradfix.look.diagnose import trace_of
from gradfix.run.messages import Request, Run, Source
from gradfix.scan.operations import operation_at
from gradfix.values import Place

PATH = "/project/train.py"


def range_of(text: str, part: str) -> tuple[int, int, int, int]:
    """Where a part stands in a text, as a run counts: lines from 1, columns from 0 in UTF-8 bytes."""

    def at(offset: int) -> tuple[int, int]:
        before = text[:offset]
        return before.count("\n") + 1, len(before[before.rfind("\n") + 1 :].encode())

    start = text.index(part)
    return (*at(start), *at(start + len(part)))


# ------------------------------------------------------------ names of operations

OPERATIONS = [
    ("tf.where by its usual alias", "import tensorflow as tf\ny = «tf.where(c, a, b)»\n", "tf.where"),
    ("tf.where without an alias", "import tensorflow\ny = «tensorflow.where(c, a, b)»\n", "tf.where"),
    ("np.where by another alias", "import numpy as n\ny = «n.where(c, a, b)»\n", "np.where"),
    ("np.where by its own name", "from numpy import where\ny = «where(c, a, b)»\n", "np.where"),
    ("np.where by a new name", "from numpy import where as choose\ny = «choose(c, a, b)»\n", "np.where"),
    ("a function of a submodule", "from numpy import linalg as la\ny = «la.norm(a)»\n", "np.linalg.norm"),
    ("a submodule's own name", "import numpy.linalg\ny = «numpy.linalg.norm(a)»\n", "np.linalg.norm"),
    ("tf.math", "import tensorflow as tf\ny = «tf.math.argmax(a)»\n", "tf.math.argmax"),
    ("the Keras backend", "from keras import backend as K\ny = «K.stop_gradient(a)»\n", "keras.backend.stop_gradient"),
    ("Keras inside TensorFlow", "from tensorflow.keras import ops\ny = «ops.round(a)»\n", "tf.keras.ops.round"),
    ("a method", "y = «loss.numpy()»\n", ".numpy()"),
    ("a method of a call", "y = «f(x).mean().item()»\n", ".item()"),
    ("a method of an attribute", "y = «self.model.predict(x)»\n", ".predict()"),
    ("a built-in function", "y = «float(loss)»\n", "float"),
    ("a function of the file", "def f(a): pass\ny = «f(x)»\n", "f"),
    ("a called call", "y = «make(1)(x)»\n", "make(1)"),
    ("an operator", "y = «a * b»\n", "*"),
    ("the matrix product", "y = «a @ b»\n", "@"),
    ("a floor division", "y = «a // b»\n", "//"),
    ("a minus sign", "y = «-a»\n", "-"),
    ("not", "y = «not a»\n", "not"),
    ("a comparison", "y = «a >= b»\n", ">="),
    ("a chain of comparisons", "y = «a < b < c»\n", "<"),
    ("an item", "y = «a[0]»\n", "[]"),
    ("an augmented assignment", "«y -= a»\n", "-="),
    ("an attribute", "y = «a.b»\n", "a.b"),
    ("a name", "y = «a»\n", "a"),
    ("a call after letters of two bytes", "ä = 'ö'; y = «ä.lower(ä)»\n", ".lower()"),
    ("nothing that has a name", "y = «[a, b]»\n", ""),
]


@pytest.mark.parametrize(
    ("marked", "operation"), [pytest.param(m, o, id=f"{name} has its public name") for name, m, o in OPERATIONS]
)
def test_the_operation_at_a_range(marked: str, operation: str) -> None:
    part = marked[marked.index("«") + 1 : marked.index("»")]
    text = marked.replace("«", "").replace("»", "")
    start = marked.index("«")
    before, after = text[:start], text[: start + len(part)]
    line, end_line = before.count("\n") + 1, after.count("\n") + 1
    column = len(before.rpartition("\n")[2].encode())
    end_column = len(after.rpartition("\n")[2].encode())
    assert operation_at(ast.parse(text), line, column, end_line, end_column) == operation


def test_a_range_that_no_expression_has_gives_no_operation() -> None:
    assert operation_at(ast.parse("y = a + b\n"), 1, 4, 1, 5) == "a"
    assert operation_at(ast.parse("y = a + b\n"), 1, 3, 1, 9) == ""


# ------------------------------------------------------------ what a run showed


def request(text: str, *sources: Source, **changes: Any) -> Request:
    """A question at the call that holds `gradient(`, in which all sources are missing."""
    call = next(n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call) and "gradient(" in ast.unparse(n))
    place = Place(PATH, call.lineno, call.col_offset + 1, call.end_lineno or 0, (call.end_col_offset or 0) + 1)
    facts: dict[str, Any] = {
        "index": 0,
        "call": "gradient",
        "place": place,
        "birth": 0,
        "serial": 0,
        "graph": False,
        "target": {},
        "sources": sources,
        "gradients": (None,) * len(sources),
        "error": "",
    }
    return Request(**{**facts, **changes})


def source(name: str = "w", kind: str = "variable", dtype: str = "float32") -> Source:
    """One source of two numbers."""
    return Source(name, kind, dtype, (2,), True)


def traced(text: str, asked: Request, *breaks: dict[str, Any], **changes: Any) -> Trace:
    """What is read of a run's trace."""
    nowhere = {"watched": True, "place": None, "used": False}
    facts = {
        "event": "trace",
        "alive": False,
        "breaks": list(breaks),
        "depends": [],
        "target": None,
        "dropped": [],
        "sources": [nowhere for _ in asked.sources],
        "late": False,
        **changes,
    }
    return trace_of(Run(others=(facts,)), asked, {PATH: text})


def cut(text: str, part: str, **changes: Any) -> dict[str, Any]:
    """A break as the worker sends it: a tensor of floats that was made of one."""
    facts = {"kind": "cut", "tensor": True, "dtype": "float32", "type": "EagerTensor", "shape": [], "from": ["float32"]}
    return {**facts, "place": [PATH, *range_of(text, part)], **changes}


KINDS = [
    ("an array leaves TensorFlow", "np.square(w)", {"tensor": False}, "left-tensorflow"),
    (
        "numpy_function leaves TensorFlow though it gives a tensor",
        "tf.numpy_function(f, [w], t)",
        {},
        "left-tensorflow",
    ),
    ("py_function leaves TensorFlow", "tf.py_function(f, [w], t)", {}, "left-tensorflow"),
    ("the old py_func leaves TensorFlow", "tf.compat.v1.py_func(f, [w], t)", {}, "left-tensorflow"),
    ("stop_gradient stops", "tf.stop_gradient(w)", {}, "stopped"),
    ("Keras' stop_gradient stops", "keras.ops.stop_gradient(w)", {}, "stopped"),
    ("argmax has no gradient", "tf.argmax(w)", {"dtype": "int64"}, "not-differentiable"),
    ("a comparison has no gradient", "w > 0", {"dtype": "bool"}, "not-differentiable"),
    ("a cast to integers is of the wrong dtype", "tf.cast(w, tf.int32)", {"dtype": "int32"}, "wrong-dtype"),
    ("a cast of integers is of the wrong dtype", "tf.cast(n, tf.float32)", {"from": ["int32"]}, "wrong-dtype"),
    ("a cast to another float has no gradient", "tf.cast(w, tf.float16)", {"dtype": "float16"}, "not-differentiable"),
    ("what the worker calls it stays", "w * 2", {"kind": "outside-tape"}, "outside-tape"),
    ("another tape stays another tape", "w * 2", {"kind": "wrong-tape"}, "wrong-tape"),
    ("stopped recording stays stopped recording", "w * 2", {"kind": "recording-stopped"}, "recording-stopped"),
]


@pytest.mark.parametrize(("expression", "facts", "kind"), [pytest.param(*case[1:], id=case[0]) for case in KINDS])
def test_the_kind_of_a_break(expression: str, facts: dict[str, Any], kind: str) -> None:
    text = f"import numpy as np\nimport tensorflow as tf\nimport keras\nl = {expression}\ntape.gradient(l, w)\n"
    (found,) = traced(text, request(text, source()), cut(text, expression, **facts)).breaks
    assert (found.kind, found.segment, found.place.line) == (kind, expression, 4)


def test_a_break_has_its_range_in_characters_and_its_text_in_one_line() -> None:
    text = 'import numpy as np\nä = "ü", np.square(\n    é,\n    2)\ntape.gradient(l, w)\n'
    (found,) = traced(text, request(text, source()), cut(text, "np.square(\n    é,\n    2)", tensor=False)).breaks
    assert found.place == Place(PATH, 2, 10, 4, 7)
    assert found.segment == "np.square( é, 2)"
    assert found.message == "`np.square( é, 2)` leaves TensorFlow, where no tape can follow"


def test_a_long_break_is_told_by_its_operation() -> None:
    long = "np.square(" + " + ".join(f"name{i}" for i in range(20)) + ")"
    text = f"import numpy as np\nl = {long}\ntape.gradient(l, w)\n"
    (found,) = traced(text, request(text, source()), cut(text, long, tensor=False)).breaks
    assert found.message == "`np.square` leaves TensorFlow, where no tape can follow"


def test_a_break_in_a_file_that_was_not_given_is_read_from_the_disk(tmp_path: Path) -> None:
    helper = tmp_path / "helper.py"
    helper.write_text("import numpy as np\nö = 'ä', np.abs(w)\n", encoding="utf-8")
    text = "tape.gradient(l, w)\n"
    fact = cut(helper.read_text(), "np.abs(w)", tensor=False)
    fact["place"][0] = str(helper)
    (found,) = traced(text, request(text, source()), fact).breaks
    assert (found.operation, found.segment) == ("np.abs", "np.abs(w)")
    assert found.place == Place(str(helper), 2, 10, 2, 19)


def test_a_break_in_a_file_that_cannot_be_read_is_still_a_break() -> None:
    text = "tape.gradient(l, w)\n"
    fact = cut("np.abs(w)\n", "np.abs(w)", tensor=False)
    fact["place"][0] = "/nowhere/helper.py"
    (found,) = traced(text, request(text, source()), fact).breaks
    assert (found.kind, found.operation, found.segment) == ("left-tensorflow", "", "")


def test_what_the_target_depends_on_is_told_once_each() -> None:
    text = "a = f()\nb = g(a)\ntape.gradient(l, w)\n"
    places = [[PATH, *range_of(text, p)] for p in ("f()", "g(a)", "f()")]
    assert traced(text, request(text, source()), depends=places).depends == ("f()", "g(a)")


# ------------------------------------------------------------ breaks that no expression on the way has


def test_a_used_up_tape_is_told_from_the_error() -> None:
    text = "tape.gradient(l, w)\n"
    error = "RuntimeError: A non-persistent GradientTape can only be used to compute one set of gradients"
    found = trace_of(Run(), request(text, source(), error=error), {PATH: text})
    assert [b.kind for b in found.breaks] == ["tape-used-up"]


def test_no_sources_are_told_at_the_line_that_named_them() -> None:
    names = "weights = model.weights\nweights = model.trainable_weights\n"
    text = f"import tensorflow as tf  # GradientTape\n{names}tape.gradient(l, weights)\nweights = 1\n"
    (found,) = trace_of(Run(), request(text), {PATH: text}).breaks
    assert (found.kind, found.segment, found.place.line) == ("no-sources", "weights", 3)


def test_no_sources_without_a_name_are_told_at_the_call() -> None:
    text = "x = 1\ntape.gradient(l, model.weights)\n"
    (found,) = trace_of(Run(), request(text), {PATH: text}).breaks
    assert (found.kind, found.place.line) == ("no-sources", 2)


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(Run(), id="no trace"),
        pytest.param(Run(others=({"event": "trace", "late": True, "breaks": []},)), id="a trace that came too late"),
    ],
)
def test_nothing_is_told_of(run: Run) -> None:
    text = "tape.gradient(l, w)\n"
    assert trace_of(run, request(text, source()), {PATH: text}) == Trace(())


def test_a_source_that_the_tape_does_not_watch() -> None:
    text = "import tensorflow as tf\n# GradientTape\ntape.gradient(l, [c])\n"
    (found,) = traced(text, request(text, source(kind="tensor")), alive=True).breaks
    assert (found.kind, found.place.line, found.segment) == ("unwatched", 3, "[c]")


OVERWRITTEN = """\
import tensorflow as tf
a, b = tf.Variable(1.0), tf.Variable(2.0)
self.w = self.add_weight(shape=())
c = tf.constant(3.0)
# GradientTape
tape.gradient(l, [a, b, self.w, c])
a = a - 0.1
self.w -= 0.1
c = c * 2
"""


def test_a_source_that_was_a_variable_is_told_where_it_was_overwritten() -> None:
    kinds = ("tensor", "variable", "tensor", "tensor")
    asked = request(OVERWRITTEN, *(source(kind=kind) for kind in kinds))
    asked = Request(**{**asked.__dict__, "gradients": (None,) * 4})
    found = traced(OVERWRITTEN, asked, alive=True).breaks
    assert [(b.kind, b.place.line, b.segment) for b in found] == [
        ("overwritten", 7, "a"),
        ("overwritten", 8, "self.w"),
    ]
    assert found[1].operation == "-="


def test_the_place_where_a_run_saw_the_overwriting_is_preferred() -> None:
    asked = request(OVERWRITTEN, *(source(kind="tensor") for _ in range(4)))
    seen = {"watched": False, "place": [PATH, *range_of(OVERWRITTEN, "a - 0.1")], "used": True}
    found = traced(OVERWRITTEN, asked, alive=True, sources=[seen, seen, seen, seen]).breaks
    assert (found[0].operation, found[0].place.column) == ("-", 5)


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        pytest.param("n = tf.Variable([1, 2])\n", 2, id="at the line that made it"),
        pytest.param("n = tf.Variable([1, 2])\nn = other\n", 4, id="at the question where its name was given twice"),
    ],
)
def test_a_variable_of_integers_is_told(definition: str, expected: int) -> None:
    text = f"import tensorflow as tf\n{definition}tape.gradient(l, [n])\n"
    line, column, *_ = range_of(text, "n])")
    seen = {"watched": False, "place": [PATH, line, column, line, column + 1], "used": True}
    (found,) = traced(text, request(text, source("n", dtype="int32")), sources=[seen]).breaks
    assert (found.kind, found.place.line, found.dtype) == ("wrong-dtype", expected, "int32")


PARAMETERS = [
    ("the one that is not read", "def f(y_true, y_pred):\n    return y_true\n", "f", "y_pred"),
    ("all of them", "def f(a, /, b, *, c):\n    return 1\n", "f", "a, b, c"),
    ("not self", "class A:\n    def f(self, a):\n        return 1\n", "o.f", "a"),
    ("not one that is only written", "def f(a, b):\n    a = 1\n    return b\n", "f", "a"),
    ("none of a function that is not in the file", "", "f", ""),
    ("none where all are read", "def f(a, b):\n    return a + b\n", "f", ""),
]


@pytest.mark.parametrize(
    ("definition", "function", "names"), [pytest.param(*case[1:], id=case[0]) for case in PARAMETERS]
)
def test_the_parameters_that_a_loss_never_uses(definition: str, function: str, names: str) -> None:
    text = definition + f"l = {function}(y, p)\ntape.gradient(l, w)\n"
    place = [PATH, *range_of(text, f"{function}(y, p)")]
    (found,) = traced(text, request(text, source()), dropped=[place]).breaks
    assert (found.kind, found.segment) == ("never-used", names)


def test_a_target_that_uses_nothing_is_told_where_it_was_made() -> None:
    text = dedent("""\
        x = 1
        l = g(x)
        tape.gradient(l, w)
    """)
    asked = request(text, source())
    (found,) = traced(text, asked, target=[PATH, *range_of(text, "g(x)")]).breaks
    assert found == Break("never-used", Place(PATH, 2, 5, 2, 9))
    (found,) = traced(text, asked).breaks
    assert found.place.line == 3
