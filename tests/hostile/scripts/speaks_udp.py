# Sends a datagram to a listener on this machine.
# attacks: network
# ends: clean
import contextlib, os, socket

for data in (b"udp", b"udp again"):
    with contextlib.suppress(OSError):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(data, ("127.0.0.1", int(os.environ["HOSTILE_UDP"])))
