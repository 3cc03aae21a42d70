"""What one call of gradfix is asked for, as a value."""

from __future__ import annotations

from dataclasses import dataclass, field

from gradfix.config import Action, Display
from gradfix.settings.resolve import Resolver


@dataclass(frozen=True)
class Call:
    """What one call of gradfix is asked for.

    `stdin` is the name of the file that comes in on stdin, "" for none; `page` that of the HTML report, "" for none.
    `cluster` is the address of a Dask scheduler, "" for none.
    """

    paths: tuple[str, ...]
    resolver: Resolver
    action: Action = Action.CHECK
    stdin: str = ""
    display: Display = field(default_factory=Display)
    cache: bool = True
    page: str = ""
    cluster: str = ""
