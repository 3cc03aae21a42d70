# Starts a program in a session of its own and does not wait for it.
# attacks: processes
# ends: clean
import contextlib, os, subprocess

MARK = os.path.basename(os.path.dirname(os.path.abspath(__file__)))
with contextlib.suppress(OSError):
    program = ["sh", "-c", "while [ $((n=n+1)) -lt 30 ]; do sleep 1; done", MARK]
    subprocess.Popen(program, start_new_session=True)
