"""Programs of assignments and of the other statements that evaluate something."""

PROGRAMS = {
    "match with classes, guards, captures, stars and alternatives": """
        class P:
            __match_args__ = ("x", "y")
            def __init__(self, x, y):
                self.x, self.y = x, y
        LIMIT = type("L", (), {"top": 9})
        def f(v):
            match v:
                case P(x=0, y=y):
                    return ("on axis", y)
                case P(x, y) if x == y:
                    return ("diagonal", x)
                case [1, *rest]:
                    return ("starts", rest)
                case {"k": value, **others}:
                    return (value, others)
                case 2 | 3 as n:
                    return ("few", n)
                case LIMIT.top:
                    return "top"
                case str():
                    return "text"
                case _:
                    return None
        print([f(v) for v in (P(0, 5), P(2, 2), P(1, 2), [1, 2, 3], {"k": 1, "l": 2}, 3, 9, "s")])
    """,
    "augmented assignment to names, attributes, items and slices": """
        class A:
            v = 1
        a, d, l = A(), {"k": [1]}, [1, 2, 3, 4]
        a.v += 2
        a.list = l
        a.list += [5]
        d["k"] += [2]
        d["k"][0] *= 10
        l[1:3] *= 2
        l[0] <<= 3
        x = 7
        x //= 2; x **= 3; x %= 10; x |= 8; x &= 13; x ^= 1; x >>= 1; x -= 0.5; x /= 2
        s = "a"
        s += "b"
        t = l
        t += (6,)
        print(a.v, A.v, a.list is l, d, l, x, s, t is l)
    """,
    "augmented assignment evaluates what it names once": """
        log = []
        def say(x):
            log.append(x)
            return x
        class A:
            def __init__(self):
                self.values = {"k": 1}
            @property
            def p(self):
                say("get")
                return 5
            @p.setter
            def p(self, v):
                say(("set", v))
            def __getitem__(self, i):
                say(("getitem", i))
                return 1
            def __setitem__(self, i, v):
                say(("setitem", i, v))
        a = A()
        def it():
            say("object")
            return a
        a.p += say(1)
        it().p -= say(2)
        it()[say("index")] += say(3)
        it().values[say("k")] += say(4)
        print(log, a.values)
    """,
    "augmented assignment of an object that returns something else": """
        class A:
            def __iadd__(self, x):
                print("iadd", x)
                return "other"
            def __add__(self, x):
                return "add"
        class B:
            def __add__(self, x):
                return ("add", x)
            def __matmul__(self, x):
                return ("matmul", x)
        a, b, c = A(), B(), B()
        a += 1
        b += 1
        c @= 2
        print(a, b, c)
    """,
    "assignment evaluates the value, then the places from left to right": """
        def say(x):
            print(x)
            return x
        d, e = {}, [0]
        d[say("a")] = e[say(0)] = say("value")
        d[say("k")], e[say(0)] = say(1), say(2)
        d["n"] = d["m"] = len(d)
        x = y = say(3)
        print(d, e, x, y)
    """,
    "with statements that take errors": """
        class C:
            def __init__(self, name):
                self.name = name
            def __enter__(self):
                print("enter", self.name)
                return self
            def __exit__(self, *e):
                print("exit", self.name, e[0])
                return True
        with C("a") as a, C("b"):
            print(a.name)
            raise ValueError
        box = {}
        with (C("c") as box["x"], C("d")):
            pass
        print(box["x"].name)
    """,
    "del of names, items, attributes and slices": """
        class A: pass
        a, l, d, x, y = A(), [1, 2, 3, 4], {"k": 1}, 1, 2
        a.b = 1
        del a.b, l[0], l[1:], d["k"], (x, y)
        print(vars(a), l, d, "x" in globals())
        def f(v):
            del v
            try:
                return v
            except UnboundLocalError as e:
                return str(e)
        print(f(1))
    """,
    "assert and its message, which is made only when it is needed": """
        def message():
            print("made")
            return "why"
        assert 1 < 2, message()
        try:
            assert 1 > 2, message()
        except AssertionError as e:
            print(e)
    """,
}
