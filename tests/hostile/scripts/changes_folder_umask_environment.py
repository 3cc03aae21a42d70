# Changes all that a process hands on: folder, umask, environment, priority, signal mask.
# attacks: outside
# ends: clean
import os, signal

os.umask(0o777)
os.environ.clear()
os.nice(5)
signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
os.chdir("/")
