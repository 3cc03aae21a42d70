# Takes memory: 2 GB at most.
# attacks: memory
# ends: inconclusive, clean
# memory: 1
import os

held = []
for _ in range(32):
    held.append(bytearray(os.urandom(1 << 20) * 64))
