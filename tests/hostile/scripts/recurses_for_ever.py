# Recurses until Python gives up.
# attacks: time
# ends: inconclusive
# reason: the run stopped with RecursionError
def deeper(n):
    return deeper(n + 1) + 1


deeper(0)
