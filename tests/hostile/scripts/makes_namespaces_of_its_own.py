# Makes itself root in namespaces of its own, takes mounts away and looks at what was below.
# attacks: native
# ends: clean
import contextlib, ctypes, os

libc = ctypes.CDLL(None)
outside = os.environ["HOSTILE_OUTSIDE"]
pid = os.fork()
if pid == 0:
    with contextlib.suppress(OSError):
        uid = os.getuid()
        for flags in (0x10020000, 0x00020000):  # NEWUSER with NEWNS, NEWNS
            if libc.unshare(flags) == 0 and flags == 0x10020000:
                with open("/proc/self/uid_map", "w") as file:
                    file.write(f"0 {uid} 1")
                with open("/proc/self/mounts") as file:
                    points = [line.split()[1] for line in file]
                for point in sorted(points, key=len, reverse=True):
                    if os.path.dirname(outside).startswith(point):
                        libc.umount2(point.encode(), 2)
                        libc.mount(None, point.encode(), None, 0x20 | 0x1000, None)
                with open(outside + "/kept.txt", "w") as file:
                    file.write("gone")
    os._exit(0)
os.waitpid(pid, 0)
