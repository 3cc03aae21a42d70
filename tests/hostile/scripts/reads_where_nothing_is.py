# A segmentation fault.
# attacks: time
# ends: inconclusive
# reason: its process was killed by signal 11
import ctypes

ctypes.string_at(0)
