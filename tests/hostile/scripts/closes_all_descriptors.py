# Closes every file that it can name.
# attacks: report
# ends: clean, inconclusive
import os

os.closerange(0, 1 << 20)
