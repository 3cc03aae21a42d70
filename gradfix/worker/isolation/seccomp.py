"""A filter for system calls, for what Landlock does not govern: sockets of all kinds, and what changes files' facts.

Modes, owners, time stamps and extended attributes cannot be told apart by path here: the calls seem to succeed and do
nothing, so that code which copies or unpacks files goes on.
"""

from __future__ import annotations

import ctypes
import platform
import struct

from . import kernel

LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE = 0, 4
"""Where they are in the kernel's description of a call."""
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
EACCES, ENOSYS, NOTHING = 13, 38, 0
PR_SET_SECCOMP, FILTER = 22, 2
X32 = 0x40000000

# Numbers from the kernel's tables (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h):
# socket; shmget, semget, msgget, mq_open; then io_uring_setup, which could do the same past this filter
REFUSED = {"x86_64": (41, 29, 64, 68, 240), "aarch64": (198, 194, 190, 186, 180)}
MISSING = (425,)
# chmod, fchmod, chown, fchown, lchown, utime, utimes, fchownat, futimesat, fchmodat, utimensat, set and remove xattr
PRETENDED = {
    "x86_64": (90, 91, 92, 93, 94, 132, 235, 260, 261, 268, 280, 188, 189, 190, 197, 198, 199),
    "aarch64": (52, 53, 54, 55, 88, 5, 6, 7, 14, 15, 16),
}
NEWER = (452, 463, 466, 469)
"""fchmodat2, setxattrat, removexattrat, file_setattr: the same everywhere."""
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def program(machine: str) -> list[tuple[int, int, int, int]]:
    """The filter for a kind of processor: (code, jump if true, jump if false, operand). Raises KeyError."""
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, ERRNO | ENOSYS),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, ERRNO | ENOSYS),
    ]
    for numbers, error in ((REFUSED[machine], EACCES), (MISSING, ENOSYS), (PRETENDED[machine] + NEWER, NOTHING)):
        for number in numbers:
            steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERRNO | error)]
    return [*steps, (RETURN, 0, 0, ALLOW)]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def filter_calls() -> None:
    """Puts the filter on this process and all that it starts, for good. Raises OSError where that is not possible."""
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise OSError(ENOSYS, f"no filter for {machine}")
    steps = program(machine)
    whole = _Program(len(steps), b"".join(struct.pack("HBBI", *step) for step in steps))
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.checked(kernel.libc().prctl(PR_SET_SECCOMP, ctypes.c_ulong(FILTER), ctypes.byref(whole), 0, 0), "seccomp")
