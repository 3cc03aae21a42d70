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
from collections.abc import Callable

NEWNS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x08000000, 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 0x20
MS_RELATIME, ST_RELATIME = 0x200000, 0x1000
MS_NOATIME, MS_NODIRATIME, MS_BIND, MS_REC, MS_PRIVATE = 0x400, 0x800, 0x1000, 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, SIGKILL = 1, 24, 38, 9


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
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as f:
            f.write(text)


class _View:
    """Builds the private view of `/` in a new tmpfs on `scratch`.

    A folder with mounts below it cannot be a layer of an overlay in a user namespace (EINVAL: they are locked to it),
    nor can `/`: such a folder is made anew, and what is in it is covered one by one.
    """

    def __init__(self, scratch: str) -> None:
        _mount("none", "/", None, MS_REC | MS_PRIVATE)
        with open("/proc/self/mounts") as f:  # spaces and such are written as octal escapes
            self.points = {line.split()[1].encode().decode("unicode_escape") for line in f}
        _mount("tmpfs", scratch, "tmpfs", 0, "size=1g,mode=755")
        self.scratch, self.root, self.overlays = scratch, f"{scratch}/root", 0
        os.mkdir(self.root)
        self.make_anew("/", leave_out=("proc", "dev", "sys", "run", "lost+found"))
        os.mkdir(self.root + "/proc")
        self.devices()
        if os.path.isdir("/sys"):
            os.mkdir(self.root + "/sys")
            _mount("/sys", self.root + "/sys", None, MS_BIND | MS_REC)
        os.mkdir(self.root + "/run")
        _mount("tmpfs", self.root + "/run", "tmpfs", 0, "")

    def devices(self) -> None:
        """The real devices, but with shared memory of its own."""
        os.mkdir(self.root + "/dev")
        _mount("/dev", self.root + "/dev", None, MS_BIND | MS_REC)
        if os.path.isdir(self.root + "/dev/shm"):
            _mount("tmpfs", self.root + "/dev/shm", "tmpfs", 0, "size=1g,mode=1777")

    def make_anew(self, folder: str, leave_out: tuple[str, ...] = ()) -> None:
        """Fills a folder of the view, which is there and empty, with what is in the real one."""
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if name in leave_out or path == self.scratch:
                continue
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                os.symlink(os.readlink(path), self.root + path)
            elif stat.S_ISDIR(mode):
                os.mkdir(self.root + path)
                os.chmod(self.root + path, stat.S_IMODE(mode))
                self.cover(path)
            elif stat.S_ISREG(mode):
                os.close(os.open(self.root + path, os.O_CREAT | os.O_WRONLY))
                self.read_only(path)

    def cover(self, path: str) -> None:
        """Puts a copy-on-write view of a folder at the same place, or a read-only one."""
        if any(point.startswith(os.path.join(path, "")) for point in self.points):
            self.make_anew(path)
            return
        self.overlays += 1
        upper, work = f"{self.scratch}/upper{self.overlays}", f"{self.scratch}/work{self.overlays}"
        os.mkdir(upper)
        os.mkdir(work)
        lower = path.replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,")
        try:
            options = f"lowerdir={lower},upperdir={upper},workdir={work},userxattr"
            _mount("overlay", self.root + path, "overlay", 0, options)
        except OSError:  # some file systems cannot be below an overlay
            self.read_only(path)

    def read_only(self, path: str) -> None:
        """Binds a file or folder read-only. Flags that the user namespace has locked must be given again."""
        target = self.root + path
        _mount(path, target, None, MS_BIND)
        have = os.statvfs(target).f_flag  # ST_NOSUID, ST_NODEV, ST_NOEXEC, ST_NOATIME, ST_NODIRATIME: same bits
        flags = have & (MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME)
        flags |= MS_RELATIME if have & ST_RELATIME else 0
        _mount("none", target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | flags)


def _drop_privileges() -> None:
    """Gives up every capability in the namespace: with them, user code could leave the chroot or undo a mount."""
    libc = _libc()
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "capset")


def enter(scratch: str, prepare: Callable[[], None] = lambda: None) -> None:
    """Moves the calling single-threaded process into the sandbox; `prepare` runs inside, while it still may do all.

    Its other half stays outside, waits for it and exits with its status. Raises OSError where the kernel refuses; the
    process is then half-way in and must not go on.
    """
    _map_own_ids()
    root = _View(scratch).root
    read, write = os.pipe()
    child = os.fork()  # the first process of the new pid namespace: when it dies, all in it die
    if child:
        os.close(write)
        die_with_parent()
        os.waitpid(child, 0)
        _end_like(int.from_bytes(os.read(read, 8) or bytes([SIGKILL]), "little"))
    die_with_parent()
    _mount("proc", root + "/proc", "proc", 0)
    guest = os.fork()  # the kernel keeps signals from a namespace's first process, so that user code is its second
    if guest:
        os.write(write, _wait_for(guest).to_bytes(8, "little"))
        os._exit(0)
    os.close(read)
    os.close(write)
    cwd = os.getcwd()
    os.chroot(root)
    os.chdir(cwd)
    prepare()
    _drop_privileges()


def _wait_for(guest: int) -> int:
    """The wait status of one child, while every orphan of the namespace is reaped."""
    while True:
        pid, status = os.wait()
        if pid == guest:
            return status


def _end_like(status: int) -> None:
    """Ends this process as another one ended."""
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status) & 255)


def refusal() -> str:
    """Why `enter` does not succeed on this machine, "" where it does: tried in a child that may die."""
    if sys.platform != "linux":
        return "needs Linux"
    with tempfile.TemporaryDirectory(prefix="gradfix-probe-") as scratch, tempfile.TemporaryFile() as said:
        pid = os.fork()
        if pid == 0:
            try:
                enter(scratch)
            except BaseException as e:
                os.write(said.fileno(), str(e).encode())
                os._exit(1)
            os._exit(0)
        ended = os.waitpid(pid, 0)[1]
        said.seek(0)
        return said.read().decode("utf-8", "replace")[:300] or ("" if ended == 0 else "the probe died")
