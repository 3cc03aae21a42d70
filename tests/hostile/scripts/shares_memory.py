# Leaves shared memory behind that outlives its process: System V's, and a file in /dev/shm.
# attacks: native
# ends: clean
import contextlib, ctypes, os

MARK = os.path.basename(os.path.dirname(os.path.abspath(__file__)))
ctypes.CDLL(None).shmget(int(os.environ["HOSTILE_KEY"]), 4096, 0o1600)
with contextlib.suppress(OSError):
    with open(f"/dev/shm/{MARK}", "w") as file:
        file.write("hostile")
