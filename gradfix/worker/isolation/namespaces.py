"""The level `full`: a private view of the file system, no network, own process ids; all of it dies with the run.

Linux only, without root where the kernel allows user namespaces (unshare(2), overlayfs in a user namespace since
Linux 5.11). Docker's default seccomp profile and Ubuntu 24.04's AppArmor setting refuse it, so it is probed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

from . import kernel
from .trial import refusal_of
from .view import View

NEWNS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x08000000, 0x10000000, 0x20000000, 0x40000000


class Room:
    """Namespaces for one run, made by its keeper, which stays outside: first `Room(...)`, then `fork`."""

    def __init__(self, scratch: str, size: int, gpu: bool = False) -> None:
        self.scratch = scratch
        uid, gid = os.getuid(), os.getgid()
        kernel.unshare(NEWUSER | NEWNS | NEWNET | NEWPID | NEWIPC)
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w") as f:
                f.write(text)
        self.view = View(scratch, size, gpu)

    @property
    def proc(self) -> str:
        """A `/proc` that shows the processes of this run alone: the first is the namespace's own."""
        return self.view.root + "/proc"

    def fork(self, body: Callable[[Callable[[], None]], None], most: int) -> tuple[int, int]:
        """Forks the namespace's first process, which forks the one that runs `body`; that never comes back.

        `body` is given the function that brings it into the view, still with all rights in it.
        `most` is how many process ids the namespace gets, where the kernel can bound that (Linux 6.14). Gives the
        first process's id, and a pipe in which the other's wait status comes, as 8 bytes.
        """
        read, write = os.pipe()
        keeper = kernel.watch_self()
        pid = os.fork()  # when it dies, all in its namespace die
        if pid:
            os.close(write)
            if keeper is not None:
                os.close(keeper)
            return pid, read
        kernel.die_with_parent(keeper)
        self.view.processes_bounded(most)
        guest = os.fork()  # the kernel keeps signals from a namespace's first process, so that user code is its second
        if guest:
            os.write(write, _wait_for(guest).to_bytes(8, "little"))
            os._exit(0)
        os.close(read)
        os.close(write)
        body(self._enter)
        os._exit(70)

    def _enter(self) -> None:
        os.setsid()  # a signal to its process group must not get out
        cwd = os.getcwd()
        os.chroot(self.view.root)
        os.chdir(cwd)

    def leave(self) -> None:
        """Gives the tmpfs back and removes the folder that it was mounted on: only once all processes are dead."""
        with contextlib.suppress(OSError):
            kernel.unmount(self.scratch)
            os.rmdir(self.scratch)


def _wait_for(guest: int) -> int:
    """The wait status of one child, while every orphan of the namespace is reaped."""
    while True:
        pid, status = os.wait()
        if pid == guest:
            return status


def refusal() -> str:
    """Why there is no such room on this machine, "" where there is: tried in a child that may die."""
    return refusal_of(_try_a_room)


def _try_a_room(scratch: str) -> int:
    """The exit code of a first process in a room of its own."""
    first, _ = Room(scratch, 1 << 20).fork(_probe, 400)
    return os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]) & 255


def _probe(enter: Callable[[], None]) -> None:
    enter()
    kernel.drop_privileges()
    os._exit(0)
