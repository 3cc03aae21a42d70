"""What docstrings and comments say of a value."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("tensorflow")

from gradfix.worker.inputs.words import from_words


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("a: (n, 5), b: (n,) float32", "a", {"shape": [4, 5]}),
        ("a: (n, 5), b: (n,) float32", "b", {"shape": [4], "dtype": "float32"}),
        ("scans (b, 6, 6, 2) float32, truth (b, 6, 6) int", "truth", {"shape": [4, 6, 6], "dtype": "int32"}),
        ("scans (b, 6, 6, 2) float32, truth (b, 6, 6) int", "scans", {"shape": [4, 6, 6, 2], "dtype": "float32"}),
        (
            "a: float32 [batch, 9], values in [-1, 1]",
            "a",
            {"shape": [4, 9], "dtype": "float32", "low": -1.0, "high": 1.0},
        ),
        ("a, b: float64 tensors of shape (n, 1)", "b", {"shape": [4, 1], "dtype": "float64"}),
        ("stars are integers 1..5", "stars", {"dtype": "int32"}),
        ("a: tensor of shape [batch, WIDTH]", "a", {"shape": [4, 12]}),
    ],
)
def test_hints_in_words(text: str, name: str, wanted: dict[str, Any]) -> None:
    assert from_words(text, name, 4, {"WIDTH": 12}) == {"kind": "tensor", **wanted}


def test_words_that_say_nothing() -> None:
    assert from_words("Trains the model on a batch.", "a", 4, {}) is None
