"""Plain Python values, going by the name of what they are for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .specs import Spec
from .uses import Use


def scalars(use: Use, constants: Mapping[str, Any], text: str = "") -> list[Spec]:
    """Candidates for one value: constants of the module that are called so first."""
    name = use.name.lower()
    found: list[Any] = [constants[key] for key in (use.name.upper(), use.name) if key in constants]
    if "shape" in name:
        conv = [[28, 28, 1], [32, 32, 3]] if "Conv" in text else []
        return [{"kind": "shape", "value": shape} for shape in [*conv, [8], [28, 28, 1], [8, 4]]]
    for pattern, values in (
        (r"epoch|step|iter|round|repeat", [2]), (r"batch", [4]), (r"^lr$|learning_rate|_lr$", [0.01]), (r"seed", [0]),
        (r"class|action|label|categor", [3, 10]), (r"vocab|token|user|item", [20]),
        (r"(img|image)_?size|^size|height|resolution", [32, 8]), (r"index|idx|map|unit_?no|channel_?no", [0, 1]),
        (r"dropout|rate|weight|alpha|beta|gamma|tau|eps|coef|lambda|ratio", [0.1, 1]),
        (r"training|verbose|from_logits|^is_|^use_", [True, False]), (r"activation", ["relu"]), (r"name", ["made_up"]),
        (r"temperature|scale", [2.0]), (r"dim|hidden|units|filters|features|channels|latent", [8, 4]),
    ):  # fmt: skip
        if re.search(pattern, name):
            found += values
            break
    if use.annotation.startswith("str"):
        found.append("made_up")
    values = [*found, *([0, 1] if "index" in use.flags else []), 4, 0.5, 1]
    return [{"kind": "value", "value": v} for i, v in enumerate(values) if v not in values[:i] or isinstance(v, bool)]
