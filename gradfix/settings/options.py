"""The keys of configuration files, with their types: what reads them, the JSON Schema and the page are made of this."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gradfix.config import OutputFormat, RunMode, SandboxMode

Schema = Mapping[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_FLAG: Schema = {"type": "boolean"}


class BadSettings(ValueError):
    """A setting that cannot be followed. Its text is one line, and names the file and the key, or the option."""


@dataclass(frozen=True)
class Option:
    """One key. `schema` is that of its value; `whole` says that it holds for a whole call, not for each file."""

    key: str
    schema: Schema
    help: str
    whole: bool = False


OPTIONS: tuple[Option, ...] = (
    Option("select", _TEXTS, "The rules that are looked for: names, codes, prefixes of codes (GF1), or ALL."),
    Option("ignore", _TEXTS, "Rules that are left out."),
    Option("extend-select", _TEXTS, "Rules that are looked for as well."),
    Option(
        "per-file-ignores",
        {"type": "object", "additionalProperties": _TEXTS},
        "Rules that are left out in some files: a pattern for each list of rules.",
    ),
    Option("exclude", _TEXTS, "Patterns of files and folders to leave out, in the place of the usual ones."),
    Option("extend-exclude", _TEXTS, "Patterns of files and folders to leave out as well."),
    Option("force-exclude", _FLAG, "Leave excluded files out also where they are named."),
    Option("run", {"enum": [m.value for m in RunMode]}, "Which files with a step are run."),
    Option("python", _TEXT, "The interpreter whose TensorFlow runs the steps; a path counts from the file's folder."),
    Option("timeout", {"type": "number", "minimum": 0.1}, "The limit for one run of user code, in seconds."),
    Option("sandbox", {"enum": [m.value for m in SandboxMode]}, "How much of a sandbox runs must have."),
    Option("memory", {"type": "number", "minimum": 0.1}, "The limit for the memory of one run, in GB."),
    Option("gpu", _FLAG, "Show GPUs to the code that is run."),
    Option("unsafe-fixes", _FLAG, "Also show fixes that are proved but change more than the gradients."),
    Option(
        "inputs",
        {"type": "object", "additionalProperties": {"type": "object"}},
        "What steps are called with: a table for each 'file.py:function'.",
    ),
    Option("baseline", _TEXT, "The file of findings that are known; it counts from the file's folder.", whole=True),
    Option("jobs", {"type": "integer", "minimum": 0, "maximum": 32}, "Files looked at at a time.", whole=True),
    Option("output-format", {"enum": [f.value for f in OutputFormat]}, "How the report is written.", whole=True),
)

_KINDS: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}
_SAID = {
    "boolean": "true or false",
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a table",
}


def check_table(table: Mapping[str, Any], where: str) -> None:
    """Whether a table has known keys only, each with a value of its type. Raises BadSettings.

    `where` is the file, and the table in it.
    """
    known = {option.key: option for option in OPTIONS}
    for key, value in table.items():
        if key not in known:
            near = difflib.get_close_matches(key.replace("_", "-").lower(), known, 1)
            raise BadSettings(f"{where}: unknown key {key!r}" + (f"; did you mean {near[0]}?" if near else ""))
        for fault in faults(value, known[key].schema, key):
            raise BadSettings(f"{where}: {fault}")


def faults(value: Any, schema: Schema, name: str) -> Iterator[str]:
    """What speaks against a value, for the part of JSON Schema that OPTIONS use; each names the value by `name`."""
    if "enum" in schema:
        if value not in schema["enum"]:
            near = difflib.get_close_matches(str(value), schema["enum"], 1)
            meant = f"; did you mean {near[0]}?" if near else ""
            yield f"{name} must be one of {', '.join(schema['enum'])}, not {value!r}{meant}"
        return
    kind = schema["type"]
    right = isinstance(value, _KINDS[kind]) and isinstance(value, bool) == (kind == "boolean")
    if not right:
        yield f"{name} must be {_SAID[kind]}, not {value!r}"
        return
    if value != value or value in (float("inf"), float("-inf")):
        yield f"{name} must be {_SAID[kind]}, not {value!r}"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{name} must be at least {schema['minimum']}, not {value!r}"
    if "maximum" in schema and value > schema["maximum"]:
        yield f"{name} must be at most {schema['maximum']}, not {value!r}"
    for i, item in enumerate(value if kind == "array" else ()):
        yield from faults(item, schema["items"], f"{name}[{i}]")
    for key, item in value.items() if kind == "object" and "additionalProperties" in schema else ():
        yield from faults(item, schema["additionalProperties"], f"{name}.{key!r}")
