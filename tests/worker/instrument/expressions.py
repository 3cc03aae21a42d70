"""Programs of expressions: what is asked, how often, and in which order."""

PROGRAMS = {
    "walrus in conditions, loops and comprehensions": """
        data = [1, 2, 3]
        if (n := len(data)) > 2:
            print(n)
        while (last := data.pop()) > 1:
            print("popped", last)
        print([y for x in range(4) if (y := x * x) > 1], y)
        print([(z := x) + z for x in range(2)], z)
        def f():
            return any((hit := x) > 2 for x in range(9)) and hit
        print(f())
    """,
    "comprehensions nested in one another, with conditions": """
        print([[i * j for j in range(3) if j != i] for i in range(3) if i])
        print({i: [j for j in range(i)] for i in range(3)}, {i % 2 for i in range(5)})
        print(sum(i * j for i in range(4) if i % 2 for j in range(i) if j < 2))
        print(sorted({k: v for k, v in [("a", 1), ("b", 2)]}.items()), dict((k, k) for k in "ab"))
    """,
    "stars in calls, displays and assignments": """
        def f(*a, **k):
            return a, k
        first, *rest = [1, 2, 3]
        print(f(*rest, 4, *(5,), **{"x": 1}, y=2), [*rest, first], {**{"a": 1}, "b": 2}, {*rest}, (*rest,))
        (a, (b, *c)), d = (1, (2, 3, 4)), 5
        print(a, b, c, d, rest[slice(0, 1)], rest[::-1], [1, 2, 3][-1:])
    """,
    "f-strings with formats, conversions and nesting": """
        x, width, name = 3.14159, 10, "n"
        print(f"{x:.2f} {x!r:>{width}} {name=} {'a' + 'b'} {[i for i in range(2)]} {{}} {(lambda: 1)()}")
        print("%s and {}".format(1) % 2, "a" f"{x:{width}.{2}}" 'b')
    """,
    "chained comparisons ask no more than they must": """
        def say(x):
            print("asked", x)
            return x
        print(say(1) < say(0) < say(5), 1 < say(2) < 3 != 4, say(1) in [1] is not None, not say(0))
        print(say(0) and say(1), say(0) or say(2), say(1) if say(0) else say(3))
    """,
    "properties and attributes are asked once": """
        log = []
        class A:
            @property
            def p(self):
                log.append("p")
                return self
            def __getattr__(self, name):
                log.append(name)
                return 1
        a = A()
        print(a.p.p.x + a.y, a.p is a, [a.z], log)
        print(log)
    """,
    "objects are asked for nothing that the program does not ask for": """
        class Loud:
            def __getattr__(self, name):
                print("asked for", name)
                raise AttributeError(name)
            def __len__(self):
                print("asked for length")
                return 1
            def __bool__(self):
                print("asked for truth")
                return True
            def __iter__(self):
                print("asked for items")
                return iter([1])
            def __eq__(self, other):
                print("compared")
                return True
            def __call__(self):
                return self
        loud = Loud()
        kept = [loud, {"k": loud}, (loud,)]
        same = loud()
        print(same is loud)
        for item in loud:
            print(item)
    """,
    "locals, vars and dir hold the program's own names": """
        def f(a, b=2):
            c = [a]
            c[0] += len(locals())
            return sorted(locals()), sorted(vars()), dir(), vars(A), "x={c}".format(**locals())
        class A:
            y = sorted(locals())
        A = type("A", (), {})()
        A.z = 1
        print(f(1), locals() is globals(), vars(A), sorted(n for n in dir() if n[0] != "_"))
        print({k: v for k, v in sorted((lambda q, r: locals())(1, 2).items())})
    """,
    "text that is not ASCII": """
        größe = "ä" + "→"
        π = 3
        π += len(größe)
        print(größe, π, [ñ for ñ in "éè"])
    """,
}
