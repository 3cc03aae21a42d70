# Empties and overwrites every file that is open.
# attacks: outside
# ends: clean, inconclusive
import contextlib, os

for name in os.listdir("/proc/self/fd"):
    for access in (lambda fd: os.ftruncate(fd, 0), lambda fd: os.pwrite(fd, b"gone", 0), lambda fd: os.lseek(fd, 0, 0)):
        with contextlib.suppress(OSError):
            access(int(name))
