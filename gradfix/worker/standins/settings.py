"""Settings from files that are not there, and the packages that read them: `yaml`, `omegaconf`, `hydra`.

What keys there are is read off the code: `cfg.model.units` and `config["model"]["units"]`.
"""

from __future__ import annotations

import ast
import functools
import json
import os
from types import FrameType
from typing import Any

from . import contents
from .files import Files
from .guards import tree_of
from .notes import Needs

Tree = dict[str, Any]
METHODS = frozenset(dir(dict)) | {"copy", "merge_with"}


class Config(dict[str, Any]):
    """Settings by key and by attribute."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


def config(value: Any) -> Any:
    """The same settings, with attributes all the way down."""
    if isinstance(value, dict):
        return Config({k: config(v) for k, v in value.items()})
    return [config(v) for v in value] if isinstance(value, (list, tuple)) else value


def of_names(tree: ast.Module, names: set[str]) -> Tree:
    """The settings that code takes from variables of some names, with made-up values."""
    found: Tree = {}
    chains = [path for node in ast.walk(tree) if (path := _path(node, names))]
    for path in sorted(chains, key=len):
        level = found
        for key in path[:-1]:
            if not isinstance(level.get(key), dict):
                level[key] = {}
            level = level[key]
        level.setdefault(path[-1], contents.setting(path[-1]))
    return found


def _path(node: ast.AST, names: set[str]) -> tuple[str, ...]:
    """The keys of a chain that starts at one of some names, empty where it does not. Methods of dicts end it."""
    keys: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            if node.attr in names and keys:
                break
            keys.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript) and isinstance(getattr(node.slice, "value", None), str):
            keys.append(str(getattr(node.slice, "value", "")))
            node = node.value
        else:
            break
    if not keys or not (getattr(node, "id", None) in names or getattr(node, "attr", None) in names):
        return ()
    path: list[str] = []
    for key in reversed(keys):
        if key in METHODS:
            break
        path.append(key)
    return tuple(path)


def loaded_into(tree: ast.Module) -> set[str]:
    """Names of variables that settings are loaded into, and of those that parts of them go to as a whole."""
    found: set[str] = set()
    for node in ast.walk(tree):
        called = node.value if isinstance(node, ast.Assign) else None
        if not isinstance(node, ast.Assign) or not isinstance(called, ast.Call):
            continue
        if contents.LOADING.search(ast.unparse(called.func)):
            found |= {n for target in node.targets if (n := getattr(target, "id", getattr(target, "attr", "")))}
    return found


def made_for(frame: FrameType) -> Tree:
    """The settings that the code of a frame reads."""
    tree = tree_of(frame.f_code.co_filename)
    return of_names(tree, loaded_into(tree)) if tree is not None else {}


def _of_text(text: str, package: str) -> Any:
    """What a made-up file says, which is JSON; a real one needs the package."""
    try:
        return json.loads(text)
    except ValueError:
        raise Needs(package, "it reads a file that is there") from None


def yaml_names() -> dict[str, Any]:
    """`yaml`."""

    def load(stream: Any, *_: Any, **__: Any) -> Any:
        return _of_text(stream if isinstance(stream, str) else stream.read(), "PyYAML")

    def dump(data: Any, stream: Any = None, *_: Any, **__: Any) -> Any:
        text = json.dumps(data, default=str)
        return text if stream is None else stream.write(text)

    loaders: dict[str, Any] = dict.fromkeys(("FullLoader", "SafeLoader", "Loader", "UnsafeLoader"))
    return {"load": load, "safe_load": load, "full_load": load, "dump": dump, "safe_dump": dump, **loaders}


def _omega(files: Files) -> Any:
    class OmegaConf:
        """Settings that stay as they are given."""

        create = staticmethod(lambda obj=None, *a, **k: config(obj if obj is not None else {}))
        from_cli = from_dotlist = staticmethod(lambda *a, **k: Config())
        structured = staticmethod(lambda obj, *a, **k: obj() if isinstance(obj, type) else obj)
        to_container = to_object = staticmethod(lambda cfg, *a, **k: json.loads(json.dumps(cfg, default=str)))
        to_yaml = staticmethod(lambda cfg, *a, **k: json.dumps(cfg, default=str))
        set_struct = set_readonly = save = resolve = register_new_resolver = staticmethod(lambda *a, **k: None)
        is_config = staticmethod(lambda obj: isinstance(obj, Config))

        @staticmethod
        def merge(*parts: Any) -> Any:
            """The later ones win."""
            made = Config()
            for part in parts:
                for key, value in part.items():
                    both = isinstance(value, dict) and isinstance(made.get(key), dict)
                    made[key] = OmegaConf.merge(made[key], value) if both else value
            return made

        @staticmethod
        def load(path: Any) -> Any:
            """Of a file."""
            frame = files.due(path)
            if frame is None:
                with open(path) as file:
                    return config(_of_text(file.read(), "omegaconf"))
            made = made_for(frame)
            files.notes.say(f"OmegaConf.load({files.shown(path)})", f"settings with made-up values: {made}"[:300])
            return config(made)

    return OmegaConf


def omegaconf_names(files: Files) -> dict[str, Any]:
    """`omegaconf`."""
    return {"OmegaConf": _omega(files), "DictConfig": Config, "ListConfig": list, "MISSING": "???"}


def hydra_names(files: Files) -> dict[str, Any]:
    """`hydra`: its main function gets the settings that it reads."""

    def main(*_: Any, **__: Any) -> Any:
        def decorate(function: Any) -> Any:
            @functools.wraps(function)
            def run(cfg: Any = None) -> Any:
                if cfg is not None:
                    return function(cfg)
                code = function.__code__
                tree = tree_of(code.co_filename)
                made = of_names(tree, {code.co_varnames[0], "cfg", "config"}) if tree is not None else {}
                files.notes.say("hydra's configuration", f"settings with made-up values: {made}"[:300])
                return function(config(made))

            return run

        return decorate

    here: dict[str, Any] = {"get_original_cwd": os.getcwd, "to_absolute_path": os.path.abspath}
    return {"main": main, **here, "utils": type("utils", (), {k: staticmethod(v) for k, v in here.items()})}
