# Deletes the project with everything in it, itself too.
# attacks: files
# ends: clean
import os, shutil

for name in os.listdir("."):
    if os.path.isdir(name) and not os.path.islink(name):
        shutil.rmtree(name)
    else:
        os.remove(name)
left = os.listdir(".")
assert left == [], left
