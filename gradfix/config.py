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
