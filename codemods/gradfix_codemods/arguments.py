"""Arguments of a call: found, added and taken away, in the layout that the call has."""

from __future__ import annotations

import libcst as cst

_TIGHT = cst.AssignEqual(
    whitespace_before=cst.SimpleWhitespace(""), whitespace_after=cst.SimpleWhitespace("")
)  # fmt: skip


def argument_of(call: cst.Call, position: int, *names: str) -> cst.Arg | None:
    """Takes a call, a position and names; returns the argument that is given there, or by one of the names."""
    for index, argument in enumerate(call.args):
        if argument.star:
            return None
        if argument.keyword.value in names if argument.keyword else index == position:
            return argument
    return None


def named(call: cst.Call, name: str) -> cst.Arg | None:
    """Takes a call and a keyword; returns the argument that is given by it."""
    return next((a for a in call.args if a.keyword is not None and a.keyword.value == name), None)


def keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    """Takes a keyword and a value; returns the argument `name=value`."""
    return cst.Arg(value=value, keyword=cst.Name(name), equal=_TIGHT)


def with_argument(call: cst.Call, new: cst.Arg, index: int | None = None) -> cst.Call:
    """Takes a call, an argument and maybe its place; returns the call with it, at the end where no place is given."""
    arguments = list(call.args)
    if index is not None and index < len(arguments):
        comma = arguments[index].comma if index + 1 < len(arguments) else cst.MaybeSentinel.DEFAULT
        arguments.insert(index, new.with_changes(comma=_line_break(call, comma)))
        return call.with_changes(args=arguments)
    if arguments:
        last = arguments[-1]
        new = new.with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
        before = arguments[-2].comma if len(arguments) > 1 else cst.MaybeSentinel.DEFAULT
        space = cst.SimpleWhitespace("")
        arguments[-1] = last.with_changes(comma=_line_break(call, before), whitespace_after_arg=space)
    return call.with_changes(args=[*arguments, new])


def without_argument(call: cst.Call, old: cst.Arg) -> cst.Call:
    """Takes a call and one of its arguments; returns the call without it."""
    arguments = list(call.args)
    index = arguments.index(old)
    del arguments[index]
    if not arguments:
        return call.with_changes(args=[], whitespace_before_args=cst.SimpleWhitespace(""))
    if index == len(arguments):
        arguments[-1] = _ending_as(arguments[-1], old)
    return call.with_changes(args=arguments)


def _ending_as(argument: cst.Arg, old: cst.Arg) -> cst.Arg:
    """An argument that takes the last place from the one behind it; its own comment stays."""
    comma, last = argument.comma, old.comma
    end = last.whitespace_after if isinstance(last, cst.Comma) else old.whitespace_after_arg
    if isinstance(comma, cst.Comma) and isinstance(comma.whitespace_after, cst.ParenthesizedWhitespace):
        space = comma.whitespace_after
        if space.first_line.comment is not None or space.empty_lines:
            if isinstance(end, cst.ParenthesizedWhitespace):
                space = space.with_changes(indent=end.indent, last_line=end.last_line)
            return argument.with_changes(comma=comma.with_changes(whitespace_after=space))
    kept = last if isinstance(last, cst.Comma) else cst.MaybeSentinel.DEFAULT
    return argument.with_changes(comma=kept, whitespace_after_arg=old.whitespace_after_arg)


def _line_break(call: cst.Call, comma: cst.Comma | cst.MaybeSentinel) -> cst.Comma | cst.MaybeSentinel:
    """The comma between two arguments: as its neighbour, or with a line break where the call starts with one."""
    if isinstance(comma, cst.Comma):
        return cst.Comma(whitespace_after=_bare(comma.whitespace_after))
    if isinstance(call.whitespace_before_args, cst.ParenthesizedWhitespace):
        return cst.Comma(whitespace_after=_bare(call.whitespace_before_args))
    return comma


def _bare(space: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """Whitespace without the comments in it: those belong to what they stand beside."""
    if isinstance(space, cst.ParenthesizedWhitespace):
        line = cst.TrailingWhitespace(newline=space.first_line.newline)
        return space.with_changes(first_line=line, empty_lines=[])
    return space
