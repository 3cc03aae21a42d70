"""Looks at many files in their order, in several processes where there are very many."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from gradfix.sources import Unreadable
from gradfix.survey.one import Surveyed, Surveyor, look_at

MANY = 200
"""Files from which on further processes are worth their start."""
MOST_PROCESSES = 16
"""The tree is found by one process, which would not keep up with more."""


def survey(paths: Iterable[str | Unreadable], surveyor: Surveyor) -> Iterator[Surveyed]:
    """What each path comes to, in order, while later ones are still looked for. Raises BadSettings."""
    paths = iter(paths)
    first = list(islice(paths, MANY))
    count = _processes() if len(first) == MANY else 1
    if count == 1:
        return (look_at(path, surveyor) for path in chain(first, paths))
    from gradfix.survey.processes import survey_in_processes

    return survey_in_processes(chain(first, paths), surveyor, count)


def _processes() -> int:
    """How many processes look at files: one for each core, where processes can be forked off safely."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
