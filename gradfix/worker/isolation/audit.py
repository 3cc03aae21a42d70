"""The level `audit`: Python itself refuses what would leave the scratch folder (PEP 578).

A hook sees what Python code does, in this process and in forks of it. It does not see C code (TensorFlow's own writers
among it) nor other programs, so that those are not started. It keeps accidents away, nothing else.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import Any

from . import processes

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty")
STARTING = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "pty.spawn")
NETWORK = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.getnameinfo",
    "syslog.syslog",
    "syslog.openlog",
)
Check = Callable[..., None]


def _refuse(what: str, path: object = None) -> None:
    raise PermissionError(errno.EACCES, f"gradfix's sandbox lets no run {what}", path)


class Audit:
    """The hook. `scratch` is the folder that may be written; `files` is false where the kernel sees to that."""

    def __init__(self, scratch: str, files: bool = True) -> None:
        self.top = os.path.join(os.path.realpath(scratch), "")
        self.realpath, self.fsdecode, self.getpid = os.path.realpath, os.fsdecode, os.getpid
        self.checks: dict[str, Check] = {"os.kill": self.signal, "os.killpg": self.signal_group}
        if files:
            self.checks |= self.of_files()

    def of_files(self) -> dict[str, Check]:
        """What is refused where nothing but this hook is there."""
        one: dict[str, Check] = dict.fromkeys(
            ("os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.utime", "os.chflags"), self.changes
        )
        path = dict.fromkeys(("os.truncate", "os.setxattr", "os.removexattr", "sqlite3.connect"), self.path)
        start = dict.fromkeys(STARTING, lambda *_: _refuse("start programs"))
        network = dict.fromkeys(NETWORK, lambda *_: _refuse("use the network"))
        send = dict.fromkeys(("socket.sendto", "socket.sendmsg"), self.send)
        two: dict[str, Check] = {"open": self.opens, "os.rename": self.rename, "os.link": self.rename}
        more: dict[str, Check] = {"os.symlink": self.symlink, "socket.__new__": self.socket}
        return {**one, **path, **start, **network, **send, **two, **more}

    def install(self) -> None:
        """Puts the hook in place, for good."""
        checks = self.checks

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            check = checks.get(event)
            if check is not None:
                check(*arguments)

        sys.addaudithook(hook)

    def path(self, path: Any, *_: Any) -> None:
        """A path that is written: its last link counts, wherever it leads."""
        self.inside(path, -1, follow=True)

    def inside(self, path: Any, folder: int, follow: bool) -> None:
        """Refuses a path that is not below the scratch folder."""
        if isinstance(path, int) or path is None or path == ":memory:":
            return
        text = self.fsdecode(path)
        if folder >= 0:
            text = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), text)
        if follow:
            whole = self.realpath(text)
        else:
            head, tail = os.path.split(text.rstrip("/") or "/")
            whole = os.path.join(self.realpath(head or "."), tail)
        if not (whole + "/").startswith(self.top) and whole not in DEVICES:
            _refuse("write there", text)

    def opens(self, path: Any, mode: Any, flags: Any) -> None:
        """`open`, `os.open`, `io.open`: where they write."""
        if flags & WRITING:
            self.inside(path, -1, follow=True)

    def changes(self, path: Any, *rest: Any) -> None:
        """One path, with the folder that it counts from as the last argument where there is one."""
        folder = rest[-1] if rest and isinstance(rest[-1], int) else -1
        self.inside(path, folder, follow=False)

    def rename(self, source: Any, target: Any, source_folder: int = -1, target_folder: int = -1) -> None:
        """Two paths."""
        self.inside(source, source_folder, follow=False)
        self.inside(target, target_folder, follow=False)

    def symlink(self, source: Any, target: Any, folder: int = -1) -> None:
        """A symbolic link may lead anywhere, but not lie anywhere."""
        self.inside(target, folder, follow=False)

    def socket(self, own: Any, family: int, *_: Any) -> None:
        """Pairs of sockets are all that is left: they lead nowhere."""
        if family not in (-1, 1):
            _refuse("use the network")

    def send(self, own: Any, address: Any = None) -> None:
        """Messages to an address."""
        if address is not None:
            _refuse("use the network")

    def signal(self, pid: int, *_: Any) -> None:
        """Signals go to the run's own processes."""
        if pid in (0, self.getpid()):
            return
        if pid < 0 or not self.own(pid):
            _refuse(f"signal process {pid}")

    def signal_group(self, group: int, *_: Any) -> None:
        """Signals to a group: the run's own, or one that a process of its leads."""
        if group not in (0, os.getpgrp()) and not self.own(group):
            _refuse(f"signal group {group}")

    def own(self, pid: int) -> bool:
        """Whether a process descends from this one or from its leader."""
        leader = os.getsid(0)
        while pid > 1:
            if pid in (leader, self.getpid()):
                return True
            process = processes.read(pid)
            if process is None:
                return True  # nobody's
            pid = process.parent
        return False
