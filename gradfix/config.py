"""What the user chose, as one immutable value."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from gradfix.choose.baseline import Baseline
from gradfix.choose.choice import Choice
from gradfix.modules import Module
from gradfix.patterns import Patterns


class RunMode(str, Enum):
    """Which files are run."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class SandboxMode(str, Enum):
    """How much of a sandbox runs must have."""

    AUTO = "auto"
    STRICT = "strict"
    OFF = "off"


class Action(str, Enum):
    """What is done with proved fixes."""

    CHECK = "check"
    DIFF = "diff"
    APPLY = "apply"
    ADD_IGNORE = "add ignore"
    """Every finding gets a comment that suppresses it."""
    UPDATE_BASELINE = "update baseline"
    """Every finding is put into the baseline, and what is not there any more taken out."""


class OutputFormat(str, Enum):
    """How the report is written."""

    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


@dataclass(frozen=True)
class Display:
    """How much is said: nothing here changes what gradfix finds.

    `quiet` leaves the findings alone; `verbose` adds clean files, checks and versions; `statistics` what it all took.
    With `exit_zero` findings do not change the exit code.
    """

    quiet: bool = False
    verbose: bool = False
    statistics: bool = False
    exit_zero: bool = False


@dataclass(frozen=True)
class Excluded:
    """What is left out of folders: patterns, and the `usual` names; with `force` also where a file is named."""

    patterns: tuple[Patterns, ...] = ()
    usual: bool = True
    force: bool = False

    def covers(self, path: str, *, folder: bool = False) -> bool:
        """Whether a pattern covers a path; the usual names are discovery's own."""
        return any(each.cover(path, folder=folder) for each in self.patterns)


@dataclass(frozen=True)
class Inputs:
    """The table `inputs` of a configuration file: which one, and the folder that its keys count from."""

    file: str
    folder: str
    table: Mapping[str, Any]


@dataclass(frozen=True)
class Settings:
    """Everything that changes what one call of gradfix does with one file.

    `timeout` is in seconds, for one run of user code. `arguments` are the script's `sys.argv[1:]`.
    `gpu` shows GPUs to user code. `jobs` is how many files are looked at at a time, 0 for as many as fit the machine.
    `memory` is the limit for the processes of one run, in GB (None: half of the machine's).
    `module` is what was named with `-m` in the place of paths. `choice` are the rules that are looked for, `baseline`
    the file with the findings that are known ("" for none), `known` what it holds, `inputs` what steps are called with.
    `folder` is the current folder of runs, "" for that of gradfix itself.
    With `silent` every finding is silenced: so all of them come to light, for comments or for a baseline.
    With `pictures` the ways from targets to sources are looked at too, which takes one more run for each step.
    """

    python: str = sys.executable
    run: RunMode = RunMode.AUTO
    timeout: float = 60.0
    unsafe_fixes: bool = False
    arguments: tuple[str, ...] = ()
    sandbox: SandboxMode = SandboxMode.AUTO
    gpu: bool = False
    memory: float | None = None
    module: Module | None = None
    jobs: int = 0
    choice: Choice = field(default_factory=Choice)
    excluded: Excluded = field(default_factory=Excluded)
    inputs: Inputs | None = None
    output_format: OutputFormat = OutputFormat.TEXT
    baseline: str = ""
    known: Baseline | None = None
    silent: bool = False
    pictures: bool = False
    folder: str = ""
