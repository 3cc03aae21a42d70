# Each child forks two more, five generations deep: 62 processes, for 10 seconds at most.
# attacks: processes
# ends: clean, inconclusive
import ctypes, os, time

MARK = os.path.basename(os.path.dirname(os.path.abspath(__file__))).encode()
end = time.monotonic() + 10


def spawn(generations):
    for _ in range(2 if generations else 0):
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(15, MARK)
            spawn(generations - 1)
            while time.monotonic() < end:
                time.sleep(0.5)
            os._exit(0)


spawn(5)
