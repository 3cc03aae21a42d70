# Connects to a UNIX socket that lies in a folder, and to one that has only a name.
# attacks: sockets
# ends: clean
import contextlib, os, socket

for address in (os.environ["HOSTILE_UNIX"], "\0" + os.environ["HOSTILE_ABSTRACT"]):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with contextlib.suppress(OSError):
            with socket.socket(socket.AF_UNIX, kind) as s:
                s.settimeout(1)
                s.connect(address)
                s.sendall(b"unix")
