"""absl: flags that are marked as required, and flags that nobody has parsed."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

from absl import flags  # TensorFlow imports it itself
from absl.flags import _validators

from . import words

Note = Callable[[str, str], None]
Error = flags.Error


def install(note: Note) -> None:
    """Wraps the marking of flags, and their parsing."""
    required: list[tuple[Any, str]] = []
    mark = flags.mark_flag_as_required

    @functools.wraps(mark)
    def marked(flag_name: Any, flag_values: Any = flags.FLAGS) -> None:
        required.append((flag_values, getattr(flag_name, "name", flag_name)))

    @functools.wraps(flags.mark_flags_as_required)
    def all_marked(flag_names: Any, flag_values: Any = flags.FLAGS) -> None:
        for name in flag_names:
            marked(name, flag_values)

    for module in (flags, _validators):
        setattr(module, "mark_flag_as_required", marked)  # noqa: B010 - reexported, which mypy does not see
        setattr(module, "mark_flags_as_required", all_marked)  # noqa: B010
    parse = flags.FlagValues.__call__

    @functools.wraps(parse)
    def parsed(self: Any, argv: Any, known_only: bool = False) -> Any:
        rest = parse(self, argv, known_only)
        for values, name in required:
            if values is self and name in self and self[name].value is None:
                value = _value(self[name])
                self[name].parse(value)
                note(f"argument --{name}", value)
        return rest

    flags.FlagValues.__call__ = parsed  # type: ignore[method-assign]


def _value(flag: Any) -> str:
    kind = flag.flag_type()
    choices = tuple(map(str, getattr(flag.parser, "enum_values", None) or ()))
    least, most = getattr(flag.parser, "lower_bound", None), getattr(flag.parser, "upper_bound", None)
    return words.word(flag.name, kind, choices, least, most)


def parse_once() -> None:
    """Parses the flags of a module that was loaded, as its main would have done. Raises absl's own errors."""
    if not flags.FLAGS.is_parsed():
        flags.FLAGS(sys.argv, known_only=True)


def forget(module: str) -> None:
    """Takes away what a module has defined, so that it can be loaded again."""
    for flag in list(flags.FLAGS.flags_by_module_dict().get(module, ())):
        if flag.name in flags.FLAGS:
            delattr(flags.FLAGS, flag.name)
