"""Ways into a file: run it as a script, or call one of its functions with made-up inputs."""

from __future__ import annotations

import ast
import sys
import types
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from . import invent
from .overlay import Texts
from .recorder import Enough, Recorder

MODULE = "gradfix_user_module"
"""The name under which a file is loaded whose functions are to be called: not `__main__`."""


LOADING, ATTEMPT = 6, 3
"""Requests to tapes after which loading a module, or one attempt, is ended."""


def enter(entry: dict[str, Any], texts: Texts, path: str, emit: Any, recorder: Recorder) -> None:
    """Enters the file. Raises whatever user code raises, and Enough when the steps were seen often enough."""
    if entry["kind"] == "script":
        module = _module("__main__", path)
        exec(texts.code(path), module.__dict__)
    elif entry["kind"] == "call":
        namespace = _loaded(texts, path, recorder)
        for plan in entry["plans"]:
            invent.perform(invent.Plan.from_json(plan), namespace)
    else:
        tree = ast.parse(texts.changed.get(path) or _read(path), path)
        emit({"event": "plan", **_search(entry["qualname"], tree, texts, path, recorder)})


def _read(path: str) -> bytes:
    with open(path, "rb") as f:
        return f.read()


def _module(name: str, path: str) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__file__ = path
    sys.modules[name] = module
    return module


def _loaded(texts: Texts, path: str, recorder: Recorder) -> dict[str, Any]:
    """The namespace of the file, executed as a module: its own training is another entry.

    A statement at module level that fails (for data that is not there, say) is passed over: the functions after it
    can still be called with made-up inputs.
    """
    module = _module(MODULE, path)
    stopped: BaseException | None = None
    for code in texts.statements(path):
        with recorder.quiet(LOADING):
            try:
                exec(code, module.__dict__)
            except Enough:
                continue
            except (Exception, SystemExit) as e:
                stopped = stopped or e
    if stopped is not None:
        module.__dict__["__gradfix_stopped__"] = stopped
    return module.__dict__


def _search(qualname: str, tree: ast.Module, texts: Texts, path: str, recorder: Recorder) -> dict[str, Any]:
    """Looks for inputs with which a function gets as far as its gradients: {"plan"} or {"stuck": why}."""
    tf.config.run_functions_eagerly(True)

    def attempt(thunk: Callable[[], Any]) -> invent.Outcome:
        error: BaseException | None = None
        with recorder.quiet(ATTEMPT) as requests:
            try:
                thunk()
            except Enough:
                pass
            except (Exception, SystemExit) as e:
                error = e
        lines = () if error is None else tuple((p[0], p[1]) for p in recorder.places.of_error(error))
        return invent.Outcome(requests() > 0, error, lines)

    namespace = _loaded(texts, path, recorder)
    stopped = namespace.get("__gradfix_stopped__")
    found = invent.invent(tree, qualname, lambda: _loaded(texts, path, recorder), attempt)
    if isinstance(found, invent.Plan):
        return {"plan": found.to_json(), "inputs": found.describe()}
    why = found.reason
    if isinstance(stopped, Exception):
        why += f" (the module itself stops with {type(stopped).__name__}: {str(stopped).splitlines()[0][:120]})"
    return {"stuck": why}
