"""A private copy-on-write view of the file system in a mount namespace of its own: what is changed in it vanishes.

An overlay over `/` itself fails with EINVAL, so that each top-level folder gets one. All changes go to one tmpfs with
one limit. Of devices there are the harmless ones; `/sys` and what of `/proc` changes the machine are read-only.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat

from . import kernel
from .kernel import MS_BIND, MS_PRIVATE, MS_RDONLY, MS_REC, MS_REMOUNT, mount

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
GPUS = ("nvidia", "dri", "kfd", "dxg")
"""What the names of devices begin with that computing on a GPU needs."""
MACHINE = ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi")
"""What in `/proc` changes the machine when root writes to it."""
MOST_FILES = 200_000
OWN = ("proc", "dev", "sys", "run", "lost+found")
"""Top-level folders that are not taken over as they are."""

Plan = tuple[object, ...]


def plan() -> Plan:
    """What a view is built from: what is mounted where, and the folders that are made anew, with when they changed.

    While it stays the same, a view in which nothing was looked up yet shows what a new one would.
    """
    with open("/proc/self/mounts") as f:
        mounts = f.read()
    folders = {"/", "/dev"}
    for point in _points(mounts):
        while point.strip("/").split("/")[0] not in OWN and (point := os.path.dirname(point)) not in folders:
            folders.add(point)
    return (mounts, *((f, (facts := os.stat(f)).st_ino, facts.st_ctime_ns) for f in sorted(folders)))


def _points(mounts: str) -> set[str]:
    """The mount points in the kernel's list: spaces and such are written as octal escapes there."""
    return {line.split()[1].encode().decode("unicode_escape") for line in mounts.splitlines()}


class View:
    """Builds the view in a new tmpfs of at most `size` bytes on the empty folder `scratch`; `root` is its `/`.

    A folder with mounts below it cannot be a layer of an overlay in a user namespace (EINVAL: they are locked to it),
    nor can `/`: such a folder is made anew, and what is in it is covered one by one.
    """

    def __init__(self, scratch: str, size: int, gpu: bool) -> None:
        mount("none", "/", None, MS_REC | MS_PRIVATE)
        with open("/proc/self/mounts") as f:
            self.points = _points(f.read())
        mount("tmpfs", scratch, "tmpfs", 0, f"size={size},nr_inodes={MOST_FILES},mode=755")
        self.scratch, self.root, self.overlays = scratch, f"{scratch}/root", 0
        os.mkdir(self.root)
        self.make_anew("/", leave_out=OWN)
        os.mkdir(self.root + "/proc")
        self.devices(gpu)
        if os.path.isdir("/sys"):
            os.mkdir(self.root + "/sys")
            mount("/sys", self.root + "/sys", None, MS_BIND | MS_REC)
            kernel.read_only_below(self.root + "/sys")
        os.mkdir(self.root + "/run")

    def devices(self, gpu: bool) -> None:
        """Harmless devices, those of GPUs where they are shown, and shared memory of its own."""
        new = self.root + "/dev"
        os.mkdir(new)
        for name in sorted(os.listdir("/dev")):
            if name in DEVICES or (gpu and name.startswith(GPUS)):
                path = f"{new}/{name}"
                if os.path.isdir(f"/dev/{name}"):
                    os.mkdir(path)
                else:
                    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
                mount(f"/dev/{name}", path, None, MS_BIND | MS_REC)
        os.mkdir(new + "/shm")
        os.chmod(new + "/shm", 0o1777)
        for name, target in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
            os.symlink(f"/proc/self/{target}", f"{new}/{name}")
        os.mkdir(new + "/pts")
        with contextlib.suppress(OSError):  # without it there are no pseudo terminals, which is no loss
            mount("devpts", new + "/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=620")
            os.symlink("pts/ptmx", new + "/ptmx")

    def processes_bounded(self, most: int) -> None:
        """The `/proc` of the pid namespace that the caller is in, with the machine's settings read-only.

        `most` is how many ids the namespace gets, where the kernel can bound that.
        """
        proc = self.root + "/proc"
        mount("proc", proc, "proc", 0)
        if tuple(map(int, re.findall(r"\d+", os.uname().release)[:2])) >= (6, 14):  # before, it is the machine's own
            with contextlib.suppress(OSError), open(f"{proc}/sys/kernel/pid_max", "w") as f:
                f.write(str(most))
        for name in MACHINE:
            if os.path.exists(f"{proc}/{name}"):
                mount(f"{proc}/{name}", f"{proc}/{name}", None, MS_BIND | MS_REC)
                kernel.read_only_below(f"{proc}/{name}")

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
            mount("overlay", self.root + path, "overlay", 0, options)
        except OSError:  # some file systems cannot be below an overlay
            self.read_only(path)

    def read_only(self, path: str) -> None:
        """Binds a file or folder read-only. Flags that the user namespace has locked must be given again."""
        target = self.root + path
        mount(path, target, None, MS_BIND)
        have = os.statvfs(target).f_flag  # ST_NOSUID, ST_NODEV, ST_NOEXEC, ST_NOATIME, ST_NODIRATIME: same bits
        locked = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC | kernel.MS_NOATIME | kernel.MS_NODIRATIME
        flags = have & locked
        flags |= kernel.MS_RELATIME if have & kernel.ST_RELATIME else 0
        mount("none", target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | flags)
