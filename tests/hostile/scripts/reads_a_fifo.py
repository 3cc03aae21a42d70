# Reads a pipe that nobody writes to.
# attacks: time
# ends: inconclusive
# reason: it did not end within
# limit: 2
import signal

signal.alarm(30)
open("pipe").read()
