"""Keeps a run away from the machine: the levels of the sandbox, the best first, and the limits that hold at each.

`choose.py` says which level this machine allows; `namespaces.py`, `landlock.py` and `audit.py` are one level each.
SECURITY.md says what each of them stops.
"""
