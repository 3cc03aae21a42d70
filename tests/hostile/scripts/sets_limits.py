# Sets limits for itself that leave next to nothing.
# attacks: report
# ends: clean, inconclusive
import contextlib, resource

for kind, value in ((resource.RLIMIT_NOFILE, 4), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NPROC, 1),
                    (resource.RLIMIT_STACK, 1 << 16), (resource.RLIMIT_CPU, 3)):
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (value, value))
