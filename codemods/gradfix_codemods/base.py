"""What every codemod shares: the cut it is asked to mend, and the rewrite that it offers.

A codemod knows syntax trees and breaks; it never runs anything. It is handed the text of one file and a `Cut`, and
yields whole new texts, the one it would choose first. The verifier picks the first that TensorFlow confirms.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Cut:
    """Where a gradient gets lost, in the file that is to be rewritten.

    `kind` is the kind of break (see docs/architecture.md). Lines and columns count from 1, columns in characters.
    `step_line` is the line of the call that asks the tape for gradients (0 where that call is in another file);
    `line` to `end_column` is the expression that cuts the path (0 where the run did not show one).
    """

    kind: str
    step_line: int
    step_column: int = 0
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    operation: str = ""


@dataclass(frozen=True)
class Rewrite:
    """A whole new text for the file, and what was done in it, as an imperative sentence without a full stop."""

    text: str
    title: str


class Codemod(ABC):
    """One rewriting rule for one kind of break.

    `name` is kebab-case and equals the module's name, `code` is its short form (GF101), `answers` the kinds of break
    that it can mend, `mistake` says in half a sentence what is wrong, `keeps_value` whether the target has the same
    value afterwards, and `doubt` what a person has to decide where it may not; `same_target` is False where the call
    asked for the gradient of the wrong thing, so that there is no value to compare. `rewrites_step` says that it
    rewrites the file with the call that asks for gradients, not the one with the break. `completes` says that the
    mistake is never meant, so that gradients which were there and lacked a part may change, if they are right then.
    """

    name: str
    code: str
    answers: frozenset[str]
    mistake: str
    keeps_value: bool = True
    doubt: str = "the target may have another value with it"
    same_target: bool = True
    rewrites_step: bool = False
    completes: bool = False

    @abstractmethod
    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields rewrites of `text` for `cut`, best first; none where the codemod does not apply."""


class CannotLoad(Exception):
    """A codemod that is installed cannot be imported or made; the text is one line that names it and its package."""
