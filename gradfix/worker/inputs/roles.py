"""What kind of thing a parameter is, going by how the code uses it and by its name."""

from __future__ import annotations

import re

from .uses import Use
from .vocabulary import ARRAY_TRAITS, DATASET_TRAITS, MODEL_NAMES, MODEL_TRAITS, SCALAR_NAMES


def _is_own(callee: str) -> bool:
    """Whether a callee may be a model: an object of the module, not a class and nothing of a library."""
    library = re.match(r"(tf|np|numpy|keras|layers|math|random|range|int|float|len|print|str|max|min|abs)\b", callee)
    last = callee.rsplit(".", 1)[-1]
    return bool(callee) and not library and not last[:1].isupper() and not last.startswith("assign")


def _is_compared(use: Use) -> bool:
    """Whether the code compares a value with what comes out of a model, and not only scales gradients by it."""
    return any(not out.callee.endswith(".gradient") for _, out in use.targets)


def role(use: Use) -> str:
    """What kind of thing the code wants: model, optimizer, loss, dataset, tuple, dict, layer name, scalar, tensor."""
    name, note, traits = use.name.lower(), use.annotation, use.attributes
    for pattern, kind in (
        (r"Optimizer", "optimizer"), (r"Loss\b", "loss"), (r"Dataset", "dataset"),
        (r"\bModel\b|Layer\b|Module\b", "model"), (r"^(int|float|bool|str)\b", "scalar"),
        (r"Tensor\b|ndarray", "tensor"),
    ):  # fmt: skip
        if re.search(pattern, note):
            return kind
    if traits & {"apply_gradients", "minimize", "apply"} or re.match(r"opt(imi[sz]er)?\b|\w*_?opt(imi[sz]er)?$", name):
        return "optimizer"
    if traits & MODEL_TRAITS:
        return "model"
    if use.called:
        losses = re.search(r"loss|criterion|objective|metric|distance", name) or use.called == 2
        return "model" if MODEL_NAMES.search(name) or not losses else "loss"
    if "get_layer" in use.ops:
        return "layer name"
    if (
        "counted" in use.flags
        or "range" in use.ops
        or isinstance(getattr(use.default, "value", None), (int, float, str))
    ):
        return "scalar"
    element = use.parts.get("*")
    if element and (
        traits & DATASET_TRAITS or "unpacked" in element.flags or re.search(r"data|ds$|loader|batches", name)
    ):
        return "dataset"
    if "unpacked" in use.flags or (
        set(use.parts) >= {0, 1} and not use.fed and "sliced" not in use.flags
    ):  # fmt: skip
        return "tuple"
    if set(use.parts) == {0} and not (use.fed or use.targets or traits or use.flags - {"indexed"}):
        return "tuple"
    if "keyed" in use.flags:
        return "dict"
    if traits - ARRAY_TRAITS:
        return "object"
    made = any(op[:1].isupper() and op not in ("Variable", "Tensor", "Model") for op in use.ops)
    flows = _is_compared(use) or "one_hot" in use.ops or any(_is_own(callee) for callee, _ in use.fed)
    if (made or SCALAR_NAMES.search(name) or "index" in use.flags) and not flows:
        return "scalar"
    return "model" if MODEL_NAMES.search(name) and not use.targets and not use.fed else "tensor"
