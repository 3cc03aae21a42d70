# Ends with SIGABRT, as C++ code does whose check fails.
# attacks: time
# ends: inconclusive
# reason: its process was killed by signal 6
import os

os.abort()
