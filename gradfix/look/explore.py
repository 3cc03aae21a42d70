"""Gets from a file to its gradients: runs it as a script, then calls the steps that this did not reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradfix.look.heavy import first_look
from gradfix.prove.proof import broken_in
from gradfix.prove.zeros import settled
from gradfix.run.lab import Lab, Seen, Texts
from gradfix.run.messages import Entry, Run
from gradfix.scan.callers import callers_of
from gradfix.scan.steps import Step, parsed


@dataclass(frozen=True)
class Exploration:
    """What was seen, and the steps that no run reached, with the reason. `lab` is where: further runs belong there."""

    seen: tuple[Seen, ...]
    unreached: tuple[tuple[Step, str], ...]
    lab: Lab

    @property
    def files(self) -> tuple[str, ...]:
        """The user's files that the runs loaded, by absolute path."""
        return tuple(dict.fromkeys(f for look in self.seen for f in look.written.files))


MOST_CALLERS = 2
NO_GRADIENT = "No gradient defined for operation"
"""What TensorFlow says of a graph that is called under a tape: in Keras 2 that of `predict`."""

Given = Mapping[str, Mapping[str, Any]]
"""Specs of parameters by function, as the user has written them down."""


def explore(lab: Lab, texts: Texts, steps: tuple[Step, ...], given: Given) -> Exploration:
    """Runs the file; then, for each step not reached, makes up inputs for the function that holds it."""
    lab, script = first_look(lab, texts)
    script = behind_loops(lab, settled(lab, script, texts), texts, steps)
    seen = [script] if script.written.requests or broken_in(script) else []
    reached = reached_by(steps, script, lab.subject.path)
    unreached: list[tuple[Step, str]] = []
    stopped = _why_stopped(lab, script.written)
    tried: dict[str, str] = {}
    for step in steps:
        if step in reached:
            continue
        if not step.qualname or step.call in ("fit", "train_on_batch", "minimize"):
            # a script that went to its end without this step has shown what its author runs
            if stopped and not (step.call == "fit" and _by_its_train_step(steps, reached)):
                unreached.append((step, stopped))
            continue
        if step.qualname not in tried:
            called, why = _called(lab, texts, step.qualname, given)
            tried[step.qualname] = why
            if called is not None:
                called = _by_its_caller(lab, texts, step.qualname, given, called)
                seen.append(called)
                reached |= reached_by(steps, called, lab.subject.path)
        if step not in reached:
            why = tried[step.qualname] or "the call with made-up inputs took another branch"
            unreached.append((step, why))
    return Exploration(tuple(seen), tuple(unreached), lab)


def behind_loops(lab: Lab, look: Seen, texts: Texts, steps: tuple[Step, ...]) -> Seen:
    """The look at a script whose loops are left once they were seen enough, where that comes to more steps.

    A first loop may go on for ever, and the run with it, while the step of a second one has not been seen.
    """
    reached = reached_by(steps, look, lab.subject.path)
    waiting = [s for s in steps if s not in reached and s.call not in ("fit", "train_on_batch", "minimize")]
    if not look.written.ended or not waiting:
        return look
    more = lab.look(Entry(leave=lab.limits.each), texts, like=look)
    return settled(lab, more, texts) if reached < reached_by(steps, more, lab.subject.path) else look


def _called(lab: Lab, texts: Texts, qualname: str, given: Given) -> tuple[Seen | None, str]:
    """What a call of a function with made-up inputs showed, if anything, and what kept it from getting further."""
    plan = lab.make_up(qualname, given.get(qualname, {}), texts)
    if plan.plan is None:
        return None, plan.stuck or plan.death
    look = settled(lab, lab.look(Entry((plan.plan,), plan.inputs), texts), texts)
    if not look.written.requests and not broken_in(look):
        return None, _why_stopped(lab, look.written) or "the made-up call did not get there"
    return look, _why_stopped(lab, look.written)


def _by_its_caller(lab: Lab, texts: Texts, qualname: str, given: Given, look: Seen) -> Seen:
    """The look at a caller of the function, where that shows more.

    Some absences are harmless or not by what the caller does: gradients of a list with moving statistics in it may be
    paired with a list without them.
    """
    if broken_in(look) or not any(r.missing for r in look.eager.requests):
        return look
    for caller in callers_of(parsed(texts[lab.subject.path]), qualname)[:MOST_CALLERS]:
        further, _ = _called(lab, texts, caller, given)
        if further is not None and broken_in(further):
            return further
    return look


def reached_by(steps: tuple[Step, ...], look: Seen, path: str) -> set[Step]:
    """The steps at whose lines gradients were asked for.

    Where the run as written stopped in the trace of a graph, the first broken one of the eager run counts too: what
    loses a gradient is often what a graph cannot do (`.numpy()`), and no patch is shown that does not run as written.
    """
    broken = broken_in(look)
    requests = (*look.written.requests, *([broken] if broken is not None else ()))
    lines = {r.place.line for r in requests if r.place is not None and r.place.path == path}
    return {s for s in steps if any(s.line <= line <= s.end_line for line in lines)}


def _by_its_train_step(steps: tuple[Step, ...], reached: set[Step]) -> bool:
    """Whether a `fit` that was not reached would only have called a `train_step` that was."""
    return any(s.qualname.endswith(".train_step") and s in reached for s in steps)


def _why_stopped(lab: Lab, run: Run) -> str:
    """What kept a run from getting on, in one line; "" where it went to its end."""
    if run.trouble is not None:
        where = f" ({lab.spot(run.trouble.places[-1])})" if run.trouble.places else ""
        printed = run.output.strip().splitlines()[-1:] if run.trouble.type == "SystemExit" else []
        said = f", saying: {printed[0][:200]}; FILE -- ARGS hands it arguments" if printed else ""
        if NO_GRADIENT in run.trouble.message:
            said = "; a tape wants the gradient of each graph that is called: call it before, or in stop_recording()"
        return f"the run stopped with {run.trouble.line}{where}{said}"
    if run.ended:
        return "the run was ended, having seen enough of the steps before it"
    return run.death
