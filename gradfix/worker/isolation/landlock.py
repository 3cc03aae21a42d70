"""The level `landlock`: the kernel lets a run write below its scratch folder only, and open no sockets.

Landlock (Linux 5.13) governs what is opened, made, renamed and removed; seccomp.py what it leaves out. Neither needs
rights, and both bind everything that the run starts, whatever language it is written in.
"""

from __future__ import annotations

import contextlib
import ctypes
import glob
import os

from . import kernel, seccomp
from .trial import refusal_of

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
PATH_BENEATH = 1
WRITE_FILE, REMOVE_DIR, REMOVE_FILE = 1 << 1, 1 << 4, 1 << 5
MAKE = sum(1 << bit for bit in range(6, 13))
REFER, TRUNCATE = 1 << 13, 1 << 14
BIND_TCP, CONNECT_TCP = 1, 2
ABSTRACT_UNIX_SOCKET, SIGNAL = 1, 2
DEVICES = ("/dev/null", "/dev/zero", "/dev/full")
GPUS = ("/dev/nvidia*", "/dev/dri/*", "/dev/kfd", "/dev/dxg")


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"  # Python 3.14 wants it said
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """The version of Landlock's interface. Raises OSError where the kernel has none."""
    return kernel.syscall(CREATE_RULESET, "landlock", None, ctypes.c_size_t(0), 1)


def restrict(scratch: str, gpu: bool = False) -> None:
    """Shuts this process and all that it starts out of everything but `scratch`, for good. Raises OSError."""
    abi = version()
    files = WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE
    files |= (REFER if abi >= 2 else 0) | (TRUNCATE if abi >= 3 else 0)
    network = BIND_TCP | CONNECT_TCP if abi >= 4 else 0
    scoped = ABSTRACT_UNIX_SOCKET | SIGNAL if abi >= 6 else 0
    wanted = _Ruleset(files, network, scoped)
    size = ctypes.c_size_t(24 if abi >= 6 else 16 if abi >= 4 else 8)
    ruleset = kernel.syscall(CREATE_RULESET, "landlock", ctypes.byref(wanted), size, 0)
    _allow(ruleset, scratch, files)
    for device in (*DEVICES, *(path for pattern in GPUS * gpu for path in glob.glob(pattern))):
        with contextlib.suppress(OSError):  # not every machine has each
            _allow(ruleset, device, files & (WRITE_FILE | TRUNCATE))
    kernel.drop_privileges()
    kernel.syscall(RESTRICT_SELF, "landlock", ruleset, 0)
    os.close(ruleset)
    seccomp.filter_calls()


def _allow(ruleset: int, path: str, access: int) -> None:
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _PathBeneath(access, opened)
        kernel.syscall(ADD_RULE, "landlock", ruleset, PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(opened)


def refusal() -> str:
    """Why this level is not to be had on this machine, "" where it is: tried in a child that may die."""
    return refusal_of(_probe)


def _probe(scratch: str) -> int:
    """0; raises where a file can be written outside of a folder, or none in it. Some sandboxes only pretend to obey."""
    inner = os.path.join(scratch, "inner")
    os.mkdir(inner)
    restrict(inner)
    os.close(os.open(os.path.join(inner, "file"), os.O_CREAT | os.O_WRONLY))
    try:
        os.close(os.open(os.path.join(scratch, "file"), os.O_CREAT | os.O_WRONLY))
    except OSError:
        return 0
    raise RuntimeError("the kernel takes the rules and does not obey them")
