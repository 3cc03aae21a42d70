"""Scripts that do harm: each ends as a verdict, in time, and leaves nothing behind, as far as the sandbox claims.

Each script in `scripts/` is bounded by itself too: should gradfix fail to end it, it ends alone. All of a machine's
scripts run in one go, some at once; the tests then look at what became of each.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from ..conftest import Mark
from .machine import Facts, Machine, Outcome, changed
from .scripts_here import SCRIPTS, Script

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")

LEVELS: dict[str, set[str]] = {
    "full": {"files", "outside", "native", "network", "sockets", "processes", "parent"},
    "landlock": {"files", "outside", "native", "network", "sockets", "processes", "parent"},
    "audit": {"files", "outside", "network", "sockets", "processes"},
    "off": {"processes"},
}
"""What each level keeps from a script, as SECURITY.md says. Time and the report are kept at all of them."""
ALWAYS = {"time", "report", "memory"}
HARMLESS = {"audit": {"parent"}, "off": {"network", "sockets"}}
"""What scripts may attack where a level does not keep it from them: it is the test's own. That those of the network are
heard at `off` shows that they would be heard elsewhere, too."""
BY_USER = {"files", "outside", "native", "sockets", "processes", "parent"}
"""What depends on whose rights a script has. Only `full` and `landlock` take rights away."""


@dataclass(frozen=True)
class Ran:
    """A machine after its scripts have run."""

    machine: Machine
    outcomes: dict[str, Outcome]
    before: Facts
    after: Facts
    left: list[str]


Kind = tuple[str, str]
"""A level and a user."""
KINDS = [*((level, "root") for level in LEVELS), ("full", "nobody"), ("landlock", "nobody")]


def _fits(kind: Kind, script: Script) -> bool:
    level, user = kind
    if user == "nobody":
        return script.attacks in BY_USER
    return script.attacks in LEVELS[level] | ALWAYS | HARMLESS.get(level, set())


PAIRS = [pytest.param(kind, id="-".join(kind)) for kind in KINDS]
CASES = [
    pytest.param(kind, name, id="-".join((*kind, name)))
    for kind in KINDS
    for name, script in SCRIPTS.items()
    if _fits(kind, script)
]


@pytest.fixture(scope="module")
def run_on(request: pytest.FixtureRequest) -> Iterator[Callable[[Kind], Ran]]:
    """Gives a function that makes the machine for a level and a user, and runs there what was asked for."""
    asked: dict[Kind, set[str]] = {}
    for item in request.session.items:
        if item.path == request.path and "name" in (params := getattr(getattr(item, "callspec", None), "params", {})):
            asked.setdefault(params["kind"], set()).add(params["name"])
    with contextlib.ExitStack() as machines:

        @functools.cache
        def run(kind: Kind) -> Ran | None:
            machine = Machine(*kind)
            machines.callback(machine.remove)
            if machine.pool.versions().sandbox != kind[0]:
                return None
            before = machine.around()
            outcomes = machine.run([SCRIPTS[name] for name in sorted(asked.get(kind, ()))])
            after = machine.around()
            machine.close()
            return Ran(machine, outcomes, before, after, os.listdir(machine.base / "tmp"))

        def of(kind: Kind) -> Ran:
            if kind[1] == "nobody" and os.geteuid() != 0:
                pytest.skip("only root can become another user; what runs as root here is that")
            return run(kind) or pytest.skip(f"this machine does not allow {kind}")

        yield of


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_hostile_script_ends_as_a_verdict_in_time_and_its_project_is_as_it_was(
    kind: Kind, name: str, run_on: Callable[[Kind], Ran]
) -> None:
    ran = run_on(kind)
    script, outcome, level = SCRIPTS[name], ran.outcomes[name], ran.machine.level
    report = outcome.report
    ends = set(script.ends) | (set() if level in ("full", "landlock") else {"inconclusive"})
    assert report.verdict.value in ends, report.reason
    assert report.diff == ""
    assert script.reason in report.reason or report.verdict.value != script.ends[0] or level == "audit"
    assert report.seconds < 3 * script.limit + 30
    assert level == "off" or outcome.changed == []
    assert "processes" not in LEVELS[level] or Mark(outcome.mark).goes()


@pytest.mark.parametrize("kind", PAIRS)
def test_what_lies_around_the_projects_is_as_it_was(kind: Kind, run_on: Callable[[Kind], Ran]) -> None:
    ran = run_on(kind)
    assert ran.machine.level == "off" or changed(ran.before, ran.after) == []


@pytest.mark.parametrize("kind", PAIRS)
def test_nothing_stays_in_the_temporary_folder(kind: Kind, run_on: Callable[[Kind], Ran]) -> None:
    ran = run_on(kind)
    assert ran.left == [], ran.machine.level


@pytest.mark.parametrize("kind", PAIRS)
def test_nobody_hears_from_a_script(kind: Kind, run_on: Callable[[Kind], Ran]) -> None:
    ran = run_on(kind)
    heard = set(ran.machine.listeners.heard)
    if "network" in LEVELS[ran.machine.level]:
        assert heard == set()
    elif {s.name for s in SCRIPTS.values() if s.attacks in ("network", "sockets")} <= ran.outcomes.keys():
        assert heard >= {"tcp", "udp", "unix", "abstract unix"}  # what is to be kept from them works where it is not


@pytest.mark.parametrize("kind", PAIRS)
def test_no_shared_memory_stays(kind: Kind, run_on: Callable[[Kind], Ran]) -> None:
    ran = run_on(kind)
    assert "native" not in LEVELS[ran.machine.level] or ran.machine.shared_memory() == []


def test_there_are_scripts_for_all_that_is_kept() -> None:
    attacks: dict[str, Any] = {}
    for script in SCRIPTS.values():
        attacks.setdefault(script.attacks, []).append(script.name)
    assert LEVELS["full"] | ALWAYS == set(attacks)
    assert len(SCRIPTS) >= 30
