# A module that it imports exits.
# attacks: time
# ends: clean, inconclusive
import leaver
#### leaver.py
import sys

sys.exit(0)
