# Has a shell start programs as fast as it can: 300 at most, for 10 seconds at most.
# attacks: processes
# ends: clean, inconclusive
import contextlib, os, subprocess

MARK = os.path.basename(os.path.dirname(os.path.abspath(__file__)))
with contextlib.suppress(OSError, subprocess.TimeoutExpired):
    command = "n=0; while [ $((n=n+1)) -le 300 ]; do sleep 10 & done; wait"
    subprocess.run(["sh", "-c", command, MARK], stderr=subprocess.DEVNULL, timeout=3)
