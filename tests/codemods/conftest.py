"""What tests of codemods share: a cut that is marked in the text, and a text that is run on TensorFlow."""

from __future__ import annotations

import inspect
import os
import re
import warnings
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix import testing
from gradfix_codemods.base import Codemod


@pytest.fixture
def offered() -> Callable[..., list[str]]:
    """Gives a function: the texts that a codemod offers for a text in which the cut stands between « and »."""

    def offer(codemod: Codemod, marked: str, kind: str = "left-tensorflow", step: int = 0) -> list[str]:
        return [r.text for r in testing.offered(codemod, marked, kind=kind, step=step)]

    return offer


@pytest.fixture
def asked(offered: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """Gives a function: the texts that a codemod offers where the call that asks the tape stands between « and »."""

    def offer(codemod: Codemod, marked: str, kind: str) -> list[str]:
        marked = dedent(marked)
        return offered(codemod, marked, kind, marked.count("\n", 0, marked.index("«")) + 1)

    return offer


@pytest.fixture
def run() -> Callable[..., dict[str, Any]]:
    """Gives a function that runs a text on TensorFlow and returns its names."""

    def runs(text: str, **names: Any) -> dict[str, Any]:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(dedent(text).replace("«", "").replace("»", ""), "<case>", "exec"), names)
        return names

    return runs


@pytest.fixture
def examples() -> Callable[[type[Codemod]], tuple[str, str]]:
    """Gives a function: the bad and the good example in the docstring of a codemod's module."""

    def both(codemod: type[Codemod]) -> tuple[str, str]:
        document = inspect.getmodule(codemod).__doc__ or ""
        bad, good = re.findall(r"```python\n(.*?)```", document, re.DOTALL)[:2]
        return bad, good

    return both
