# Has the functions lie with which a report could be sent.
# attacks: report
# ends: clean, inconclusive
import json, os, sys, time

FORGED = '{"event": "end", "error": {"type": "Forged", "message": "forged", "places": []}, "ended": false, "files": []}'
json.dumps = lambda *_, **__: FORGED
json.JSONEncoder.encode = lambda *_, **__: FORGED
json.JSONEncoder.iterencode = lambda *_, **__: iter([FORGED])
real = os.write
os.write = lambda fd, data: real(fd, FORGED.encode() + b"\n")
os.getpid = lambda: 1
os._exit = lambda code: None
sys.exit = lambda *_: None
time.monotonic = lambda: 0.0
