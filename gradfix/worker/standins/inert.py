"""Objects that take any use that only shows, logs or decorates, and raise where their value is needed."""

from __future__ import annotations

import dis
import operator
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from .notes import Needs, words

_CODES = dis.opmap
_UNPACK, _UNPACK_MORE = _CODES["UNPACK_SEQUENCE"], _CODES["UNPACK_EX"]


NOT_A_MODEL = ("trainable_variables", "trainable_weights")
"""Attributes by which models are told from other things: an inert object has none of them."""


class Inert:
    """What an absent package gives: more of the same. `calm` ones, of packages that only show or log, have no value
    that a result could depend on: they are 0, empty and true where asked. The others raise Needs there."""

    def __init__(self, package: str, path: str, calm: bool) -> None:
        self.__dict__.update(_gradfix=(package, path, calm))

    def _needed(self, default: Any) -> Any:
        package, path, calm = self.__dict__["_gradfix"]
        if calm:
            return default
        raise Needs(package, f"the value of {path} is used")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in NOT_A_MODEL:
            raise AttributeError(name)
        package, path, calm = self.__dict__["_gradfix"]
        made = Inert(package, f"{path}.{name}", calm)
        self.__dict__[name] = made
        return made

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and _is_definition(args[0]):
            return args[0]  # a decorator
        package, path, calm = self.__dict__["_gradfix"]
        return Inert(package, f"{path}()", calm)

    def __iter__(self) -> Iterator[Any]:
        wanted = _wanted(sys._getframe(1))
        if wanted is not None:
            package, path, calm = self.__dict__["_gradfix"]
            return iter([Inert(package, f"{path}[{i}]", calm) for i in range(wanted)])
        return iter(self._needed(()))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        package, path, calm = self.__dict__["_gradfix"]
        if calm and dtype in (None, object):
            made: Any = np.empty(1, dtype=object)
            made[0] = self
            return made
        raise Needs(package, f"the value of {path} becomes an array")

    def __getitem__(self, key: Any) -> Any:
        package, path, calm = self.__dict__["_gradfix"]
        return Inert(package, f"{path}[...]", calm)

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __delitem__(self, key: Any) -> None:
        pass

    def __contains__(self, item: Any) -> bool:
        return bool(self._needed(False))

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *args: Any) -> None:
        pass

    def __bool__(self) -> bool:
        return bool(self._needed(True))

    def __len__(self) -> int:
        return int(self._needed(0))

    def __int__(self) -> int:
        return int(self._needed(0))

    __index__ = __int__

    def __float__(self) -> float:
        return float(self._needed(0.0))

    def __fspath__(self) -> str:
        return str(self._needed("inert"))

    def __str__(self) -> str:
        package, path, calm = self.__dict__["_gradfix"]
        return f"<{path}>" if calm else f"<{path}: {Needs(package)}>"  # messages of others then name the package

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return str(self)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        return (Blank,)

    def __instancecheck__(self, instance: Any) -> bool:
        return False

    def __subclasscheck__(self, subclass: type) -> bool:
        return False


class Blank:
    """What a class of the user's inherits from, where its base is in an absent package."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass


def _arithmetic(self: Any, *others: Any) -> Any:
    return self


def _comparison(self: Any, other: Any) -> Any:
    return self._needed(False)


for _name in (
    *(words("add sub mul truediv floordiv mod pow matmul and or xor lshift rshift")),
    *(
        [
            "radd",
            "rsub",
            "rmul",
            "rtruediv",
            "rfloordiv",
            "rmod",
            "rpow",
            "rmatmul",
            "rand",
            "ror",
            "rxor",
            "neg",
            "pos",
            "abs",
            "invert",
            "round",
        ]
    ),
):
    setattr(Inert, f"__{_name}__", _arithmetic)
for _name in ("lt", "le", "gt", "ge"):
    setattr(Inert, f"__{_name}__", _comparison)


class Module(types.ModuleType):
    """A package that is not there, or a module of one: names that nobody has made are inert."""

    def __init__(self, name: str, calm: bool, strict: bool, names: dict[str, Any]) -> None:
        super().__init__(name)
        self.__path__: list[str] = []  # so that it may have submodules
        self.__dict__.update(names, _gradfix=(name, calm, strict), _names=names)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name, calm, strict = self.__dict__["_gradfix"]
        if len(args) == 1 and not kwargs and _is_definition(args[0]):
            return args[0]
        if calm or not strict:
            return Inert(name.partition(".")[0], name, calm)
        raise Needs(name.partition(".")[0], f"{name} is called")

    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return "0.0.0"
        if name.startswith("_"):
            raise AttributeError(name)
        here, calm, strict = self.__dict__["_gradfix"]
        if self.__dict__["_names"] and name.islower():  # sklearn.metrics, after `import sklearn`
            return Module(f"{here}.{name}", calm, strict, self.__dict__["_names"])
        kind = Strict if strict else Inert
        made = kind(here.partition(".")[0], f"{here}.{name}", calm)
        self.__dict__[name] = made
        return made


class Strict(Inert):
    """Of a package whose things are there to compute with: calling one is already too much."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        package, path, calm = self.__dict__["_gradfix"]
        return Strict(package, f"{path}.{name}", calm)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and _is_definition(args[0]):
            return args[0]
        package, path, _ = self.__dict__["_gradfix"]
        raise Needs(package, f"{path} is called")


def _is_definition(value: Any) -> bool:
    """Whether a value is a function or a class, plain or decorated."""
    return isinstance(value, (types.FunctionType, types.MethodType, type)) or hasattr(value, "python_function")


def _wanted(frame: types.FrameType) -> int | None:
    """How many values a frame is about to unpack, None where it does something else."""
    code, at = frame.f_code.co_code, frame.f_lasti
    if not 0 <= at < len(code) - 1:
        return None
    if code[at] == _UNPACK:
        return code[at + 1]
    if code[at] == _UNPACK_MORE:
        return operator.and_(code[at + 1], 0xFF)
    return None


def install() -> None:
    """Has TensorFlow ask for an inert value's reason instead of guessing what it is."""
    import tensorflow as tf
    from tensorflow.python.autograph.core import config

    def convert(value: Any, *args: Any, **kwargs: Any) -> Any:
        package, path, _ = value.__dict__["_gradfix"]
        raise Needs(package, f"the value of {path} reaches TensorFlow")

    tf.register_tensor_conversion_function(Inert, convert, priority=1)
    rule = config.DoNotConvert(__name__.rpartition(".")[0])
    config.CONVERSION_RULES = (rule, *config.CONVERSION_RULES)
