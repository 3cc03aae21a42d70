# Ignores all signals that can be ignored and loops for 30 seconds.
# attacks: time
# ends: inconclusive
# reason: it did not end within
# limit: 2
import signal, time

for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
end = time.monotonic() + 30
while time.monotonic() < end:
    try:
        pass
    except BaseException:
        pass
