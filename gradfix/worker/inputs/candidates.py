"""Candidates for a value that is a tensor, or a structure of tensors fed to a model with several inputs."""

from __future__ import annotations

import re

import tensorflow as tf

from .bounds import bound, classes
from .feeds import fed
from .layers import inputs_of, least_embedding
from .module_data import module_data
from .scene import Scene
from .specs import Spec, floats, ints
from .targets import targets
from .uses import Use
from .vocabulary import IMAGES, ROWS, WHOLE
from .words import from_words

_ARRAY_METHODS = {"astype", "copy", "mean", "std", "ravel", "item", "tolist", "max", "sum"}


def choices(use: Use, scene: Scene) -> list[Spec]:
    """What is tried for one value, in this order."""
    return candidates(use, scene) or families(use, scene)


def candidates(use: Use, scene: Scene) -> list[Spec]:
    """What the code and the live objects say of one value, the likeliest first; maybe nothing."""
    found: list[Spec] = []
    if use.path[0] in scene.signature and len(use.path) == 1:
        found.append(scene.signature[use.path[0]])
    said, high = _said(use, scene), bound(use, scene)
    evidence = [*module_data(use, scene.module, scene.batch), *fed(use, scene)]
    if said and "shape" in said:
        found.append(_as_said(use, scene, said, high, evidence))
    found += evidence
    labels = targets(use, scene, high)
    if re.search(r"(^|_)(mask|weights?)$", use.name.lower()) and not evidence:
        found.append(floats([scene.batch]))
    if high:
        found += [spec for spec in labels if spec.get("dtype", "")[:3] == "int"]
        found += [ints([scene.batch], high), ints([scene.batch, 8], high), ints([], high)]
    found += labels
    found = found or _by_name(use, scene)
    loosely_whole = said is not None and "shape" not in said and said["dtype"][:3] == "int"
    if loosely_whole or "casts others" in use.flags:
        found = [ints(spec["shape"], 5) for spec in found if spec.get("shape") is not None] + found
        found = found or [ints([scene.batch], 5), ints([scene.batch, 1], 5)]
    if use.attributes & {"assign", "assign_add", "assign_sub"}:
        found = [{**spec, "as": "variable"} for spec in found or families(use, scene) if spec["kind"] == "tensor"]
    if use.attributes & _ARRAY_METHODS:
        found = [{**spec, "as": "array"} if spec["kind"] in ("tensor", "one_hot") else spec for spec in found]
    return found


def _said(use: Use, scene: Scene) -> Spec | None:
    """What a docstring, or else a comment, says of the value."""
    constants = scene.module.constants()
    for text, name in ((scene.docstrings, use.name), (scene.comments, use.name), (scene.comments, use.name + "s")):
        if said := from_words(text, name, scene.batch, constants):
            return said
    return None


def _as_said(use: Use, scene: Scene, said: Spec, high: int | None, evidence: list[Spec]) -> Spec:
    """What is said of the value, completed by what is seen of it."""
    spec = {"dtype": "float32", **said}
    if spec["dtype"].startswith(("int", "uint")) and "high" not in spec:
        spec.update(low=0, high=high or classes(use, scene))
        written = scene.docstrings + scene.comments
        if re.search(rf"{use.name}\b[^,;]*?\bint\b", written) and "64" not in spec["dtype"]:
            spec["dtype"] = "int32"
    elif "dtype" not in said and evidence and evidence[0].get("dtype", "")[:3] == "int":
        spec |= {key: evidence[0][key] for key in ("dtype", "low", "high") if key in evidence[0]}
    return spec


def _by_name(use: Use, scene: Scene) -> list[Spec]:
    """What the name alone suggests: ids, images, one number for each row."""
    name, batch = use.name.lower(), scene.batch
    if WHOLE.search(name):
        high = least_embedding([*scene.live.values(), *scene.module.namespace.values()]) or 4
        return [ints([batch], high), ints([batch, 8], high), ints([batch, 1], high)]
    if IMAGES.search(name):
        return [floats([batch, 28, 28, 1]), floats([batch, 32, 32, 3]), floats([28, 28, 3])]
    return [floats([batch]), floats([batch, 1])] if ROWS.search(name) else []


def families(use: Use, scene: Scene) -> list[Spec]:
    """Shapes to try for a value that nothing is known of: first those that the models in sight take."""
    batch = scene.batch
    shapes = [[batch, 8], [batch, 1], [batch], [], [batch, 28, 28, 1], [batch, 32, 32, 3], [batch, 8, 4]]
    if IMAGES.search(use.name.lower()):
        shapes = [[batch, 28, 28, 1], [batch, 32, 32, 3], [28, 28, 3], [1, 28, 28, 1], *shapes]
    own: list[Spec] = []
    inside = [held for value in scene.live.values() for held in getattr(value, "__dict__", {}).values()]
    for held in [*scene.live.values(), *inside, *scene.module.namespace.values()]:
        if isinstance(held, tf.keras.Model):
            wanted = [spec for _, spec in (inputs_of(held, batch) or []) if spec["dtype"][:3] != "int"]
            own += [spec for spec in wanted if spec not in own]
    return own[:3] + [floats(shape) for shape in shapes]
