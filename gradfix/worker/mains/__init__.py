"""Command lines of scripts: what they require and were not given is made up, each value told by an event.

Defaults stay as they are; only what would end the script with a usage error is filled in. `parsers.py` is for argparse,
`commands.py` for click and typer, `flags.py` for absl; `words.py` has the values.
"""

from __future__ import annotations

from collections.abc import Callable

from . import commands, flags, parsers

Note = Callable[[str, str], None]


def install(note: Note) -> None:
    """Wraps the libraries that read command lines. `note(what, given)` reports each argument that is made up."""
    parsers.install(note)
    commands.install(note)
    flags.install(note)
