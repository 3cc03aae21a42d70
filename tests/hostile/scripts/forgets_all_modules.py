# Empties the table of modules.
# attacks: report
# ends: clean, inconclusive
import sys

import tensorflow as tf

sys.modules.clear()
