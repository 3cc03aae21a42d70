"""Puts expressions in the place of others and takes statements out, and leaves every other byte alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import libcst as cst

from gradfix_codemods.trees import Body, Statement, Tree

Build: TypeAlias = Callable[[cst.BaseExpression], cst.BaseExpression]
"""Makes the new expression of the old one, in which edits of its parts are already done."""

_ATOMS = (
    cst.Name | cst.Attribute | cst.Call | cst.Subscript | cst.List | cst.Dict | cst.Set | cst.SimpleString
    | cst.Integer | cst.Float | cst.ListComp | cst.DictComp | cst.SetComp | cst.FormattedString
)  # fmt: skip
_ROOMY = (
    cst.Arg | cst.Assign | cst.AugAssign | cst.AnnAssign | cst.Return | cst.Index | cst.Element | cst.Expr
    | cst.DictElement | cst.If | cst.While | cst.Lambda | cst.Param
)  # fmt: skip
_BRACKETS = cst.Arg | cst.Index | cst.Element | cst.DictElement


def with_replaced(tree: Tree, builds: Mapping[cst.CSTNode, Build]) -> cst.Module:
    """Takes a tree and, for some of its expressions, what to make of them; returns the new module."""
    return tree.module.visit(_Replacer(tree, builds))


def with_one_replaced(tree: Tree, old: cst.BaseExpression, new: cst.BaseExpression) -> cst.Module:
    """Takes a tree, one of its expressions and what to put there; returns the new module."""
    return with_replaced(tree, {old: always(new)})


def always(new: cst.BaseExpression) -> Build:
    """Takes an expression; returns what puts it in the place of any other."""
    return lambda _: new


def unwrapped(call: cst.Call, argument: cst.Arg) -> cst.BaseExpression:
    """Takes a call and one of its arguments; returns the argument's value, with the comments around it."""
    value, before, after = argument.value, call.whitespace_before_args, argument.whitespace_after_arg
    comma = argument.comma
    if isinstance(comma, cst.Comma) and "#" in _text(comma.whitespace_after):
        after = comma.whitespace_after
    if "#" in _text(before) + _text(after):
        left = cst.LeftParen(whitespace_after=before)
        value = value.with_changes(
            lpar=[left, *value.lpar], rpar=[*value.rpar, cst.RightParen(whitespace_before=after)]
        )
    return value


def without(module: cst.Module, tree: Tree, statement: Statement) -> cst.Module:
    """Takes a module and a statement in it; returns the module without it, but with the comments above it."""
    body = tree.parents.get(statement)
    if not isinstance(body, Body):
        return module
    others = [item for item in body.body if item is not statement]
    if not others and isinstance(body, cst.IndentedBlock):
        return module.with_deep_changes(statement, body=[cst.Pass()])
    index = list(body.body).index(statement)
    kept = list(statement.leading_lines)
    if index < len(others):
        below = others[index]
        assert isinstance(below, Statement)
        lines = _joined(kept, list(below.leading_lines), index == 0)
        if index == 0 and isinstance(body, cst.Module) and not body.header:
            lines = lines[_blanks(lines) :]
        others[index] = below.with_changes(leading_lines=lines)
    footer = list(body.footer)
    if index == len(others) and _blanks(kept) < len(kept):
        footer = [*kept, *footer]
    if isinstance(body, cst.Module):
        return module.with_changes(body=others, footer=footer)
    return module.with_deep_changes(body, body=others, footer=footer)


def without_part(module: cst.Module, tree: Tree, part: cst.BaseSmallStatement) -> cst.Module:
    """Takes a module and one simple statement in it; returns the module without it, and without its line if empty."""
    line = tree.parents.get(part)
    if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
        return without(module, tree, line)
    if not isinstance(line, cst.SimpleStatementLine | cst.SimpleStatementSuite):
        return module
    rest = [item for item in line.body if item is not part]
    if not rest:
        return module.with_deep_changes(line, body=[cst.Pass()])
    if part is line.body[-1]:
        rest[-1] = rest[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
    return module.with_deep_changes(line, body=rest)


def without_element(module: cst.Module, chain: cst.List, element: cst.BaseElement) -> cst.Module:
    """Takes a module, a list of two or more elements in it and one of them; returns the module without that one."""
    elements = list(chain.elements)
    index = elements.index(element)
    below = _own_lines(element.comma)
    if index == len(elements) - 1:
        elements[index - 1] = elements[index - 1].with_changes(comma=element.comma)
    elif index and below:  # comments above the element that follows
        before = elements[index - 1].comma
        assert isinstance(before, cst.Comma)
        space = before.whitespace_after
        space = space.with_changes(empty_lines=[*_own_lines(before), *below])
        elements[index - 1] = elements[index - 1].with_changes(comma=before.with_changes(whitespace_after=space))
    del elements[index]
    return module.with_deep_changes(chain, elements=elements)


def _own_lines(comma: cst.Comma | cst.MaybeSentinel) -> Sequence[cst.EmptyLine]:
    space = comma.whitespace_after if isinstance(comma, cst.Comma) else None
    return space.empty_lines if isinstance(space, cst.ParenthesizedWhitespace) else ()


class _Replacer(cst.CSTTransformer):
    def __init__(self, tree: Tree, builds: Mapping[cst.CSTNode, Build]) -> None:
        super().__init__()
        self.tree, self.builds = tree, builds

    def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT) -> cst.CSTNodeT:
        build = self.builds.get(original_node)
        if build is None:
            return updated_node
        assert isinstance(original_node, cst.BaseExpression)
        assert isinstance(updated_node, cst.BaseExpression)
        bare = updated_node.with_changes(lpar=[], rpar=[])
        return self._fitted(build(bare), updated_node, self.tree.parents[original_node])  # type: ignore[return-value]

    def _fitted(self, new: cst.BaseExpression, old: cst.BaseExpression, parent: cst.CSTNode) -> cst.BaseExpression:
        """Gives the new expression the parentheses of the old one, or those that its place asks for."""
        if old.lpar:
            inner, outer = (new.lpar, new.rpar) if any("#" in _text(p.whitespace_after) for p in new.lpar) else ((), ())
            return new.with_changes(lpar=[*old.lpar, *inner], rpar=[*outer, *old.rpar])
        loose = not isinstance(new, _ATOMS) and not isinstance(parent, _ROOMY)
        bare = isinstance(new, cst.NamedExpr | cst.Yield | cst.GeneratorExp)
        torn = not isinstance(parent, _BRACKETS) and not _parses(self.tree.module.code_for_node(new))
        if not new.lpar and (loose or bare or torn):
            return new.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        return new


def _joined(above: list[cst.EmptyLine], below: list[cst.EmptyLine], first: bool) -> list[cst.EmptyLine]:
    """The lines above what follows a statement that is gone: no blank line is doubled, no comment lost."""
    if _blanks(above) == len(above):
        start = len(above) if first else max(len(above), _blanks(below))
        blank = [*above, *below[: _blanks(below)]][:start]
        return [*blank, *below[_blanks(below) :]]
    return [*above, *below]


def _blanks(lines: Sequence[cst.EmptyLine]) -> int:
    return next((i for i, line in enumerate(lines) if line.comment is not None), len(lines))


def _parses(code: str) -> bool:
    try:
        cst.parse_statement(f"_ = {code}\n")
    except cst.ParserSyntaxError:
        return False
    return True


def _text(whitespace: cst.BaseParenthesizableWhitespace) -> str:
    return cst.Module(body=[]).code_for_node(whitespace)
