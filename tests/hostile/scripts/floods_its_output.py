# Prints 40 MB, without line feeds and with control characters, and has the disks written.
# attacks: report
# ends: clean
import os, sys

for _ in range(20):
    os.write(1, b"\x1b]0;\x07" * (1 << 17))
    sys.stderr.write("\r" * (1 << 20))
os.sync()
