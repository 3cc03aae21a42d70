# Recurses until the stack is used up.
# attacks: time
# ends: inconclusive
import sys

sys.setrecursionlimit(10**7)


class Deep:
    def __repr__(self):
        return repr([self])


class Deeper(Deep):
    def __getattr__(self, name):
        return getattr(self, name + "x"[:0])


getattr(Deeper(), "name")
