# Kills its parent, and what that is called in /proc.
# attacks: parent
# ends: clean, inconclusive
# alone: yes
import contextlib, os, signal, time

with open("/proc/self/stat") as file:
    parents = {os.getppid(), int(file.read().rpartition(")")[2].split()[1])} - {0, 1}
for pid in parents:
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)
time.sleep(0.2)
