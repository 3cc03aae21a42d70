"""What tests share that need TensorFlow: one warm worker, and a short way to have a text repaired."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gradfix.config import Settings
from gradfix.repair import repair
from gradfix.run.pool import Pool
from gradfix.settings.resolve import Resolver
from gradfix.sources import Source, read_source
from gradfix.values import FileReport

collect_ignore = ["third_party"]
"""A package of its own, whose tests run where it is installed: test_third_party.py."""


APART = ("test_fixtures.py", "test_hostile.py", "test_sandbox_levels.py")
"""Files that would keep one process busy for minutes."""
TOGETHER = ("case", "name", "kind", "warm")
"""Parameters that stand for something dear which tests share: a repaired fixture, a machine with a sandbox."""
ONE = ("vscode",)
"""Folders whose files share something dear, all of them: an editor that is started once."""
FIRST = ("vscode", "docs", "editors", "lsp")
"""Folders with files that take a minute or two. Begun last, such a file is waited for alone."""


def pytest_configure(config: pytest.Config) -> None:
    """Has pytest-xdist deal out groups in the order in which they come, not those of most tests first."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """`-n auto`: one process more than cores. For a third of their time tests wait, for workers, editors and limits."""
    asked = "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ
    return (yield) + (not asked)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps together, where tests run in several processes (`-n 2 --dist loadgroup`), what shares something dear.

    What can be dealt out in small pieces comes last.
    """
    for item in items:
        given = getattr(getattr(item, "callspec", None), "params", {})
        shared = next((given[p] for p in TOGETHER if p in given), "") if item.path.name in APART else ""
        name = item.path.parent.name if item.path.parent.name in ONE else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(f"{name} {shared}"))
    items.sort(key=lambda item: (item.path.name in APART, item.path.parent.name not in FIRST))


@pytest.fixture(scope="session", autouse=True)
def _empty_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache of proofs of its own for the tests: none believes what an earlier call has found."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    """One warm worker for all tests: TensorFlow is imported once. A test that kills it gets a new one.

    It is that of the interpreter in GRADFIX_TEST_PYTHON, if set: that is how another TensorFlow is tested.
    """
    with Pool(os.environ.get("GRADFIX_TEST_PYTHON", sys.executable), timeout=60) as warm:
        yield warm


@pytest.fixture
def repaired(tmp_path: Path, pool: Pool) -> Callable[..., FileReport]:
    """Gives a function that writes a text to `train.py` and has it repaired.

    `timeout` is the limit for one run in this call; other keywords are those of Settings.
    """

    def run(text: str, *, timeout: float = 60.0, **settings: Any) -> FileReport:
        path = tmp_path / "train.py"
        path.write_bytes(text.encode())
        source = read_source(str(path))
        assert isinstance(source, Source), source
        pool.versions()  # so that waiting for TensorFlow's import does not count where a test takes the time
        resolver = Resolver(start=Settings(timeout=timeout, **settings))
        usual, pool.timeout = pool.timeout, timeout
        try:
            return repair(source, pool, resolver.for_file(str(path)))
        finally:
            pool.timeout = usual

    return run


@dataclass(frozen=True)
class Mark:
    """A name by which processes are found again, in whatever namespace they live. Needs /proc."""

    name: str

    def alive(self) -> list[int]:
        """The processes that carry the mark as their name or among their arguments."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                arguments = (folder / "cmdline").read_bytes()
                if (folder / "comm").read_text().strip() == self.name or self.name.encode() in arguments:
                    found.append(int(folder.name))
        return found

    def comes(self, seconds: float) -> bool:
        """Waits until a process carries the mark; whether one did in time."""
        return within(seconds, lambda: bool(self.alive()))

    def goes(self) -> bool:
        """Waits until no process carries the mark; whether that was so long before such a process ends itself."""
        return within(15, lambda: not self.alive())


def within(seconds: float, holds: Callable[[], object]) -> bool:
    """Waits until something holds; whether it did in time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def mark() -> Mark:
    """A new mark; the kernel keeps fifteen characters of a process's name."""
    if not Path("/proc/self/comm").exists():
        pytest.skip("needs /proc")
    return Mark(f"gf{uuid.uuid4().hex[:12]}")
