"""Has LibCST imported, which takes as long as a run and is needed only for a file that is to be rewritten."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from gradfix.breaks import Break
from gradfix.choose.choice import Wanted
from gradfix.prove.search import Candidate, Propose
from gradfix.run.lab import Texts
from gradfix.run.messages import Request


def propose_soon(wanted: Wanted) -> Propose:
    """`gradfix.prove.propose.propose` for the rules that are wanted, imported by a thread meanwhile.

    The next thing is a run that traces the break.
    """
    thread = ThreadPoolExecutor(1)
    module = thread.submit(importlib.import_module, "gradfix.prove.propose")
    thread.shutdown(wait=False)

    def propose(texts: Texts, request: Request, cut: Break) -> Iterator[Candidate]:
        yield from module.result().propose(texts, request, cut, wanted)

    return propose
