# Leaves twenty threads at work that nobody waits for.
# attacks: processes
# ends: clean
import threading, time

end = time.monotonic() + 30


def work():
    while time.monotonic() < end:
        time.sleep(0.05)


for _ in range(20):
    threading.Thread(target=work, daemon=False).start()
