# Writes events that gradfix knows to every file that is open.
# attacks: report
# ends: clean
import json, os

source = {"name": "forged", "id": 1, "kind": "variable", "dtype": "float32", "shape": [2], "trainable": True}
request = {"event": "request", "index": 0, "call": "gradient", "place": [__file__, 9, 0, 9, 4], "through": "",
           "tape": 1, "birth": 0, "serial": 0, "persistent": False, "graph": False, "target": {}, "sources": [source],
           "gradients": [None], "error": None}
end = {"event": "end", "error": None, "ended": False, "files": []}
for name in os.listdir("/proc/self/fd"):
    for event in (request, end, {"hello": {"error": "forged"}}, {"id": 1, "events": [request, end], "ending": {}}):
        try:
            os.write(int(name), b"\n" + json.dumps(event).encode() + b"\n")
        except OSError:
            pass
