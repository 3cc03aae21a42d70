# A program that becomes an ordinary user and then the interpreter that the environment names; machine.py puts in front
# what runs it. Folders that the interpreter needs may lie in one that is closed to others, root's home say: in its
# place this process and its children see one in which there is nothing else.
import ctypes
import os
import sys
import tempfile

BIND, PRIVATE, DETACH, NEWNS = 0x5000, 0x44000, 2, 0x20000
libc = ctypes.CDLL(None, use_errno=True)


def mount(source, target, kind, flags, data=None):
    encoded = [None if s is None else os.fsencode(s) for s in (source, target, kind)]
    if libc.mount(*encoded, flags, data):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), target)


def closed_above(path):
    parts = path.split("/")
    above = ["/".join(parts[:n]) or "/" for n in range(1, len(parts))]
    return next((a for a in above if not os.stat(a).st_mode & 1), None)


if libc.unshare(NEWNS):
    sys.exit("no namespaces")
mount("none", "/", None, PRIVATE)
for needed in os.environ.pop("HOSTILE_NEEDED").split(os.pathsep):
    closed = closed_above(needed)
    if closed:
        aside = tempfile.mkdtemp(dir="/tmp")
        mount(needed, aside, None, BIND)
        mount("tmpfs", closed, "tmpfs", 0, b"mode=755")
        os.makedirs(needed)
        mount(aside, needed, None, BIND)
        libc.umount2(os.fsencode(aside), DETACH)
        os.rmdir(aside)
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
python = os.environ.pop("HOSTILE_PYTHON")
os.execv(python, [python, *sys.argv[1:]])
