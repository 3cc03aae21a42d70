"""`--help` in groups, as plain text: rich's panels would need rich, which takes longer than all the rest."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand


class Grouped(TyperCommand):
    """A command whose options are listed under the `rich_help_panel` that each of them names."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes the options, group by group in the order in which the groups come first."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                usual = "Arguments" if param.param_type_name == "argument" else "General"
                groups.setdefault(getattr(param, "rich_help_panel", None) or usual, []).append(record)
        for name, records in groups.items():
            with formatter.section(name):
                formatter.write_dl(records)
