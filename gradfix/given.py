"""What the user says that a step is to be called with: in a comment at the function, or in `inputs` of a
configuration file.

The grammar, for each parameter (docs/inputs.md):

    images = float32[32,28,28,1]      a tensor; `array` behind the shape makes it a NumPy array
    labels = int32[32]<10             whole numbers from 0 to 9
    x = float32[16,1] in -1..1        numbers between two bounds
    steps = 3, rate = 0.1, name = "conv", flag = true, mask = none
    net = =model                      an object of the module, by its name
    batch = (float32[8,4], int32[8])  a tuple; in pyproject.toml also a list of descriptions
    batch = {x: float32[8,4], y: int32[8]<3}   a dict; in pyproject.toml also a table of descriptions
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gradfix.config import Inputs
from gradfix.scan.functions import functions_of

Spec = dict[str, Any]

_TENSOR = re.compile(
    r"(?P<dtype>(?:bfloat|float|uint|int|complex)\d+|bool|string)\s*\[(?P<shape>[\d,\s]*)\]\s*"
    r"(?:<\s*(?P<high>\d+)|in\s+(?P<from>-?[\d.]+)\s*\.\.\s*(?P<to>-?[\d.]+))?\s*(?P<array>array)?"
)
_COMMENT = re.compile(r"#\s*gradfix:\s*inputs\s+(?P<text>.+)")
_WORDS: dict[str, Any] = {"true": True, "false": False, "none": None}


class BadInput(ValueError):
    """A description that the grammar does not have. Its text is one line and names where it stands."""


def spec_of(text: str) -> Spec:
    """The spec of one description. Raises BadInput."""
    text = text.strip()
    if match := _TENSOR.fullmatch(text):
        shape = [int(d) for d in match["shape"].replace(" ", "").split(",") if d]
        spec: Spec = {"kind": "tensor", "dtype": match["dtype"], "shape": shape}
        if match["high"]:
            spec |= {"low": 0, "high": int(match["high"])}
        if match["from"]:
            spec |= {"low": float(match["from"]), "high": float(match["to"])}
        return spec | ({"as": "array"} if match["array"] else {})
    if text[:1] + text[-1:] in ("()", "{}"):
        return _of_structure(text)
    if text.startswith("=") and text[1:].replace(".", "").replace("_", "").isalnum():
        return {"kind": "name", "name": text[1:]}
    if text.lower() in _WORDS:
        return {"kind": "value", "value": _WORDS[text.lower()]}
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        value = ...
    if isinstance(value, (int, float, str, bool)):
        return {"kind": "value", "value": value}
    raise BadInput(f"cannot read {text!r}: a tensor is written like float32[32,28,28,1] or int32[32]<10")


def _of_structure(text: str) -> Spec:
    """The spec of a tuple or a dict of descriptions. Raises BadInput."""
    parts = [part.strip() for part in _parted(text[1:-1]) if part.strip()]
    if text[0] == "(":
        return {"kind": "tuple", "items": [spec_of(part) for part in parts]}
    items = {}
    for part in parts:
        key, colon, value = part.partition(":")
        if not colon:
            raise BadInput(f"cannot read {part!r}: an item of a dict is written like x: float32[8,4]")
        items[key.strip().strip("'\"")] = spec_of(value)
    return {"kind": "dict", "items": items}


def _parted(text: str) -> list[str]:
    """A text parted at the commas that stand in no brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def in_comments(
    text: str, tree: ast.Module, call_line: Callable[[int], str] = "line {}".format
) -> dict[str, dict[str, Spec]]:
    """Specs by qualified function name, from `# gradfix: inputs ...` above a `def` or on the first line of its body.

    `call_line` says how a line is called in an error. Raises BadInput.
    """
    lines = text.split("\n")
    found: dict[str, dict[str, Spec]] = {}
    for qualname, function in functions_of(tree):
        first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
        for number in (first - 1, *range(first, function.body[0].lineno)):
            match = _COMMENT.search(lines[number - 1]) if 1 <= number <= len(lines) else None
            if match:
                found[qualname] = _pairs(match["text"], call_line(number))
    return found


def in_table(inputs: Inputs | None, path: str) -> dict[str, dict[str, Spec]]:
    """Specs by qualified function name, from the table `inputs` of a configuration file; none where there is none.

    A key is `file.py:function`, the file's path counted from the folder of the configuration. Raises BadInput.
    """
    found: dict[str, dict[str, Spec]] = {}
    for key, given in inputs.table.items() if inputs else ():
        assert inputs is not None
        name, _, qualname = str(key).rpartition(":")
        where = f"{inputs.file}: inputs.{key!r}"
        if not name or not isinstance(given, Mapping):
            raise BadInput(f"{where}: a key is written like 'train.py:train_step', its value is a table")
        if (Path(inputs.folder) / name).resolve() == Path(path).resolve():
            found[qualname] = {str(k): _of_toml(v, f"{where}.{k}") for k, v in given.items()}
    return found


def _of_toml(value: Any, where: str) -> Spec:
    if isinstance(value, (bool, int, float)):
        return {"kind": "value", "value": value}
    if isinstance(value, Mapping):
        return {"kind": "dict", "items": {str(k): _of_toml(v, f"{where}.{k}") for k, v in value.items()}}
    if isinstance(value, list):
        return {"kind": "tuple", "items": [_of_toml(v, f"{where}[{i}]") for i, v in enumerate(value)]}
    if not isinstance(value, str):
        raise BadInput(f"{where}: expected a string, a number, a boolean, a list or a table")
    try:
        return spec_of(value)
    except BadInput as e:
        raise BadInput(f"{where}: {e}") from e


def _pairs(text: str, where: str) -> dict[str, Spec]:
    """`a=float32[2,3], b=int32[2]<10`: commas in brackets do not part."""
    pairs = {}
    for part in re.split(r",\s*(?=[A-Za-z_]\w*\s*=)", text.strip()):
        name, equals, value = part.partition("=")
        if not equals or not name.strip().isidentifier():
            raise BadInput(f"{where}: expected name=description, not {part!r}")
        try:
            pairs[name.strip()] = spec_of(value)
        except BadInput as e:
            raise BadInput(f"{where}: {name.strip()}: {e}") from e
    return pairs
