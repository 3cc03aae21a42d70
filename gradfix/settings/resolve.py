"""From defaults, configuration files and the command line to the settings of each file: the nearest file counts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gradfix.choose.choice import Choice, UnknownRule, chosen, meant_by, names_of
from gradfix.config import Excluded, Inputs, OutputFormat, RunMode, SandboxMode, Settings
from gradfix.patterns import Patterns, unreadable
from gradfix.settings.options import BadSettings
from gradfix.settings.read import Layer, in_file, in_folder

COMMAND_LINE = "command line"


class Resolver:
    """Gives the settings of each file and folder. What it has read it keeps.

    `command` holds what the command line says, by the keys of configuration files, or is a layer of another kind that
    wins over files, too; `config` is a file that stands for all others; with `isolated` none is read. `start` has what
    is no setting: arguments and the module of `-m`.
    """

    def __init__(
        self,
        command: Mapping[str, Any] | Layer | None = None,
        *,
        config: str = "",
        isolated: bool = False,
        start: Settings | None = None,
    ) -> None:
        """Raises BadSettings for a `config` that cannot be followed, and for rules that the command line has wrong."""
        self.command = command if isinstance(command, Layer) else Layer(COMMAND_LINE, os.getcwd(), command or {})
        self.start = start or Settings()
        self.named = _named(config) if config else None
        self.searches = not (isolated or config)
        self._layers: dict[str, Layer | None] = {}
        self._resolved: dict[str, Settings] = {}
        _check_rules(self.command)

    def for_file(self, path: str) -> Settings:
        """The settings of a file, which need not be there. Raises BadSettings."""
        return self.for_folder(os.path.dirname(os.path.abspath(path)))

    def for_path(self, path: str) -> Settings:
        """The settings of a file or of a folder's files. Raises BadSettings."""
        return self.for_folder(path) if os.path.isdir(path) else self.for_file(path)

    def for_folder(self, folder: str) -> Settings:
        """The settings of the files that lie in a folder. Raises BadSettings."""
        layer = self.layer(folder)
        key = layer.where if layer else ""
        if key not in self._resolved:
            self._resolved[key] = self._resolve(layer)
        return self._resolved[key]

    def layer(self, folder: str) -> Layer | None:
        """What the nearest configuration file says, from a folder upwards; None where there is none."""
        if not self.searches:
            return self.named
        folder = os.path.abspath(folder)
        if folder not in self._layers:
            parent = os.path.dirname(folder)
            found = in_folder(folder) if os.path.isdir(folder) else None
            if found is not None:
                _check_rules(found)
            self._layers[folder] = found or (self.layer(parent) if parent != folder else None)
        return self._layers[folder]

    def _resolve(self, layer: Layer | None) -> Settings:
        layers = [each for each in (layer, self.command) if each is not None]
        given: dict[str, tuple[Any, Layer]] = {
            key: (value, each) for each in layers for key, value in each.values.items()
        }

        def value(key: str, usual: Any) -> Any:
            return given[key][0] if key in given else usual

        start = self.start
        return replace(
            start,
            python=_program(*given["python"]) if "python" in given else start.python,
            run=RunMode(value("run", start.run)),
            timeout=float(value("timeout", start.timeout)),
            unsafe_fixes=value("unsafe-fixes", start.unsafe_fixes),
            sandbox=SandboxMode(value("sandbox", start.sandbox)),
            gpu=value("gpu", start.gpu),
            memory=value("memory", start.memory),
            jobs=value("jobs", start.jobs),
            output_format=OutputFormat(value("output-format", start.output_format)),
            baseline=_path(*given["baseline"]) if "baseline" in given else "",
            choice=_choice(layers) or start.choice,
            excluded=_excluded(layers, force=value("force-exclude", False)),
            inputs=_inputs(*given["inputs"]) if "inputs" in given else None,
        )


def _named(config: str) -> Layer:
    layer = in_file(config)
    if layer is None:
        raise BadSettings(f"{config}: has no table tool.gradfix")
    _check_rules(layer)
    return layer


def _check_rules(layer: Layer) -> None:
    """Whether all rules and patterns of a layer can be followed. Raises BadSettings."""
    values = layer.values
    lists = {key: values.get(key, ()) for key in ("select", "ignore", "extend-select")}
    lists |= {f"per-file-ignores.{pattern!r}": v for pattern, v in values.get("per-file-ignores", {}).items()}
    for key, selectors in lists.items():
        for selector in selectors:
            try:
                meant_by(selector)
            except UnknownRule as e:
                raise BadSettings(f"{_at(layer, key)}: {e}") from e
    patterns = {key: values.get(key, ()) for key in ("exclude", "extend-exclude")}
    patterns["per-file-ignores"] = values.get("per-file-ignores", ())
    for key, each in patterns.items():
        for pattern in each:
            if unreadable(pattern):
                raise BadSettings(f"{_at(layer, key)}: {pattern!r} is no pattern that git would read")


def _at(layer: Layer, key: str) -> str:
    """Where a setting stands."""
    return f"--{key}" if layer.where == COMMAND_LINE else f"{layer.where}: {key}"


def _choice(layers: list[Layer]) -> Choice | None:
    """The rules that the layers leave; None where they say nothing of rules."""
    names, fewer = chosen(each.values for each in layers), _fewer(layers)
    return Choice(names, fewer) if names is not None or fewer else None


def _fewer(layers: list[Layer]) -> tuple[tuple[Patterns, frozenset[str]], ...]:
    """What `per-file-ignores` takes away. That of the command line takes the place of that of a file."""
    having = [layer for layer in layers if "per-file-ignores" in layer.values]
    return tuple(
        (Patterns(layer.base, (pattern,)), names_of(selectors))
        for layer in having[-1:]
        for pattern, selectors in layer.values["per-file-ignores"].items()
    )


def _excluded(layers: list[Layer], *, force: bool) -> Excluded:
    """What is left out: `exclude` of the last layer that has it, and each layer's `extend-exclude`."""
    having = [layer for layer in layers if "exclude" in layer.values]
    patterns = [Patterns(layer.base, tuple(layer.values["exclude"])) for layer in having[-1:]]
    more = [Patterns(b.base, tuple(b.values["extend-exclude"])) for b in layers if "extend-exclude" in b.values]
    return Excluded((*patterns, *more), usual=not having, force=force)


def _inputs(table: Mapping[str, Any], layer: Layer) -> Inputs:
    return Inputs(layer.where, layer.base, table)


def _program(name: str, layer: Layer) -> str:
    """An interpreter: a name without a slash is looked up as a shell does, a path counts from its layer's folder."""
    return _path(name, layer) if os.sep in name else name


def _path(path: str, layer: Layer) -> str:
    """A path that counts from its layer's folder, as the user wrote it where that is the current one."""
    path = os.path.expanduser(path)
    return path if layer.where == COMMAND_LINE else os.path.join(layer.base, path)
