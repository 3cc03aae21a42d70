"""The only way by which text becomes markup: whatever is no `Html` is escaped, wherever it stands.

Names, messages and source lines come from the checked files, and a browser obeys what they hold.
"""

from __future__ import annotations

import html
from collections.abc import Iterable

from gradfix.report.snippet import visible

VOID = frozenset({"meta", "link", "input", "br"})


class Html(str):
    """Markup: made by this module alone, and by nothing that was read."""

    __slots__ = ()


Child = str | None | Iterable["Child"]
"""What an element may hold: markup, text, nothing, or several of them."""

Value = str | int | float | bool | None
"""The value of an attribute: True for one that is only there, None and False for one that is not."""


def text(value: str) -> Html:
    """A text as markup. What would hide, reorder or end something is shown as an escape, as on a terminal."""
    if isinstance(value, Html):
        return value
    return Html(html.escape(value if value.isprintable() else visible(value), quote=True))


def joined(*children: Child) -> Html:
    """Several children, one behind the other."""
    parts: list[str] = []
    _collect(children, parts)
    return Html("".join(parts))


def element(name: str, /, *children: Child, **attributes: Value) -> Html:
    """An element. An attribute's name has "_" for "-", and one behind it where it is a word of Python's (`class_`)."""
    head = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID:
        return Html(f"<{name}{head}>")
    return Html(f"<{name}{head}>{joined(children)}</{name}>")


def link(address: str, *children: Child, **attributes: Value) -> Html:
    """A link to the web, or the children alone where the address is none."""
    if not address.startswith(("https://", "http://")):
        return joined(children)
    return element("a", children, href=address, rel="noreferrer noopener", **attributes)


def spelled(text: str) -> Html:
    """A message with what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one without its other
        return joined(text)
    return joined([element("code", p) if i % 2 else p for i, p in enumerate(parts) if p])


def number(value: float) -> str:
    """A number as people read it."""
    return f"{value:.4g}"


def count(how_many: int, noun: str, plural: str = "") -> str:
    """A number of things: `1 file`, `2 files`."""
    return f"{grouped(how_many)} {noun if how_many == 1 else plural or noun + 's'}"


def grouped(how_many: int) -> str:
    """A whole number with its thousands set apart."""
    return f"{how_many:,}".replace(",", "\u2009")


def _attribute(key: str, value: Value) -> str:
    key = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {key}"
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return f' {key}="{text(shown)}"'


def _collect(children: Child, parts: list[str]) -> None:
    if children is None:
        return
    if isinstance(children, str):
        parts.append(text(children))
        return
    for child in children:
        _collect(child, parts)
