# Registers handlers for its end that write, wait and start it all over.
# attacks: files
# ends: clean
import atexit, os, signal, threading, time, weakref


def linger(*_):
    with open("data.csv", "w") as file:
        file.write("gone")
    time.sleep(20)


class Last:
    pass


last = Last()
weakref.finalize(last, linger)
atexit.register(linger)
atexit.register(os.fork)
signal.signal(signal.SIGTERM, linger)
threading._register_atexit(linger)
