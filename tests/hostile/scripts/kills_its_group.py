# Kills its process group.
# attacks: parent
# ends: inconclusive
# reason: its process was killed by signal 9
# alone: yes
import os, signal

os.killpg(0, signal.SIGKILL)
