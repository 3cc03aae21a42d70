"""What Keras calls by itself within `fit`: the layers of a model of its own making, and a built-in loss.

No expression of the user's gives these values, so that the tracer alone knows nothing between the line that asks and
the variables. A layer's value is said to come from where the layer was made, the loss from the call of `compile`.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any

import tensorflow as tf

from .places import Places
from .trace import Tracer
from .values import elements

Place = tuple[str, int, int, int, int]
LONGEST = 60
"""Characters of a loss that are told."""


class Layers:
    """Adds nodes to a tracer. What the user's own code calls is left to the expressions around it."""

    def __init__(self, tracer: Tracer, places: Places) -> None:
        self.tracer, self.places = tracer, places
        self.made: dict[int, Place] = {}
        self.compiled: dict[int, tuple[Place, str]] = {}
        self.sites: dict[Place, int] = {}
        self.said: dict[int, str] = {}
        """By the numbers of expressions: what made the values, where the text there does not say."""
        self.within = 0

    def install(self) -> None:
        """Wraps the classes of the Keras that the user's code has."""
        model = tf.keras.Model
        for kind in model.__mro__:
            if kind.__name__ in ("Model", "Layer", "Operation") and "__call__" in kind.__dict__:
                kind.__call__ = self._call(kind.__call__)
            if kind.__name__ == "Layer":
                kind.__new__ = staticmethod(self._new(kind.__new__))
        model.compile = self._compile(model.compile)
        owner = next(kind for kind in model.__mro__ if "compute_loss" in kind.__dict__)
        owner.compute_loss = self._loss(owner.compute_loss)

    def _owns(self, frame: FrameType) -> bool:
        return self.places.owns(frame.f_code.co_filename)

    def _new(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def new(kind: Any, *args: Any, **kwargs: Any) -> Any:
            made = original(kind, *args, **kwargs)
            frame: FrameType | None = sys._getframe(1)
            while frame is not None and frame.f_code.co_name == "__new__":
                frame = frame.f_back
            self.made.pop(id(made), None)  # of one that is gone
            if frame is not None and self._owns(frame) and (place := self.places.of_frame(frame)):
                self.made[id(made)] = place
            return made

        return new

    def _compile(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def compile_(model: Any, *args: Any, **kwargs: Any) -> Any:  # compile(optimizer, loss, ...)
            if place := self.places.of_frame(sys._getframe(1)):
                loss = kwargs.get("loss", args[1] if len(args) > 1 else None)
                self.compiled[id(model)] = place, ", ".join(_names(loss))[:LONGEST]
            return original(model, *args, **kwargs)

        return compile_

    def _call(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
            if not self.tracer.open or self.within or self._owns(sys._getframe(1)):
                self.within += 1
                try:
                    return original(layer, *args, **kwargs)
                finally:
                    self.within -= 1
            mark = len(self.tracer.returned)
            value = original(layer, *args, **kwargs)
            if hasattr(layer, "trainable_variables"):
                self.tracer.owners.setdefault(id(layer), layer)
            given = [id(e) for e in elements([args, kwargs]) if self.tracer.knows(e)]
            number = self.tracer.owner_sites.get(id(layer), -1)  # of a model that Keras has put together
            if place := self.made.get(id(layer)):
                number = self._site(place, type(layer).__name__)
            self._add(value, number, [id(layer), *given], mark)
            return value

        return call

    def _loss(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def compute_loss(model: Any, *args: Any, **kwargs: Any) -> Any:
            mark = len(self.tracer.returned)
            value = original(model, *args, **kwargs)
            if self.tracer.open and not self.within and not self._owns(sys._getframe(1)):
                predicted = kwargs.get("y_pred", args[2] if len(args) > 2 else None)
                given = [id(e) for e in elements(predicted) if self.tracer.knows(e)]
                compiled = self.compiled.get(id(model))
                self._add(value, self._site(*compiled) if compiled else -1, given, mark)
            return value

        return compute_loss

    def _add(self, value: Any, number: int, given: list[int], mark: int) -> None:
        """Makes nodes of the values that a call gave: of what the user's functions returned in it, else of its own."""
        returned = dict.fromkeys(self.tracer.returned[mark:])
        for element in elements(value):
            if not self.tracer.knows(element):
                inputs = {**returned, **(dict.fromkeys(given) if len(given) > 1 or not returned else {})}
                self.tracer.add(element, number, tuple(inputs), tuple(given) if returned else ())
            elif (node := self.tracer.nodes[id(element)]).site < 0:  # of a layer within that has no place of its own
                node.site = number

    def _site(self, place: Place, said: str) -> int:
        """The number of an expression that stands for such calls."""
        if place not in self.sites:
            sites = self.tracer.sites
            self.sites[place] = number = len(sites.places)
            sites.places.append(place)
            sites.first.append(number)
            sites.root.append(True)
            sites.call.append(True)
            self.said[number] = said
        return self.sites[place]


def _names(loss: Any) -> Iterator[str]:
    """What a loss is called, or each of several."""
    if isinstance(loss, (list, tuple, dict)):
        several: Iterable[Any] = loss.values() if isinstance(loss, dict) else loss
        for each in several:
            yield from _names(each)
    elif isinstance(loss, str):
        yield loss
    elif loss is not None:
        yield getattr(loss, "__name__", type(loss).__name__)
