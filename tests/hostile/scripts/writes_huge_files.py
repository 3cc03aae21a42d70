# Writes a file with a hole of 8 GB, and 192 MB that are there.
# attacks: files
# ends: clean
import contextlib

with contextlib.suppress(OSError):
    with open("hole.bin", "wb") as file:
        file.seek(8 << 30)
        file.write(b"end")
with contextlib.suppress(OSError):
    with open("full.bin", "wb") as file:
        for _ in range(12):
            file.write(bytes(16 << 20))
