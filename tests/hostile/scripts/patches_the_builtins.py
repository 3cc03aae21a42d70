# Takes the built-in functions away.
# attacks: report
# ends: clean, inconclusive
import builtins

for name in ("open", "print", "isinstance", "len", "getattr", "__import__", "id", "sorted", "repr"):
    setattr(builtins, name, None)
