# Leaves a daemon behind: forked twice, in a session of its own, deaf to signals, without open files.
# attacks: processes
# ends: clean
import ctypes, os, signal, time

MARK = os.path.basename(os.path.dirname(os.path.abspath(__file__))).encode()
ready, tell = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setpgid(0, 0)
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        ctypes.CDLL(None).prctl(15, MARK)
        os.write(tell, b"x")
        os.closerange(0, 65536)
        time.sleep(30)
    os._exit(0)
os.wait()
assert os.read(ready, 1) == b"x"
