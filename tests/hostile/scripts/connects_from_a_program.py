# Has another program connect to a listener on this machine.
# attacks: network
# ends: clean
import contextlib, os, subprocess, sys

code = f"import socket; socket.create_connection(('127.0.0.1', {os.environ['HOSTILE_TCP']}), 1).sendall(b'program')"
with contextlib.suppress(OSError):
    subprocess.run([sys.executable, "-S", "-c", code], stderr=subprocess.DEVNULL, timeout=10)
