"""One run of user code, in a process that is thrown away afterwards."""

from __future__ import annotations

import gc
import os
import socket
import sys
import time
from typing import Any

from .channel import READY, Channel
from .shared import Shared


def import_tensorflow() -> dict[str, Any]:
    """Imports TensorFlow and Keras, running no operation; returns the versions. Raises what the import raises."""
    gc.disable()  # the import makes a million objects that all stay: looking for garbage among them takes a sixth of it
    import tensorflow as tf

    from . import running  # once for all children

    versions: dict[str, Any] = {
        "python": ".".join(map(str, sys.version_info[:3])),
        "tensorflow": tf.__version__,
        "keras": str(tf.keras.__version__ if hasattr(tf.keras, "__version__") else __import__("keras").__version__),
    }
    versions["folders"] = [p for p in sys.path if p.endswith("-packages") and os.path.isdir(p)]
    running.prepare()
    gc.enable()
    gc.freeze()  # children then never look at these objects, which would copy the memory that all share
    return versions


def run(
    request: dict[str, Any], channel: Channel, output: int, shared: Shared, door: socket.socket | None = None
) -> None:
    """Runs one file as `request` says (see docs/protocol.md), writing events to `channel`.

    What user code prints goes to `output`; `shared` are files that the runs of one file share; through `door` a run
    that was begun ahead hears the rest of its request. Never raises for what user code does: that is an event too.
    """
    from . import running

    os.dup2(output, 1)
    os.dup2(output, 2)
    begun, emit = channel.begun, channel.open()
    emit({"event": READY, "seconds": time.monotonic() - begun})
    emit({"event": "end", **running.run_file(request, emit, shared, door)})
