"""Programs that are wide, long or deep."""

PROGRAMS = {
    "an else-if chain of hundreds": "def f(x):\n    if x < 0:\n        return 'low'\n"
    + "".join(f"    elif x == {i}:\n        return {i}\n" for i in range(400))
    + "    else:\n        return 'high'\nprint(f(-1), f(7), f(399), f(400))\n",
    "an expression of 2,500 terms, at module level and in a function": "a = 1\nx = "
    + " + ".join(["a"] * 2500)
    + "\nprint(x)\ndef f(b):\n    for i in range(2):\n        y = "
    + " + ".join(["b"] * 2500)
    + "\n    return y\nprint(f(2))\n",
    "a call of a hundred calls": "f = lambda x: x + 1\nprint(" + "f(" * 60 + "0" + ")" * 60 + ")\n",
    "blocks in blocks": "n = 0\n"
    + "".join("    " * i + "for _ in range(1):\n" for i in range(18))
    + "    " * 18
    + "n += 1\n",
}
