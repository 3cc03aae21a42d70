"""New texts from new modules: each once, and only those that Python compiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from gradfix_codemods.base import Rewrite
from gradfix_codemods.imports import settled
from gradfix_codemods.trees import sound


def offers(before: cst.Module, options: Iterable[tuple[cst.Module, str]]) -> Iterator[Rewrite]:
    """Takes the module as it was, and new modules with titles; yields the rewrites that they make."""
    seen = {before.code}
    for module, title in options:
        text = settled(before, module)
        if text not in seen and sound(text):
            seen.add(text)
            yield Rewrite(text, title)
