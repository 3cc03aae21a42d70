"""The few calls of the Linux kernel that Python has no function for. Each raises OSError where the kernel refuses."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import sys

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 0x20
MS_RELATIME, ST_RELATIME = 0x200000, 0x1000
MS_NOATIME, MS_NODIRATIME, MS_BIND, MS_REC, MS_PRIVATE = 0x400, 0x800, 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 24, 36, 38
AT_FDCWD, AT_RECURSIVE, MOUNT_ATTR_RDONLY, SYS_MOUNT_SETATTR = -100, 0x8000, 1, 442


def libc() -> ctypes.CDLL:
    """The C library, with `errno` kept."""
    return ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> int:
    """The result of a call. Raises OSError where it is negative."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), what)
    return result


def prctl(option: int, value: int) -> None:
    """One setting of this process."""
    checked(libc().prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl {option}")


def syscall(number: int, what: str, *arguments: object) -> int:
    """A system call that the C library has no function for."""
    return checked(libc().syscall(ctypes.c_long(number), *arguments), what)


def unshare(flags: int) -> None:
    """Moves this process into new namespaces."""
    checked(libc().unshare(flags), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2)."""

    def encode(s: str | None) -> bytes | None:
        return None if s is None else os.fsencode(s)

    checked(libc().mount(encode(source), encode(target), encode(kind), flags, encode(data)), target)


def unmount(target: str) -> None:
    """Takes a mount away, also where it is in use."""
    checked(libc().umount2(os.fsencode(target), MNT_DETACH), target)


def read_only_below(target: str) -> None:
    """Makes a mount read-only with all that is mounted below it (Linux 5.12)."""
    attributes = (ctypes.c_uint64 * 4)(MOUNT_ATTR_RDONLY, 0, 0, 0)
    path = ctypes.c_char_p(os.fsencode(target))
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    syscall(SYS_MOUNT_SETATTR, target, AT_FDCWD, path, AT_RECURSIVE, ctypes.byref(attributes), size)


def adopt_orphans() -> None:
    """Processes below this one whose parent ends become its own children: a double fork does not get away."""
    if sys.platform == "linux":
        prctl(PR_SET_CHILD_SUBREAPER, 1)


def watch_self() -> int | None:
    """A descriptor that children can ask whether this process still lives; None where there is no such thing."""
    opened = getattr(os, "pidfd_open", None)  # Linux 5.3
    if opened is None:
        return None
    with contextlib.suppress(OSError):
        return int(opened(os.getpid()))
    return None


def die_with_parent(parent: int | None = None) -> None:
    """Asks the kernel to kill this process when the thread that made it ends (Linux; elsewhere nothing happens).

    `parent` is what the parent's `watch_self` gave before the fork: where it has died already, before the kernel was
    asked, this process ends here.
    """
    if sys.platform != "linux":
        return
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None:
        if select.select([parent], [], [], 0)[0]:
            os._exit(1)
        os.close(parent)


def drop_privileges() -> None:
    """Gives up every capability: with them, user code could undo a mount, and as root do all that root may."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    for capability in range(64):
        libc().prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # refused where there is none to drop
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    checked(libc().capset(header, (ctypes.c_uint32 * 6)()), "capset")
