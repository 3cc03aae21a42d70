"""What shells are told when the user presses Tab, by the protocol of the scripts that are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SHELLS = ("bash", "zsh", "fish")
GRADFIX = Path(sys.executable).parent / "gradfix"


def answer(shell: str, typed: str) -> str:
    """What gradfix tells a shell of a line that has been typed."""
    asked = {"_GRADFIX_COMPLETE": f"complete_{shell}"}
    if shell == "bash":
        asked |= {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split(" ")) - 1)}
    else:
        asked |= {"_TYPER_COMPLETE_ARGS": typed, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    done = subprocess.run([GRADFIX], env=os.environ | asked, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    return done.stdout


def script(shell: str) -> str:
    """What `--show-completion` prints in that shell; typer's own variable for tests names it in place of the parent."""
    environment = os.environ | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    command = [GRADFIX, "--show-completion", shell]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_completes_options_and_their_values(shell: str) -> None:
    assert "--output-format" in answer(shell, "gradfix --output-f")
    assert "--unsafe-fixes" not in answer(shell, "gradfix --output-f")
    assert "sarif" in answer(shell, "gradfix --output-format sa")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_for_a_shell_asks_by_that_protocol(shell: str) -> None:
    assert f"_GRADFIX_COMPLETE=complete_{shell}" in script(shell)


def test_bash_itself_completes_with_the_installed_script(tmp_path: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    ask = (
        "COMP_WORDS=(gradfix --exit-z); COMP_CWORD=1; COMP_LINE='gradfix --exit-z'; COMP_POINT=16\n"
        '_gradfix_completion gradfix --exit-z gradfix; echo "${COMPREPLY[@]}"\n'
    )
    environment = os.environ | {"PATH": f"{GRADFIX.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script("bash") + ask], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("--exit-zero", "")
