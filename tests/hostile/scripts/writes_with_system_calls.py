# Writes with the C library's functions, past all that Python looks at.
# attacks: native
# ends: clean
import ctypes, os

libc = ctypes.CDLL(None)
for place in (b".", os.fsencode(os.environ["HOSTILE_OUTSIDE"])):
    for name in (b"data.csv", b"kept.txt", b"made.txt"):
        fd = libc.open(place + b"/" + name, 0o1101, 0o644)
        libc.write(fd, b"gone", 4)
        libc.close(fd)
    libc.unlink(place + b"/moved.txt")
    libc.mkdir(place + b"/made", 0o755)
    libc.truncate(place + b"/kept/file", 0)
    libc.chmod(place + b"/kept", 0)
