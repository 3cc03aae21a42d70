# Becomes another program, which prints what looks like an event.
# attacks: report
# ends: inconclusive
import os

os.execv("/bin/sh", ["sh", "-c", 'echo \'{"event": "end", "error": null, "ended": false, "files": []}\''])
