"""Has LibCST imported, which takes as long as a run and is needed only for a file that is to be rewritten."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from gradfix.breaks import Break
from gradfix.choose.choice import Wanted
from gradfix.prove.search import Candidate, Propose
from gradfix.run.lab import Texts
from gradfix.run.messages import Request


def load_soon() -> None:
    """Has a thread import that and the codemods, for a file that is likely to be rewritten.

    The next thing is TensorFlow's import, or a first run. What cannot be loaded is told when it is asked for.
    """
    _in_a_thread(lambda: importlib.import_module("gradfix.prove.propose").load())


def propose_soon(wanted: Wanted) -> Propose:
    """`gradfix.prove.propose.propose` for the rules that are wanted, imported by a thread meanwhile.

    The next thing is a run that traces the break.
    """
    module = _in_a_thread(lambda: importlib.import_module("gradfix.prove.propose"))

    def propose(texts: Texts, request: Request, cut: Break) -> Iterator[Candidate]:
        yield from module.result().propose(texts, request, cut, wanted)

    return propose


def _in_a_thread(do: Callable[[], Any]) -> Future[Any]:
    thread = ThreadPoolExecutor(1)
    done = thread.submit(do)
    thread.shutdown(wait=False)
    return done
