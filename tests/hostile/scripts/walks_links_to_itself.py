# Walks folders that are links to themselves, 2000 at most, and adds some more.
# attacks: files
# ends: clean
import os

for n in range(20):
    os.symlink(".", f"more{n}")
seen = 0
for folder, folders, files in os.walk(".", followlinks=True):
    seen += 1
    if seen > 2000:
        break
try:
    open("self/x")
except OSError:
    pass
