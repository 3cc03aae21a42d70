"""One run of user code, in a process that is thrown away afterwards."""

from __future__ import annotations

import gc
import os
import random
import re
import sys
import time
from typing import Any, NamedTuple

from .channel import READY, Channel, Emit
from .overlay import NOTEBOOK


class Shared(NamedTuple):
    """Open files that the runs of one file of the user's hand on to one another (perturb.py, draining.py)."""

    stash: int
    marks: int


def import_tensorflow() -> dict[str, Any]:
    """Imports TensorFlow and Keras, running no operation; returns the versions. Raises what the import raises."""
    gc.disable()  # the import makes a million objects that all stay: looking for garbage among them takes a sixth of it
    import tensorflow as tf

    from . import (  # noqa: F401 - once for all children
        breaks,
        draining,
        entries,
        graphs,
        labels,
        leaving,
        mains,
        perturb,
        replicas,
        shorten,
        standins,
        unbuilt,
    )

    versions: dict[str, Any] = {
        "python": ".".join(map(str, sys.version_info[:3])),
        "tensorflow": tf.__version__,
        "keras": str(tf.keras.__version__ if hasattr(tf.keras, "__version__") else __import__("keras").__version__),
    }
    versions["folders"] = [p for p in sys.path if p.endswith("-packages") and os.path.isdir(p)]
    standins.prepare()
    gc.enable()
    gc.freeze()  # children then never look at these objects, which would copy the memory that all share
    return versions


def run(request: dict[str, Any], channel: Channel, output: int, shared: Shared) -> None:
    """Runs one file as `request` says (see docs/protocol.md), writing events to `channel`.

    What user code prints goes to `output`; `shared` are files that the runs of one file share. Never raises for
    what user code does: that is an event too.
    """
    os.dup2(output, 1)
    os.dup2(output, 2)
    begun, emit = channel.begun, channel.open()
    emit({"event": READY, "seconds": time.monotonic() - begun})
    emit({"event": "end", **_run(request, emit, shared)})


def _run(request: dict[str, Any], emit: Emit, shared: Shared) -> dict[str, Any]:
    """The error that ended the run, if any; whether it had seen enough; which of the user's files it loaded."""
    import numpy as np
    import tensorflow as tf

    from . import entries, labels, mains, replicas, shorten, standins, unbuilt
    from .draining import Draining
    from .graphs import Graphs
    from .leaving import Leaving
    from .opening import Opening
    from .overlay import Texts
    from .pairing import Pairing
    from .perturb import Perturbing
    from .places import Places
    from .recorder import Enough, Limits, Recorder
    from .standins import ipython
    from .tracing import Tracing

    path = request["path"]
    places = Places(path, request["root"])
    places.watch_autograph()
    tracing = Tracing(request["trace"]) if request.get("trace") else None
    leave = request["entry"].get("leave", 0)
    texts = Texts(request["overlay"], places.owns, _instrument(path, leave, tracing))
    texts.install()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    tf.config.run_functions_eagerly(request["eager"])
    shorten.install()
    replicas.install()
    if request["eager"]:
        unbuilt.install()
    if request["entry"]["kind"] == "script":  # with made-up inputs labels that do not fit are our own fault
        labels.install(places, emit)
    told = standins.install(places, emit)
    written = ipython.install(told) if path.endswith(NOTEBOOK) else set()
    mains.install(lambda what, given: emit({"event": "standin", "what": what, "given": given, "place": None}))
    limits = Limits(**request["limits"])
    recorder = Recorder(places, emit, limits)
    if request["eager"] and re.search(r"\bgradients\(", texts.text(path)):  # not `apply_gradients`
        recorder.graphs.install()
    recorder.install()
    if leave:
        Leaving(recorder, leave).install()
    Pairing(emit).install(recorder)
    Graphs(recorder).install()
    Draining(recorder, told, path, shared.marks).install()
    if tracing:
        tracing.install(recorder)
    if request.get("perturb"):
        Perturbing(request["perturb"], shared.stash).install(recorder)
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
    loaded = {getattr(m, "__file__", None) for m in list(sys.modules.values())}
    paths = {os.path.abspath(f) for f in loaded if isinstance(f, str) and f.endswith(".py") and places.owns(f)}
    files = sorted(paths - written)  # what a notebook writes as it runs is no file that a patch could change
    return {"error": error, "ended": limits.ended, "files": files, "opened": sorted(opening.paths)}


def _instrument(path: str, leave: int, tracing: Any) -> Any:
    """What is done to the tree of each of the user's modules before it is compiled; None for nothing."""
    from .leaving import with_exits

    if not leave:
        return tracing.instrument if tracing else None

    def change(tree: Any, module: str) -> Any:
        tree = with_exits(tree) if module == path else tree
        return tracing.instrument(tree, module) if tracing else tree

    return change


def described(error: BaseException, places: Any) -> dict[str, Any]:
    """An exception as data: its type, message and the user's lines in its traceback, innermost last."""
    try:
        message = str(getattr(error, "message", None) or error)[:2000]
    except Exception:  # an exception of the user's whose text cannot be had
        message = ""
    return {"type": type(error).__name__, "message": message, "places": places.of_error(error)[-12:]}
