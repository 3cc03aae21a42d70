# Has modules beside it that bear the names of others.
# attacks: report
# ends: clean, inconclusive
import ast, json, os, random, typing

import numpy

assert json.loads(json.dumps([1])) == [1]
assert typing.Any and ast.parse and os.path and random.random and numpy.zeros
#### json.py
raise SystemError("json.py of the project")
#### typing.py
raise SystemError("typing.py of the project")
#### ast.py
raise SystemError("ast.py of the project")
#### os.py
raise SystemError("os.py of the project")
#### random.py
raise SystemError("random.py of the project")
#### numpy.py
raise SystemError("numpy.py of the project")
#### gradfix_worker.py
raise SystemError("gradfix_worker.py of the project")
#### sitecustomize.py
raise SystemError("sitecustomize.py of the project")
