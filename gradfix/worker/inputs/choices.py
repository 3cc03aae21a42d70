"""One candidate for each of several names."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from .specs import Spec


def mixtures(options: dict[str, list[Spec]], most: int) -> Iterator[dict[str, Spec]]:
    """Choices of one candidate for each name, those with the fewest later candidates first."""
    ranks = itertools.product(*(range(min(len(found), 4)) for found in options.values()))
    for rank in itertools.islice(
        sorted(itertools.islice(ranks, 4096), key=lambda r: (sum(r), max(r, default=0))), most
    ):
        yield {name: found[i] for (name, found), i in zip(options.items(), rank, strict=True)}
