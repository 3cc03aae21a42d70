"""Judges what a tape is asked: is there a way from the target back to each source?"""

from __future__ import annotations

import ast

from gradfix.scan.suspects import kinds
from gradfix.scan.suspects.kinds import Kind
from gradfix.scan.suspects.state import is_part
from gradfix.scan.suspects.statements import Statements
from gradfix.scan.suspects.values import (
    ALL_TAPES,
    Constant,
    Data,
    Function,
    Instance,
    Mapping,
    Model,
    Opaque,
    Path,
    Sequence,
    Tape,
    Value,
    Variable,
    VariablesOf,
    items_of,
)


class Machine(Statements):
    """Follows a file and notes what is wrong with its questions."""

    def __init__(self, asked: frozenset[str], handled: set[int], text_adds_losses: bool) -> None:
        super().__init__(asked)
        self.handled = handled
        self.adds_losses = text_adds_losses
        self.found: dict[tuple[ast.AST, Kind], None] = {}
        self.noted_at: dict[ast.AST, set[tuple[ast.AST, Kind]]] = {}

    def note(self, kind: Kind, node: ast.AST) -> None:
        """Notes a suspect."""
        if not any(at is node for at, _ in self.found):
            self.found[node, kind] = None

    def ask(self, tape: Tape, target: Value, sources: Value, node: ast.Call) -> Value:
        """The answer of a tape; what is wrong with the question is noted."""
        silent = any(k.arg == "unconnected_gradients" for k in node.keywords) or node.lineno in self.handled
        leaves = list(items_of(sources))
        if not silent:
            before = set(self.found)
            self.judge(tape, target, leaves, node)
            self.noted_at.setdefault(node, set()).update(set(self.found) - before)
            if tape.used and not tape.persistent:
                self.note(kinds.USED_UP, node)
        tape.used = True
        if tape.loops < self.loops:
            self.carried += 1
        return self._answer(target, sources, node)

    def _answer(self, target: Value, sources: Value, node: ast.AST) -> Value:
        def one(source: Value) -> Data:
            found = self.operation([target, source], node)
            found.gradient, found.asked = True, (source, node)
            return found

        if (
            isinstance(sources, Sequence)
            and sources.exact
            and not any(isinstance(i, (VariablesOf, Sequence)) for i in sources.items)
        ):
            return Sequence([one(i) for i in sources.items])
        if isinstance(sources, Mapping) and not sources.rest:
            return Mapping({k: one(v) for k, v in sources.items.items()})
        return one(sources)

    def judge(self, tape: Tape, target: Value, sources: list[Value], node: ast.Call | ast.AST) -> None:
        """Notes what keeps a target from its sources."""
        if self._swapped(target, sources):
            self.note(kinds.SWAPPED, node)
            return
        whole = self._target(target)
        if whole is None:
            return
        if whole.last_of is not None:
            self.note(kinds.LAST_ONLY, whole.last_of)
        lists = [s for s in sources if isinstance(s, VariablesOf)]
        if lists and len(lists) == len(sources) and all(s.frozen is not None for s in lists):
            self.note(kinds.FROZEN, lists[0].frozen or node)
            return
        if lists and len(lists) == len(sources) and all(s.empty for s in lists):
            self.note(kinds.UNBUILT, lists[0].node)
            return
        absent = []
        for source in sources:
            if isinstance(source, VariablesOf):
                if source.frozen is None:
                    absent += self._of_list(tape, whole, source, node)
            elif isinstance(source, Variable):
                self._of_variable(tape, whole, source, node)
            elif isinstance(source, Opaque):
                if source in whole.paths:
                    self._of_path(tape, whole, source, node)
            elif isinstance(source, Data):
                self._of_tensor(tape, whole, source, node)
        if absent and len(absent) == len(sources):
            self._never_used(tape, whole, absent, node)

    def _swapped(self, target: Value, sources: list[Value]) -> bool:
        variables = list(items_of(target))
        if not variables or not all(isinstance(v, (Variable, VariablesOf)) for v in variables):
            return False
        made = [s for s in sources if isinstance(s, Data) and not s.gradient]
        owners = [v.owner if isinstance(v, VariablesOf) else v for v in variables]
        return bool(made) and all(any(is_part(o, w) for o in s.paths for w in owners) for s in made)

    def _target(self, target: Value) -> Data | None:
        """The target as one value; None where it is not known well enough."""
        leaves = list(items_of(target))
        if not leaves or any(isinstance(leaf, (Opaque, Constant, Function)) for leaf in leaves):
            return None
        if len(leaves) == 1 and isinstance(leaves[0], Data):
            return leaves[0]
        paths: dict[Value, Path] = {}
        for leaf in leaves:
            for origin, path in self.read(leaf):
                paths[origin] = paths[origin].join(path) if origin in paths else path
        return Data(paths, "tensor", None)

    def _of_list(self, tape: Tape, target: Data, source: VariablesOf, node: ast.AST) -> list[VariablesOf]:
        """Judges the variables of a model; gives the list back where nothing of the target comes from it."""
        if not source.trainable and has_moving(source.owner):
            self.note(kinds.MOVING, source.node)
        origins = [o for o in target.paths if is_part(o, source.owner) or is_part(source.owner, o)]
        if not origins:
            return [source]
        for origin in origins:
            if not is_part(origin, source.owner) and origin is not source.owner:
                continue
            if isinstance(origin, Variable):
                if origin.trainable and not frozen_in(origin, source.owner):
                    self._of_variable(tape, target, origin, node)
                continue
            if source.trainable and frozen_in(origin, source.owner):
                continue
            self._of_path(tape, target, origin, node)
        return []

    def _of_path(self, tape: Tape, target: Data, origin: Value, node: ast.AST) -> None:
        if self._live(tape, target, origin):
            return
        path = target.paths[origin]
        cuts = [c for c in path.cuts if c.kind not in _ACTIVE or tape.number not in c.active]
        cuts = [c for c in cuts if tape.number in c.lost] or cuts
        cuts = [c for c in cuts if not c.kind.advice] or cuts
        if not cuts and not tape.accessed and not path.tapes:
            self.note(kinds.UNWATCHED, tape.node or node)
        if path.tapes and path.tapes is not ALL_TAPES and all(c.kind in _ACTIVE for c in cuts):
            self.note(kinds.WRONG_TAPE, node)
            return
        for cut in cuts[:3]:
            kind = kinds.STRAIGHT if cut.node in self.straight and cut.kind is kinds.STOPPED else cut.kind
            self.note(kind, cut.seen_from(tape.calls) if cut.kind in (kinds.OUTSIDE, kinds.PAUSED) else cut.node)

    def _live(self, tape: Tape, target: Data, origin: Value) -> bool:
        """Whether a path of the origin, or of what it belongs to, is on the tape."""
        for other, path in target.paths.items():
            if (tape.number in path.tapes or path.tapes is ALL_TAPES) and (
                other is origin
                or (isinstance(other, (Model, Opaque)) and is_part(origin, other))
                or (isinstance(origin, (Model, Instance)) and is_part(other, origin))
            ):
                return True
        return False

    def _of_variable(self, tape: Tape, target: Data, source: Variable, node: ast.AST) -> None:
        if source not in target.paths:
            return
        if source.integer:
            self.note(kinds.INTEGER, source.node)
        elif not tape.accessed and source not in tape.watched and not tape.watched_of:
            self.note(kinds.UNWATCHED, node)
        else:
            self._of_path(tape, target, source, node)

    def _of_tensor(self, tape: Tape, target: Data, source: Data, node: ast.AST) -> None:
        if source.kind in ("symbolic", "unknown"):
            return
        recorded = any(tape.number in p.tapes for p in source.paths.values())
        watched = source in tape.watched
        if watched and source.integer:
            self.note(kinds.INTEGER, source.node or node)
        elif watched and source in target.paths:
            self._of_path(tape, target, source, node)
        elif watched or recorded:
            return
        elif source.replaced:
            self.note(kinds.OVERWRITTEN, source.node or node)
        elif source in target.paths or not source.paths:
            self.note(kinds.UNWATCHED, node)
            if source in target.paths:
                self._cuts_of_input(tape, target, source)
        elif target.paths:
            self.note(kinds.RECOMPUTED if not source.gradient else kinds.UNWATCHED, node)

    def _cuts_of_input(self, tape: Tape, target: Data, source: Data) -> None:
        """What else keeps a target from an input that is not watched."""
        for path in target.paths.values():
            if not path.tapes and any(c.kind is kinds.PREDICT for c in path.cuts):
                for cut in path.cuts:
                    if cut.kind is kinds.PREDICT:
                        self.note(cut.kind, cut.node)

    def _never_used(self, tape: Tape, target: Data, absent: list[VariablesOf], node: ast.AST) -> None:
        """A target of other models than those that are asked for."""
        others = [o for o in target.paths if not isinstance(o, Data)]
        known = all(isinstance(o, (Model, Instance, Variable)) or (isinstance(o, Opaque) and o.called) for o in others)
        owners = [s.owner for s in absent]
        if not target.result or not known or target.kind == "unknown":
            return
        if not all(_settled(o) for o in owners):
            return
        live = [o for o in others if self._live(tape, target, o)]
        if live:
            self.note(kinds.OTHERS, node)

    # other ways of asking ----------------------------------------------------------------------------------------

    def fitted(self, model: Value, args: list[Value], node: ast.AST) -> None:
        """`fit` asks for the gradient of the loss that `compile` was given, or calls `train_step`."""
        assert isinstance(model, (Model, Instance))
        if isinstance(model, Instance):
            step = model.cls.find("train_step")
            if isinstance(step, Function):
                self.call(Function(step.node, step.scope, model), [Sequence([_batch(node), _batch(node)])], {}, node)
                return
        if self.adds_losses:
            return
        self.tapes += 1
        tape = Tape(self.tapes, persistent=True, accessed=True)
        self.recording.append(tape)
        predicted = self.call(model, [_batch(node)], {}, node)
        losses = list(items_of(model.compiled)) if model.compiled is not None else []
        for loss in losses or [Constant(None)]:
            target = predicted
            if isinstance(loss, (Function, Instance)):
                given = self.split(predicted, node) if len(losses) > 1 else predicted
                target = self.call(loss, [_batch(node), given], {}, node)
            if isinstance(target, Data):
                self.judge(tape, target, [VariablesOf(model, node, True, False, None)], node)
        self.recording.remove(tape)

    def split(self, predicted: Value, node: ast.AST) -> Value:
        """One output of several."""
        return self.iterated(predicted, node) if isinstance(predicted, Sequence) else predicted

    def minimized(self, args: list[Value], named: dict[str, Value], node: ast.AST) -> None:
        """`minimize` calls the loss under a tape of its own."""
        loss = args[0] if args else named.get("loss")
        sources = args[1] if len(args) > 1 else named.get("var_list")
        if not isinstance(loss, Function) or sources is None:
            return
        self.tapes += 1
        tape = Tape(self.tapes, persistent=True, accessed=True)
        self.recording.append(tape)
        target = self.call(loss, [], {}, node)
        self.recording.remove(tape)
        self.judge(tape, target, list(items_of(sources)), node)

    def applied(self, args: list[Value], node: ast.AST) -> None:
        """Looks at the pairs that an optimizer is handed."""
        pairs = args[0] if args else None
        if not isinstance(pairs, Sequence) or not pairs.items:
            return
        for pair in pairs.items:
            if not isinstance(pair, Sequence) or len(pair.items) != 2:
                return
            first, second = pair.items
            self._applied_to(first, second)
            if not (isinstance(first, (Variable, VariablesOf)) and isinstance(second, Data) and second.gradient):
                return
        self.note(kinds.PAIRS, node)

    def _applied_to(self, first: Value, second: Value) -> None:
        """Gradients asked of one model and applied to another: more likely a slip in the question than all else."""
        if not isinstance(first, Data) or first.asked is None or not isinstance(second, VariablesOf):
            return
        source, question = first.asked
        if not isinstance(source, VariablesOf):
            return
        if is_part(source.owner, second.owner) or is_part(second.owner, source.owner):
            return
        for noted in self.noted_at.get(question, ()):
            self.found.pop(noted, None)
        self.note(kinds.APPLIED, question)


