"""Moves statements into a `with` block, with their comments, and leaves every other byte alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import takewhile

import libcst as cst

from gradfix_codemods.tapes import TapeUse
from gradfix_codemods.trees import Statement


def moved_into_block(
    module: cst.Module,
    use: TapeUse,
    moved: Collection[int],
    added: Statement | None = None,
    step: Statement | None = None,
) -> cst.Module:
    """Moves statements that stand beside a tape's `with` into it.

    Takes the module, the use of the tape and the indices of the siblings to move: those before the `with` go
    to the start of its body, those after it to its end, in their order, followed by the statement `added` if
    there is one. `step` replaces the statement that asks for the gradients. Returns the new module.
    """
    siblings = use.siblings
    if step is not None:
        siblings[use.step] = step
    first = [siblings[index] for index in sorted(moved) if index < use.block]
    last = [siblings[index] for index in sorted(moved) if index > use.block]
    siblings[use.block] = _extended(use.recorded, first, last if added is None else [*last, added])
    rest: list[Statement] = []
    gap: Sequence[cst.EmptyLine] | None = None
    for index, statement in enumerate(siblings):
        if index in moved:
            # The blank line that parted the moved statements from what is above now parts what is below them.
            gap = _blank_lines(statement) if gap is None else gap
            continue
        if gap and not _blank_lines(statement):
            statement = statement.with_changes(leading_lines=[*gap, *statement.leading_lines])
        gap = None
        rest.append(statement)
    if isinstance(use.body, cst.Module):
        return use.body.with_changes(body=rest)
    return module.with_deep_changes(use.body, body=rest)


def _extended(block: cst.With, first: list[Statement], last: list[Statement]) -> cst.With:
    """Returns a `with` that has statements put before and after those in its body."""
    body = block.body
    if isinstance(body, cst.SimpleStatementSuite):
        line = cst.SimpleStatementLine(body=body.body, trailing_whitespace=body.trailing_whitespace)
        body = cst.IndentedBlock(body=[line])
    assert isinstance(body, cst.IndentedBlock)
    first, last = indented(first), indented(last)
    footer = body.footer
    if last:
        # Comments at the end of the body stay where they are: above what is appended.
        last[0] = last[0].with_changes(leading_lines=[*footer, *last[0].leading_lines])
        footer = ()
    return block.with_changes(body=body.with_changes(body=[*first, *body.body, *last], footer=footer))


def indented(moved: Sequence[Statement]) -> list[Statement]:
    """Statements as they stand in a block: no blank line above the first, none that is indented."""
    statements: list[Statement] = []
    for statement in moved:
        new = statement.visit(_BareBlankLines())
        assert isinstance(new, Statement)
        if not statements:
            new = new.with_changes(leading_lines=new.leading_lines[len(_blank_lines(new)) :])
        statements.append(new)
    return statements


def _blank_lines(statement: Statement) -> Sequence[cst.EmptyLine]:
    return list(takewhile(lambda line: line.comment is None, statement.leading_lines))


class _BareBlankLines(cst.CSTTransformer):
    """Keeps blank lines empty: those of a module's level would be indented like the code around them."""

    def leave_EmptyLine(self, original_node: cst.EmptyLine, updated_node: cst.EmptyLine) -> cst.EmptyLine:
        blank = updated_node.comment is None and not updated_node.whitespace.value
        return updated_node.with_changes(indent=False) if blank else updated_node
