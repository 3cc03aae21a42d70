"""What the client says at the start, and the settings of each file that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gradfix.choose.baseline import read_baseline
from gradfix.config import RunMode, Settings
from gradfix.settings.options import BadSettings, check_table
from gradfix.settings.resolve import Resolver

WHERE = "initializationOptions"


@dataclass(frozen=True)
class Preferences:
    """`settings` holds the keys of configuration files, and wins over those. Nothing runs unless `trusted`."""

    trusted: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)

    def for_file(self, path: str) -> Settings:
        """The settings of a file. Configuration files are read anew. Raises BadSettings and BadBaseline."""
        settings = Resolver(self.settings).for_file(path)
        return replace(settings, known=read_baseline(settings.baseline)) if settings.baseline else settings

    def may_run(self, settings: Settings) -> bool:
        """Whether code may be run at all."""
        return self.trusted and settings.run is not RunMode.NEVER


def preferences_of(options: Any) -> Preferences:
    """What `initializationOptions` say. Raises BadSettings for what cannot be followed."""
    if options is None:
        return Preferences()
    if not isinstance(options, Mapping):
        raise BadSettings(f"{WHERE} must be an object, not {options!r}")
    unknown = [key for key in options if key not in ("trusted", "settings")]
    if unknown:
        raise BadSettings(f"{WHERE}: unknown key {unknown[0]!r}; there are trusted and settings")
    trusted, settings = options.get("trusted", True), options.get("settings") or {}
    if not isinstance(trusted, bool):
        raise BadSettings(f"{WHERE}: trusted must be true or false, not {trusted!r}")
    if not isinstance(settings, Mapping):
        raise BadSettings(f"{WHERE}: settings must be an object, not {settings!r}")
    check_table(settings, f"{WHERE}: settings")
    Resolver(settings)  # whether its rules are known
    return Preferences(trusted, settings)
