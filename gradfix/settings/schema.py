"""The JSON Schema of `gradfix.toml` and `[tool.gradfix]` for editors: `python -m gradfix.settings.schema` prints it."""

from __future__ import annotations

import json

from gradfix.settings.options import OPTIONS


def as_text() -> str:
    """The schema as docs/gradfix.schema.json holds it."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gradfix configuration",
        "description": "What gradfix.toml and [tool.gradfix] of pyproject.toml may hold; configuration.md explains it.",
        "type": "object",
        "additionalProperties": False,
        "properties": {o.key: {"description": o.help, **o.schema} for o in OPTIONS},
    }
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    print(as_text(), end="")
