"""What a hostile script can hurt: a project, a home, temporary and cache folders, a copy of gradfix, listeners."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import secrets
import selectors
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradfix.config import Settings
from gradfix.repair import repair
from gradfix.run import worker as running
from gradfix.run.messages import Run, Versions
from gradfix.run.pool import Environment, Pool
from gradfix.run.worker import Worker
from gradfix.sources import Source, read_source
from gradfix.values import FileReport

from .scripts_here import Script

GRADFIX = Path(running.__file__).parent.parent
NOBODY = 65534
AT_ONCE = 2
COMMON = [Path(folder, "hostile") for folder in ("/dev/shm", "/var/tmp", "/run", "/tmp")]
"""What a script may leave in folders that belong to all."""

Facts = dict[bytes, tuple[Any, ...]]


def snapshot(folder: Path, leave_out: bytes = b"\0") -> Facts:
    """Everything about a folder: names, kinds, modes, owners, times, contents, links; not of names that begin so."""
    facts: Facts = {}
    waiting = [os.fsencode(folder)]
    while waiting:
        path = waiting.pop()
        about = os.lstat(path)
        content: object = None
        if stat.S_ISDIR(about.st_mode):
            waiting.extend(os.path.join(path, n) for n in os.listdir(path) if not n.startswith(leave_out))
        elif stat.S_ISLNK(about.st_mode):
            content = os.readlink(path)
        elif stat.S_ISREG(about.st_mode):
            with open(path, "rb") as file:
                content = hashlib.sha256(file.read()).digest()
        when = about.st_mtime_ns if leave_out == b"\0" or path != os.fsencode(folder) else 0
        facts[path] = (about.st_mode, about.st_uid, about.st_gid, when, content)
    return facts


def changed(before: Facts, after: Facts) -> list[str]:
    """What differs between two snapshots, in words."""
    lines = []
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            what = "gone" if path not in after else "new" if path not in before else "changed"
            lines.append(f"{what}: {path!r}")
    return lines


class Listeners:
    """Listens on this machine's loopback address and on UNIX sockets, and writes down what comes in."""

    def __init__(self, folder: Path) -> None:
        self.heard: list[str] = []
        self.select = selectors.DefaultSelector()
        self.unix, self.abstract = str(folder / "socket"), f"gradfix-{secrets.token_hex(8)}"
        tcp = self._listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0), "tcp")
        udp = self._listen(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0), "udp")
        self.tcp, self.udp = tcp.getsockname()[1], udp.getsockname()[1]
        with contextlib.suppress(OSError):
            self._listen(socket.AF_INET6, socket.SOCK_STREAM, ("::1", self.tcp), "tcp over IPv6")
        self._listen(socket.AF_UNIX, socket.SOCK_STREAM, self.unix, "unix")
        os.chmod(self.unix, 0o777)
        self._listen(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.abstract, "abstract unix")
        self.end, wake = socket.socketpair()
        self.select.register(wake, selectors.EVENT_READ, "")
        self.thread = threading.Thread(target=self._hear, daemon=True)
        self.thread.start()

    def _listen(self, family: int, kind: int, address: Any, name: str) -> socket.socket:
        opened = socket.socket(family, kind)
        opened.bind(address)
        if kind == socket.SOCK_STREAM:
            opened.listen()
        self.select.register(opened, selectors.EVENT_READ, name)
        return opened

    def _hear(self) -> None:
        while True:
            for key, _ in self.select.select():
                opened = key.fileobj
                assert isinstance(opened, socket.socket)
                if not key.data:
                    return
                self.heard.append(key.data)
                if opened.type == socket.SOCK_STREAM:
                    opened.accept()[0].close()
                else:
                    opened.recv(100)

    def close(self) -> None:
        self.end.send(b"x")
        self.thread.join()
        for key in list(self.select.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self.end.close()


class MachinePool(Pool):
    """A pool whose workers are of a copy of gradfix and have an environment of their own."""

    def __init__(self, python: str, level: str, variables: Mapping[str, str], copy: Path) -> None:
        super().__init__(python, 60.0, sandbox="off" if level == "off" else "auto")
        self.variables = {**variables, "GRADFIX_SANDBOX_AT_MOST": level}
        self.copy = copy
        self.scripts: dict[str, Script] = {}

    def _worker(self, environment: Environment) -> Worker:
        usual, running.LAUNCH = running.LAUNCH, self.copy / "worker" / "launch.py"
        try:
            return super()._worker(environment)
        finally:
            running.LAUNCH = usual

    def prepare(self, environment: Mapping[str, str]) -> Versions:
        return super().prepare({**self.variables, **environment})

    def start(self, request: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Callable[[], Run]:
        script = self.scripts[request["path"]]
        more = {"memory": script.memory << 30} if script.memory else {}
        variables = {**self.variables, **(environment or {})}
        return super().start({**request, "timeout": script.limit, **more}, variables)


@dataclass(frozen=True)
class Outcome:
    """What became of one script: its verdict, what it has changed in its project, processes that carry its mark."""

    report: FileReport
    changed: list[str]
    mark: str


class Machine:
    """Everything that the scripts of one test run may hurt, for one level of the sandbox and one user."""

    def __init__(self, level: str, user: str) -> None:
        self.level, self.user = level, user
        self.base = Path(os.path.realpath(tempfile.mkdtemp(prefix="hostile-")))
        self.id = NOBODY if user == "nobody" else os.geteuid()
        for name in ("home", "tmp", "cache", "outside", "projects"):
            (self.base / name).mkdir()
        for name in ("home", "cache", "outside"):
            self._fill(self.base / name)
        (self.base / "home" / ".cache").mkdir()
        self.copy = self.base / "gradfix"
        shutil.copytree(GRADFIX, self.copy, ignore=shutil.ignore_patterns("__pycache__"))
        self.listeners = Listeners(self.base)
        self.key = secrets.randbelow(1 << 30) + 1
        self._give_away(self.base)
        self.pool = MachinePool(self._python(), level, self._variables(), self.copy)
        self.count = 0

    def _fill(self, folder: Path) -> None:
        (folder / "kept").mkdir()
        for name in ("kept.txt", "moved.txt", "kept/file", "data.csv"):
            (folder / name).write_text(f"this is {name}\n")

    def _give_away(self, folder: Path) -> None:
        os.chmod(self.base, 0o755)
        if self.id != os.geteuid():
            for path, folders, files in os.walk(folder):
                for name in ("", *folders, *files):
                    os.lchown(os.path.join(path, name), self.id, self.id)

    def _variables(self) -> dict[str, str]:
        needed = {sys.prefix, sys.base_prefix, *(p for p in sys.path if os.path.exists(p))}
        return {
            "HOSTILE_PYTHON": sys.executable,
            "HOSTILE_NEEDED": os.pathsep.join(sorted(needed)),
            "HOME": str(self.base / "home"),
            "TMPDIR": str(self.base / "tmp"),
            "XDG_CACHE_HOME": str(self.base / "cache"),
            "HOSTILE_HOME": str(self.base / "home"),
            "HOSTILE_OUTSIDE": str(self.base / "outside"),
            "HOSTILE_TCP": str(self.listeners.tcp),
            "HOSTILE_UDP": str(self.listeners.udp),
            "HOSTILE_UNIX": self.listeners.unix,
            "HOSTILE_ABSTRACT": self.listeners.abstract,
            "HOSTILE_KEY": str(self.key),
        }

    def _python(self) -> str:
        """The interpreter; for an ordinary user a program that becomes that user and then the interpreter."""
        if self.user != "nobody":
            return sys.executable
        program = self.base / "python-as-nobody"
        text = (Path(__file__).parent / "as_nobody.py").read_text()
        program.write_text(f"#!{sys.executable} -IS\n{text}")
        program.chmod(0o755)
        return str(program)

    def projects(self, scripts: list[Script]) -> dict[str, Path]:
        """Makes a project for each script; gives the file to check. The name of its folder is the script's mark."""
        made = {}
        for script in scripts:
            self.count += 1
            folder = self.base / "projects" / f"{self.base.name[-8:]}{self.count:03d}"
            folder.mkdir()
            (folder / script.called).write_text(script.text)
            for name, text in script.modules.items():
                (folder / name).write_text(text)
            for name in ("data.csv", "notes/first.txt", "notes/second.txt", "a b", "odd \udcff\nname"):
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_text(f"this is {name}\n", errors="surrogateescape")
            (folder / "empty").mkdir()
            (folder / "loop").symlink_to(".")
            (folder / "self").symlink_to("self")
            os.mkfifo(folder / "pipe")
            self._give_away(folder)
            made[script.name] = folder / script.called
            self.pool.scripts[str(folder / script.called)] = script
        return made

    def run(self, scripts: list[Script]) -> dict[str, Outcome]:
        """Has all scripts checked, some at once, those that have to be alone one after the other."""
        files = self.projects(scripts)

        def one(script: Script) -> tuple[str, Outcome]:
            path = files[script.name]
            before = snapshot(path.parent)
            source = read_source(str(path))
            assert isinstance(source, Source), source
            report = repair(source, self.pool, Settings())
            after = before if self.level == "off" else snapshot(path.parent)
            return script.name, Outcome(report, changed(before, after), path.parent.name)

        with ThreadPoolExecutor(AT_ONCE) as threads:
            outcomes = dict(threads.map(one, [s for s in scripts if not s.alone]))
        return outcomes | dict(map(one, [s for s in scripts if s.alone]))

    def around(self) -> Facts:
        """A snapshot of all that lies around the projects; the worker's own scratch folders are left out."""
        facts: Facts = {}
        for name in ("home", "cache", "outside", "gradfix"):
            facts |= snapshot(self.base / name)
        facts |= snapshot(self.base / "tmp", leave_out=b"gradfix-")
        for path in COMMON:
            facts |= snapshot(path) if path.exists() else {}
        return facts

    def shared_memory(self) -> list[str]:
        """System V's shared memory that a script has left."""
        with open("/proc/sysvipc/shm") as file:
            return [line for line in file if line.split()[0] == str(self.key)]

    def close(self) -> None:
        """Ends the worker."""
        self.pool.__exit__(None, None, None)

    def remove(self) -> None:
        """Takes everything away, what scripts have left elsewhere too."""
        self.close()
        self.listeners.close()
        for line in self.shared_memory():
            ctypes.CDLL(None).shmctl(int(line.split()[1]), 0, None)
        for path in (*COMMON, *Path("/dev/shm").glob(f"{self.base.name[-8:]}*")):
            shutil.rmtree(path, ignore_errors=True)
            with contextlib.suppress(OSError):
                path.unlink()
        # Python's own functions stop at paths that are too long.
        for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            subprocess.run([*command, str(self.base)], check=True)
