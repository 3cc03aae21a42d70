# Lifts the limits that it finds, and writes a file with a hole of 8 GB.
# attacks: files
# ends: clean
import contextlib, resource

for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC, resource.RLIMIT_CPU):
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with contextlib.suppress(OSError):
    with open("hole.bin", "wb") as file:
        file.truncate(8 << 30)
