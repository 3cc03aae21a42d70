"""What a run does in its process: makes all ready that watches and helps, enters the file, and tells how it went.

All that a run needs is imported here at once, by the warm parent: what a child imported would be imported in each run.
"""

from __future__ import annotations

import itertools
import os
import random
import re
import socket
import sys
import sysconfig
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import numpy.random  # Python loads it at its first use
import tensorflow as tf

from . import entries, labels, mains, replicas, shorten, standins, unbuilt, untrained
from .channel import Emit
from .draining import Draining
from .graphs import Graphs
from .holding import Rest
from .leaving import Leaving, with_exits
from .opening import Opening
from .overlay import NOTEBOOK, Texts
from .pairing import Pairing
from .perturb import Perturbing
from .places import Places
from .recorder import Enough, Limits, Recorder
from .shared import Shared
from .standins import ipython
from .tracing import Tracing


def prepare() -> None:
    """Looks up, in the warm parent, what all runs need to know and what is remembered once it was looked up."""
    standins.prepare()
    sysconfig.get_paths()


def run_file(request: dict[str, Any], emit: Emit, shared: Shared, door: socket.socket | None = None) -> dict[str, Any]:
    """Runs a file as `request` says: the error that ended it, whether it had seen enough, which files it loaded.

    Never raises for what user code does. `shared` are files that the runs of one file share; a run that
    was begun ahead hears the rest of its request through `door`.
    """
    path, last = request["path"], next(reversed(sys.modules))
    places = Places(path, request["root"])
    places.watch_autograph()
    rest = Rest(door) if door is not None and request.get("held") else None
    tracing = Tracing(request["trace"], rest) if request.get("trace") else None
    leave = request["entry"].get("leave", 0)
    texts = Texts(request["overlay"], places.owns, _instrument(path, leave, tracing))
    texts.install()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    tf.config.run_functions_eagerly(request["eager"])
    limits = Limits(**request["limits"])
    shorten.install(limits)
    untrained.install()
    replicas.install()
    if request["eager"]:
        unbuilt.install()
    if request["entry"]["kind"] == "script":  # with made-up inputs labels that do not fit are our own fault
        labels.install(places, emit)
    told = standins.install(places, emit)
    written = ipython.install(told) if path.endswith(NOTEBOOK) else set()
    mains.install(lambda what, given: emit({"event": "standin", "what": what, "given": given, "place": None}))
    recorder = Recorder(places, emit, limits)
    if request["eager"] and re.search(r"\bgradients\(", texts.text(path)):  # not `apply_gradients`
        recorder.graphs.install()
    recorder.install()
    if leave:
        Leaving(recorder, leave).install()
    Pairing(emit).install(recorder)
    Graphs(recorder).install()
    Draining(recorder, told, path, shared.marks, rest is not None).install()
    if tracing:
        tracing.install(recorder)
    if request.get("perturb"):
        Perturbing(request["perturb"], shared.stash, rest).install(recorder)
    random.seed(0)
    np.random.seed(0)
    tf.keras.utils.set_random_seed(0)
    os.chdir(request["cwd"])
    sys.argv = [path, *request["argv"]]
    sys.path[:0] = request["search"]
    opening = Opening(places)
    sys.addaudithook(opening.hear)
    error = None
    try:
        entries.enter(
            request["entry"], entries.Script(path, request["package"], request["module"]), texts, emit, recorder
        )
    except Enough:
        pass
    except SystemExit as e:
        error = described(e, places) if e.code not in (None, 0) else None
    except BaseException as e:
        error = described(e, places)
    finally:
        recorder.look_at_updates()
    opening.over = True
    loaded = {getattr(m, "__file__", None) for m in _loaded_after(last)}
    paths = {os.path.abspath(f) for f in loaded if isinstance(f, str) and f.endswith(".py") and places.owns(f)}
    files = sorted(paths - written)  # what a notebook writes as it runs is no file that a patch could change
    return {"error": error, "ended": limits.ended, "files": files, "opened": sorted(opening.paths)}


def _loaded_after(last: str) -> Iterator[ModuleType]:
    """The modules that were loaded after one, and the file that was run, which takes the place of another.

    To look at all of them would copy thousands of pages of memory that this process shares with the warm parent.
    """
    yield sys.modules["__main__"]
    for name in list(itertools.takewhile(lambda name: name != last, reversed(sys.modules))):
        yield sys.modules[name]


def _instrument(path: str, leave: int, tracing: Tracing | None) -> Any:
    """What is done to the tree of each of the user's modules before it is compiled; None for nothing."""
    if not leave:
        return tracing.instrument if tracing else None

    def change(tree: Any, module: str) -> Any:
        tree = with_exits(tree) if module == path else tree
        return tracing.instrument(tree, module) if tracing else tree

    return change


def described(error: BaseException, places: Places) -> dict[str, Any]:
    """An exception as data: its type, message and the user's lines in its traceback, innermost last."""
    try:
        message = str(getattr(error, "message", None) or error)[:2000]
    except Exception:  # an exception of the user's whose text cannot be had
        message = ""
    return {"type": type(error).__name__, "message": message, "places": places.of_error(error)[-12:]}
