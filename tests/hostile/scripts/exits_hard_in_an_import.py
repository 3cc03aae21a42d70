# A module that it imports ends the process, past all handlers.
# attacks: time
# ends: inconclusive
# reason: its process left with exit code 0 before the end
import leaver
#### leaver.py
import os

os._exit(0)
