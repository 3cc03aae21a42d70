"""What the user writes down of a step's inputs: the grammar, where it may stand, and that the step is called so."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradfix.given import BadInput, in_comments, in_table, spec_of
from gradfix.settings.resolve import Resolver
from gradfix.values import FileReport, Verdict


def tensor(dtype: str, *shape: int, **more: Any) -> dict[str, Any]:
    return {"kind": "tensor", "dtype": dtype, "shape": list(shape), **more}


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("float32[32,28,28,1]", tensor("float32", 32, 28, 28, 1)),
        ("float32[]", tensor("float32")),
        (" bfloat16 [ 4 , 2 ] ", tensor("bfloat16", 4, 2)),
        ("bool[8]", tensor("bool", 8)),
        ("string[2]", tensor("string", 2)),
        ("int32[32]<10", tensor("int32", 32, low=0, high=10)),
        ("int64[4, 6] < 100", tensor("int64", 4, 6, low=0, high=100)),
        ("float32[16,1] in -1..1", tensor("float32", 16, 1, low=-1.0, high=1.0)),
        ("float32[2] in 0.5..1.5", tensor("float32", 2, low=0.5, high=1.5)),
        ("uint8[4,8,8,3] in 0..255", tensor("uint8", 4, 8, 8, 3, low=0.0, high=255.0)),
        ("float32[16,1] array", tensor("float32", 16, 1, **{"as": "array"})),
        ("int32[16]<3 array", tensor("int32", 16, low=0, high=3, **{"as": "array"})),
        ("3", {"kind": "value", "value": 3}),
        ("1e-3", {"kind": "value", "value": 0.001}),
        ('"conv"', {"kind": "value", "value": "conv"}),
        ("true", {"kind": "value", "value": True}),
        ("False", {"kind": "value", "value": False}),
        ("none", {"kind": "value", "value": None}),
        ("=model", {"kind": "name", "name": "model"}),
        ("=models.small_one", {"kind": "name", "name": "models.small_one"}),
        ("(float32[8,4], int32[8]<3)", {"kind": "tuple", "items": [
            tensor("float32", 8, 4), tensor("int32", 8, low=0, high=3),
        ]}),
        ("((float32[8,4], 2), =net)", {"kind": "tuple", "items": [
            {"kind": "tuple", "items": [tensor("float32", 8, 4), {"kind": "value", "value": 2}]},
            {"kind": "name", "name": "net"},
        ]}),
        ("{x: float32[8,4], 'y': int32[8]}", {"kind": "dict", "items": {
            "x": tensor("float32", 8, 4), "y": tensor("int32", 8),
        }}),
    ],
)  # fmt: skip
def test_a_description_stands_for_a_value(text: str, spec: dict[str, Any]) -> None:
    assert spec_of(text) == spec


@pytest.mark.parametrize(
    "text",
    ["", "float32", "float33x[2]", "int32[2]<", "float32[2] in 1", "=", "=a b", "model", "[1, 2]", "{x}", "(float32)"],
)
def test_what_is_no_description_is_an_error_of_one_line(text: str) -> None:
    with pytest.raises(BadInput) as raised:
        spec_of(text)
    assert str(raised.value).startswith("cannot read ")
    assert "\n" not in str(raised.value)


def test_a_comment_stands_above_the_function_or_at_its_first_lines() -> None:
    text = """\
# gradfix: inputs x=float32[2,3], y=int32[2]<5, batch=(float32[2], {a: int32[2], b: =net})
@tf.function
def above(x, y, batch): ...

class Trainer:
    def step(  # gradfix: inputs x=float32[7]
        self, x
    ): ...

    # gradfix: inputs n=3
    async def other(self, n):
        def inner(z):
            # gradfix: inputs z=0.5
            return z
