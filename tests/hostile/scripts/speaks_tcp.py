# Connects to a listener on this machine, with sockets and with urllib, in IPv4 and IPv6.
# attacks: network
# ends: clean
import contextlib, os, socket, urllib.request

port = int(os.environ["HOSTILE_TCP"])
for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    with contextlib.suppress(OSError):
        with socket.socket(family) as s:
            s.settimeout(1)
            s.connect((host, port))
            s.sendall(b"tcp")
with contextlib.suppress(OSError):
    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)
