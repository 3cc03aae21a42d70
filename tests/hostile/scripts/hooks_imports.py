# Answers for every import that is still to come, and forgets those that were.
# attacks: report
# ends: clean, inconclusive
import sys


class Finder:
    def find_spec(self, name, path=None, target=None):
        raise SystemError(f"no {name} for you")


sys.meta_path.insert(0, Finder())
sys.path_hooks.insert(0, Finder)
sys.path[:] = []
for name in list(sys.modules):
    if name.split(".")[0] in ("json", "gradfix_worker", "numpy", "random"):
        del sys.modules[name]
