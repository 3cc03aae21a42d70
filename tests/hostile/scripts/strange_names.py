# Makes, renames and removes files with names that are no text.
# attacks: files
# ends: clean
# called: tr a\n in \udcff\x07.py
import os

assert "\n" in __file__ and "\udcff" in __file__
for name in (b"a b", b"line\nfeed", b"\xff\xfe", b"-rf", b"*", "\u202e".encode(), b"x" * 255):
    with open(name, "wb") as file:
        file.write(name)
    os.rename(name, name[:250] + b"~1")
    os.remove(name[:250] + b"~1")
os.remove(b"odd \xff\nname")
