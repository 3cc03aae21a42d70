"""What the user chose, as one immutable value."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import Enum

from gradfix.modules import Module


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


class OutputFormat(str, Enum):
    """How the report is written."""

    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


@dataclass(frozen=True)
class Display:
    """What is said, and how: nothing here changes what gradfix finds.

    `quiet` leaves the findings alone; `verbose` adds clean files, checks and versions; `statistics` what it all took.
    With `exit_zero` findings do not change the exit code.
    """

    format: OutputFormat = OutputFormat.TEXT
    quiet: bool = False
    verbose: bool = False
    statistics: bool = False
    exit_zero: bool = False


@dataclass(frozen=True)
class Settings:
    """Everything that changes what one call of gradfix does.

    `timeout` is in seconds, for one run of user code. `arguments` are the script's `sys.argv[1:]`.
    `gpu` shows GPUs to user code. `jobs` is how many files are looked at at a time, 0 for as many as fit the machine.
    `memory` is the limit for the processes of one run, in GB (None: half of the machine's).
    `module` is what was named with `-m` in the place of paths.
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
