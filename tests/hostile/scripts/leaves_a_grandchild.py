# Leaves a process behind whose parent is gone.
# attacks: processes
# ends: clean
import ctypes, os, time

MARK = os.path.basename(os.path.dirname(os.path.abspath(__file__))).encode()
ready, tell = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(15, MARK)
        os.write(tell, b"x")
        time.sleep(30)
    os._exit(0)
os.wait()
assert os.read(ready, 1) == b"x"
