"""The search for a plan: one choice of the objects after the other, and for each of them the tensors.

Nothing in it depends on addresses or on the order of sets, so that each process finds the same plan.
"""

from __future__ import annotations

import ast
import itertools
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from .attempts import Attempts
from .definitions import Function, find, way_in
from .following import uses_of
from .frames import Frame, frames, signature_of
from .module import Module
from .objects import Objects
from .plans import Outcome, Plan, Stuck, is_command
from .receivers import prepared
from .scene import Scene
from .specs import Spec
from .tensors import search_tensors
from .uses import Use
from .vocabulary import IMAGES


def invent(
    tree: ast.Module,
    qualname: str,
    load: Callable[[], dict[str, Any]],
    attempt: Callable[[Callable[[], Any]], Outcome],
    limit_seconds: float = 20.0,
    given: Mapping[str, Spec] | None = None,
) -> Plan | Stuck:
    """Searches for a plan with which `qualname` asks a tape for gradients, and best also ends without an error.

    `given` are specs of parameters that the user has written down.
    """
    chain, qualname = way_in(find(tree, qualname), qualname)
    if not chain or not isinstance(function := chain[-1], Function):
        return Stuck(f"there is no function {qualname} in this file")
    outer = chain[-2] if len(chain) > 1 else None
    owner = outer if isinstance(outer, ast.ClassDef) else None
    factory = outer if isinstance(outer, Function) else None
    deadline = time.monotonic() + limit_seconds
    try:
        module = Module(tree, function, owner, factory, load)
        return _searched(Attempts(module, qualname, attempt, deadline), uses_of(tree, function, owner), given or {})
    except Exception as e:  # looking at the objects of user code can raise anything
        said = (str(e).splitlines() or [""])[0][:120]
        return Stuck(f"looking for inputs of {qualname} ended with {type(e).__name__}: {said}; call it in the file")


def _searched(attempts: Attempts, uses: Mapping[str, Use], given: Mapping[str, Spec]) -> Plan | Stuck:
    module = attempts.module
    module.reload()
    if is_command(module.thing(attempts.qualname)):
        uses = {}
    objects = Objects(module, attempts.attempt, any(IMAGES.search(name) for name in uses))
    batch = _batch_size(module)
    signature = {**signature_of(module, uses, batch), **given}
    scene = Scene(module, batch, module.docstrings(), module.comments(), ast.unparse(module.tree), signature)
    found: Plan | None = None
    likeliest = list(itertools.islice(frames(objects, uses, signature), 12))
    if not likeliest:
        return Stuck(_no_receiver(objects, attempts.qualname))
    for number, frame in enumerate(likeliest):
        found = search_tensors(attempts, scene, uses, frame, max(12, 44 - 12 * number))
        if found is None and attempts.missing and frame.receiver and module.owner:
            for ready in prepared(objects, frame.receiver, module.owner, attempts.missing)[:3]:
                found = found or search_tensors(attempts, scene, uses, Frame(ready, frame.objects), 12)
        if found or attempts.over:
            break
    return found or attempts.fallback or Stuck(_no_inputs(attempts, uses))


def _batch_size(module: Module) -> int:
    """The module's own, if it has a constant of that name."""
    name = r"(?i)(train_)?batch(_?size)?|bs"
    sizes = [v for k, v in module.constants().items() if re.fullmatch(name, k) and isinstance(v, int)]
    return min(sizes[0], 64) if sizes and sizes[0] > 0 else 4


def _no_receiver(objects: Objects, qualname: str) -> str:
    owner, factory = objects.module.owner, objects.module.factory
    what = f"an instance of {owner.name}" if owner else "arguments for its factory" if factory else "a model"
    why = f" ({objects.failure})" if objects.failure else ""
    return f"{what} could not be made up{why}; make one in the file without arguments, or call {qualname} there"


def _no_inputs(attempts: Attempts, uses: Mapping[str, Use]) -> str:
    made = ", ".join(name for name, use in uses.items() if not use.optional) or "a receiver"
    why = f": {attempts.last}" if attempts.last else ""
    return (
        f"no inputs were found with which {attempts.qualname} gets as far as its gradients (made up: {made}){why}; "
        "call it in the file with real ones, or write their shapes in its docstring"
    )
