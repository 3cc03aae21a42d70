"""A private copy-on-write view of the file system, no network, own process ids: what a run changes dies with it.

Linux only, without root where the kernel allows user namespaces (unshare(2), overlayfs in a user namespace since
Linux 5.11). Docker's default seccomp profile and Ubuntu 24.04's AppArmor setting refuse it, so it is probed once.
An overlay over `/` itself fails with EINVAL, so that each top-level folder gets one.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
import tempfile

NEWNS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
PR_SET_PDEATHSIG, SIGKILL = 1, 9


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Asks the kernel to kill this process when its parent dies (Linux; elsewhere nothing happens)."""
    if sys.platform == "linux":
        _libc().prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    def encode(s: str | None) -> bytes | None:
        return None if s is None else os.fsencode(s)

    if _libc().mount(encode(source), encode(target), encode(kind), flags, encode(data)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), target)


def _map_own_ids() -> None:
    uid, gid = os.getuid(), os.getgid()
    if _libc().unshare(NEWUSER | NEWNS | NEWNET | NEWPID | NEWIPC):
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as f:
            f.write(text)


def _view(scratch: str) -> str:
    """Builds the private view of `/` under a new tmpfs on `scratch`; returns its root."""
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    with open("/proc/self/mounts") as f:
        points = [line.split()[1] for line in f]
    _mount("tmpfs", scratch, "tmpfs", 0, "size=1g,mode=755")
    root = f"{scratch}/root"
    os.mkdir(root)
    for name in os.listdir("/"):
        path = "/" + name
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            os.symlink(os.readlink(path), root + path)
        if not stat.S_ISDIR(mode) or name in ("proc", "lost+found"):
            continue
        os.mkdir(root + path)
        has_submounts = any(p != path and (p + "/").startswith(path + "/") for p in points)
        if name == "run":
            _mount("tmpfs", root + path, "tmpfs", 0, "")
        elif name in ("dev", "sys") or has_submounts:
            _mount(path, root + path, None, MS_BIND | MS_REC)
        else:
            upper, work = f"{scratch}/upper_{name}", f"{scratch}/work_{name}"
            os.mkdir(upper)
            os.mkdir(work)
            _mount("overlay", root + path, "overlay", 0, f"lowerdir={path},upperdir={upper},workdir={work},userxattr")
    os.mkdir(root + "/proc")
    return root


def enter(scratch: str) -> None:
    """Moves the calling single-threaded process into the sandbox.

    Its other half stays outside, waits for it and exits with its status. Raises OSError where the kernel refuses; the
    process is then half-way in and must not go on.
    """
    _map_own_ids()
    root = _view(scratch)
    child = os.fork()  # the first process of the new pid namespace: when it dies, all in it die
    if child:
        die_with_parent()
        status = os.waitpid(child, 0)[1]
        if os.WIFSIGNALED(status):
            os.kill(os.getpid(), os.WTERMSIG(status))
        os._exit(os.waitstatus_to_exitcode(status) & 255)
    die_with_parent()
    _mount("proc", root + "/proc", "proc", 0)
    cwd = os.getcwd()
    os.chroot(root)
    os.chdir(cwd)


def works() -> bool:
    """Whether `enter` succeeds on this machine: tried in a child that may die."""
    if sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory(prefix="gradfix-probe-") as scratch:
        pid = os.fork()
        if pid == 0:
            try:
                enter(scratch)
            except BaseException:
                os._exit(1)
            os._exit(0)
        return os.waitpid(pid, 0)[1] == 0
