"""Ways into a file: run it as a script, or call one of its functions with made-up inputs."""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from . import inputs
from .mains import flags
from .overlay import Texts
from .recorder import Enough, Recorder

MODULE = "gradfix_user_module"
"""The name under which a file is loaded whose functions are to be called: not `__main__`."""


LOADING, ATTEMPT = 0, 3
"""Requests to tapes after which a statement of a module that is loaded, or one attempt, is ended.

None while loading: an update there would move the variables further in a patched text than in the original.
"""


@dataclass(frozen=True)
class Script:
    """The file that is run, and the dotted name of the package it lies in, "" for none.

    `module` is the name by which it is run, as `python -m` does it, "" where the file is run.
    """

    path: str
    package: str
    module: str = ""


def enter(entry: dict[str, Any], script: Script, texts: Texts, emit: Any, recorder: Recorder) -> None:
    """Enters the file. Raises whatever user code raises, and Enough when the steps were seen often enough."""
    if entry["kind"] == "script":
        module = _module("__main__", script)
        module.__spec__ = importlib.util.find_spec(script.module) if script.module else None
        exec(texts.code(script.path), module.__dict__)
    elif entry["kind"] == "call":
        namespace = _loaded(texts, script, recorder)
        for plan in entry["plans"]:
            inputs.perform(inputs.Plan.from_json(plan), namespace)
    else:
        emit({"event": "plan", **_search(entry["qualname"], entry["given"], texts, script, recorder)})


def _module(name: str, script: Script) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__file__ = script.path
    module.__package__ = script.package or None  # relative imports work, as under `python -m`
    if script.package:
        importlib.import_module(script.package)
    sys.modules[name] = module
    return module


def _loaded(texts: Texts, script: Script, recorder: Recorder) -> dict[str, Any]:
    """The namespace of the file, executed as a module: its own training is another entry.

    A statement at module level that fails (for data that is not there, say) is passed over: the functions after it
    can still be called with made-up inputs.
    """
    flags.forget(MODULE)
    module = _module(MODULE, script)
    stopped: BaseException | None = None
    for code in texts.statements(script.path):
        with recorder.quiet(LOADING):
            try:
                exec(code, module.__dict__)
            except Enough:
                continue
            except (Exception, SystemExit) as e:
                stopped = stopped or e
    with contextlib.suppress(flags.Error):  # arguments that belong to another reader
        flags.parse_once()
    if stopped is not None:
        module.__dict__["__gradfix_stopped__"] = stopped
    return module.__dict__


def _search(qualname: str, given: dict[str, Any], texts: Texts, script: Script, recorder: Recorder) -> dict[str, Any]:
    """Looks for inputs with which a function gets as far as its gradients: {"plan"} or {"stuck": why}."""
    tf.config.run_functions_eagerly(True)

    def attempt(thunk: Callable[[], Any]) -> inputs.Outcome:
        error: BaseException | None = None
        with recorder.quiet(ATTEMPT) as requests:
            try:
                thunk()
            except Enough:
                pass
            except (Exception, SystemExit) as e:
                error = e
        lines = () if error is None else tuple((p[0], p[1]) for p in recorder.places.of_error(error))
        return inputs.Outcome(requests() > 0, error, lines)

    namespace = _loaded(texts, script, recorder)
    stopped = namespace.get("__gradfix_stopped__")
    tree = ast.parse(texts.source(script.path), script.path)
    found = inputs.invent(tree, qualname, lambda: _loaded(texts, script, recorder), attempt, given=given)
    if isinstance(found, inputs.Plan):
        return {"plan": found.to_json(), "inputs": found.describe()}
    why = found.reason
    if isinstance(stopped, Exception):
        why += f" (the module itself stops with {type(stopped).__name__}: {str(stopped).splitlines()[0][:120]})"
    return {"stuck": why}