"""
    found = in_comments(text, ast.parse(text))
    assert set(found) == {"above", "Trainer.step", "Trainer.other", "Trainer.other.<locals>.inner"}
    assert found["above"]["y"] == tensor("int32", 2, low=0, high=5)
    inside = {"kind": "dict", "items": {"a": tensor("int32", 2), "b": {"kind": "name", "name": "net"}}}
    assert found["above"]["batch"] == {"kind": "tuple", "items": [tensor("float32", 2), inside]}
    assert found["Trainer.step"] == {"x": tensor("float32", 7)}
    assert found["Trainer.other"] == {"n": {"kind": "value", "value": 3}}
    assert found["Trainer.other.<locals>.inner"] == {"z": {"kind": "value", "value": 0.5}}


@pytest.mark.parametrize("comment", ["x", "x=", "x=tensor", "1=3"])
def test_a_comment_that_cannot_be_read_is_told_with_its_line(comment: str) -> None:
    text = f"import os\n# gradfix: inputs {comment}\ndef step(x): ...\n"
    with pytest.raises(BadInput, match=r"^line 2: "):
        in_comments(text, ast.parse(text))


TABLE = """\
[tool.gradfix.inputs]
"train.py:step" = {images = "float32[32,28,28,1]", labels = "int32[32]<10", rate = 0.1, deep = true}
"models/gan.py:Trainer.step" = {batch = {noise = "float32[4,8]", pair = ["int32[4]", 3]}}
"""


def test_the_table_names_file_and_function(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(TABLE)
    found = in_table(Resolver().for_folder(str(tmp_path)).inputs, str(tmp_path / "train.py"))
    assert found == {
        "step": {
            "images": tensor("float32", 32, 28, 28, 1),
            "labels": tensor("int32", 32, low=0, high=10),
            "rate": {"kind": "value", "value": 0.1},
            "deep": {"kind": "value", "value": True},
        }
    }
    pair = {"kind": "tuple", "items": [tensor("int32", 4), {"kind": "value", "value": 3}]}
    below = in_table(Resolver().for_folder(str(tmp_path)).inputs, str(tmp_path / "models" / "gan.py"))
    batch = {"kind": "dict", "items": {"noise": tensor("float32", 4, 8), "pair": pair}}
    assert below == {"Trainer.step": {"batch": batch}}
    assert in_table(Resolver().for_folder(str(tmp_path)).inputs, str(tmp_path / "other.py")) == {}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"step" = {x = "float32[2]"}', "a key is written like 'train.py:train_step'"),
        ('"train.py:step" = {x = "many"}', "cannot read 'many'"),
        ('"train.py:step" = {x = 2020-01-01}', "expected a string, a number, a boolean, a list or a table"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_with_its_key(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.gradfix.inputs]\n{line}\n")
    with pytest.raises(BadInput) as raised:
        in_table(Resolver().for_folder(str(tmp_path)).inputs, str(tmp_path / "train.py"))
    assert "pyproject.toml: tool.gradfix: inputs." in str(raised.value)
    assert said in str(raised.value)


STEP = """\
import tensorflow as tf

w = tf.Variable([[1.0], [2.0], [3.0]])


{comment}def step(batch, scale=1.0):
    first, rest = batch
    tf.debugging.assert_shapes([(first, (5, 3)), (rest["y"], (5,))])
    assert scale == 4
    assert rest["y"].dtype == tf.int32
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(first @ w) * scale
    return tape.gradient(loss, w)
"""
COMMENT = "# gradfix: inputs batch=(float32[5,3], {y: int32[5]<2}), scale=4\n"


def test_a_step_is_called_with_what_the_comment_says(repaired: Callable[..., FileReport]) -> None:
    report = repaired(STEP.format(comment=COMMENT))
    assert report.verdict is Verdict.CLEAN, report.reason
    assert len(report.steps[0].inputs) == 2


def test_a_step_is_called_with_what_the_table_says(tmp_path: Path, repaired: Callable[..., FileReport]) -> None:
    table = '"train.py:step" = {batch = ["float32[5,3]", {y = "int32[5]<2"}], scale = 4}'
    (tmp_path / "pyproject.toml").write_text(f"[tool.gradfix.inputs]\n{table}\n")
    report = repaired(STEP.format(comment=""))
    assert report.verdict is Verdict.CLEAN, report.reason
    assert len(report.steps[0].inputs) == 2
