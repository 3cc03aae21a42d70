"""Tells the user of made-up values, in a line each."""

from __future__ import annotations

from .specs import Spec


def describe(name: str, spec: Spec) -> str:
    """One line for the user: what was given for `name`."""
    text = _text(spec)
    if spec["kind"] in ("tensor", "one_hot") and "<" not in text:
        text += " (made up)"
    return f"{name}: {text}"


def _text(spec: Spec) -> str:
    kind = spec["kind"]
    if kind == "tensor":
        dtype, high = spec.get("dtype", "float32"), spec.get("high")
        whole = dtype.startswith(("int", "uint")) and high is not None
        return f"{dtype}{list(spec['shape'])}" + (f" < {high}" if whole else "")
    if kind == "one_hot":
        return f"one-hot {spec.get('dtype', 'float32')}{list(spec['shape'])}"
    if kind == "value":
        return repr(spec["value"])
    if kind == "shape":
        return repr(tuple(spec["value"]))
    if kind == "call":
        arguments = ", ".join(f"{name}={_text(arg)}" for name, arg in spec.get("args", {}).items())
        then = "".join(f", then .{step['name']}(...)" for step in spec.get("then", ()))
        item = f"[{spec['item']}]" if "item" in spec else ""
        return f"{spec['name']}({arguments}){item}{then}"
    if kind == "first":
        return f"from the first element of {spec['name']}"
    if kind == "optimizer":
        return str(spec.get("name", "SGD"))
    if kind == "loss":
        return str(spec.get("name", "MeanSquaredError"))
    if kind == "model":
        return f"a small dense model {list(spec.get('input', (8,)))} -> {spec.get('output', 1)} (made up)"
    if kind == "batches":
        return f"{spec.get('count', 2)} batches of {_text(spec['element'])}"
    if kind == "bag":
        return "(" + ", ".join(f".{key}={_text(item)}" for key, item in spec["items"].items()) + ")"
    if kind == "dict":
        return "{" + ", ".join(f"{key!r}: {_text(item)}" for key, item in spec["items"].items()) + "}"
    if kind in ("tuple", "list"):
        inside = ", ".join(_text(item) for item in spec["items"])
        return f"({inside})" if kind == "tuple" else f"[{inside}]"
    return str(spec["name"]) + (f"[:{spec['rows']}]" if "rows" in spec else "")