_ACTIVE = (kinds.OUTSIDE, kinds.CACHED, kinds.PAUSED)
"""Cuts for tapes that did not record: whether they matter depends on the tape that is asked."""


def _batch(node: ast.AST) -> Data:
    return Data({}, "tensor", node)


def has_moving(owner: Value, depth: int = 6) -> bool:
    """Whether a model is sure to hold variables that do not train."""
    if depth == 0:
        return False
    if isinstance(owner, Model):
        if owner.frozen is not None or owner.name.endswith((".BatchNormalization", ".SyncBatchNormalization")):
            return True
        return any(has_moving(i, depth - 1) for i in (*(owner.chain or ()), *(owner.inside or ())))
    if isinstance(owner, Instance):
        inside = [leaf for f in owner.fields.values() for leaf in items_of(f)]
        return any(has_moving(i, depth - 1) for i in inside if isinstance(i, (Model, Instance)) and i is not owner)
    return isinstance(owner, Variable) and not owner.trainable


def frozen_in(inner: Value, outer: Value, depth: int = 6) -> bool:
    """Whether a layer or variable does not train because something around it, below `outer`, was taken out."""
    if isinstance(outer, (Model, Instance)) and outer.frozen is not None and is_part(inner, outer):
        return True
    if depth == 0:
        return False
    inside: list[Value] = []
    if isinstance(outer, Model):
        inside = [*(outer.chain or ()), *(outer.inside or ()), *outer.parts.values()]
    elif isinstance(outer, Instance):
        inside = [leaf for f in outer.fields.values() for leaf in items_of(f)]
    return any(frozen_in(inner, i, depth - 1) for i in inside if isinstance(i, (Model, Instance)))


def _settled(owner: Value) -> bool:
    """Whether all that a model is made of is known, so that it cannot hide in another."""
    if isinstance(owner, Model):
        return owner.parent is None
    return isinstance(owner, (Instance, Opaque))
