# Has other programs write and delete, here and elsewhere.
# attacks: outside
# ends: clean
import contextlib, os, subprocess

for place in (".", os.environ["HOSTILE_OUTSIDE"]):
    with contextlib.suppress(OSError):
        command = "echo gone > data.csv; echo gone > kept.txt; rm -rf notes kept; mv moved.txt away.txt; mkdir new"
        subprocess.run(["sh", "-c", command], cwd=place, stderr=subprocess.DEVNULL, timeout=20)
    with contextlib.suppress(OSError):
        os.system(f"cd '{place}' && touch touched 2>/dev/null")
