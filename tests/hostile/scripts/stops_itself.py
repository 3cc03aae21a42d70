# Stops itself with a signal that cannot be caught.
# attacks: time
# ends: inconclusive
# reason: it did not end within
# limit: 2
import os, signal

os.kill(os.getpid(), signal.SIGSTOP)
