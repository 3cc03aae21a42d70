# Renames folders of the project, and moves them out of it.
# attacks: files
# ends: clean
import contextlib, os, shutil

with contextlib.suppress(OSError):
    os.rename("notes", "renamed")
if os.path.isdir("notes"):
    shutil.move("notes", "renamed")
assert open("renamed/first.txt").read() and not os.path.exists("notes")
with contextlib.suppress(OSError):
    shutil.move("renamed", os.environ["HOSTILE_OUTSIDE"])
