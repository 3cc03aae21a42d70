"""Programs of functions and classes: what a name means where, and what is handed to whom."""

PROGRAMS = {
    "closures share what they close over": """
        def counter():
            n = 0
            def up(by=1):
                nonlocal n
                n += by
                return n
            def now():
                return n
            return up, now
        up, now = counter()
        print(up(), up(3), now(), [f() for f in [lambda i=i: i for i in range(3)]], [f() for f in [lambda: now()]])
    """,
    "a late closure sees the loop's last value": """
        fs = []
        for i in range(3):
            fs.append(lambda: i * 10)
        print([f() for f in fs])
    """,
    "global in the middle of a function and of a loop": """
        count = 0
        def bump():
            "Counts."
            print("bump")
            for _ in range(2):
                global count
                count += 1
            if count:
                global made
                made = "yes"
        bump()
        print(count, made, bump.__doc__)
        for _ in range(2):
            global later
            later = 3
    """,
    "nonlocal inside a branch": """
        def outer():
            state = "old"
            def inner():
                x = 1
                if x:
                    nonlocal state
                    state = "new"
            inner()
            return state
        print(outer())
    """,
    "class bodies with loops, comprehensions and their own names": """
        class A:
            "What A is."
            x = 3
            squares = [i * i for i in range(x)]
            for j in range(2):
                x += j
            y: int = x + 1
            def f(self, z=y):
                return z + self.x
            class Inner:
                v = 5
            try:
                w = Inner.v
            finally:
                done = True
        print(A.__doc__, A.squares, A.x, A().f(), A.Inner.v, A.j, sorted(n for n in vars(A) if n[0] != "_"))
        print(A.__annotations__)
    """,
    "global in a class body": """
        class A:
            x = 1
            global outside
            outside = x + 1
        print(outside, hasattr(A, "outside"))
    """,
    "private names are mangled as before": """
        class A:
            __hidden = 1
            def __init__(self):
                self.__x = 2
                self.__x += self.__hidden
            def get(self):
                return self.__x
        print(A().get(), A()._A__x, A._A__hidden)
    """,
    "decorators and their order": """
        def mark(name):
            print("made", name)
            def deco(f):
                print("applied", name)
                return lambda *a: (name, f(*a))
            return deco
        @mark("outer")
        @mark("inner")
        def f(x):
            return x + 1
        print(f(1))
        class C:
            @property
            def p(self):
                return 1
            @staticmethod
            def s(x):
                return x
            @classmethod
            def c(cls):
                return cls.__name__
        print(C().p, C.s(2), C.c())
    """,
    "super without arguments, and __class__": """
        class A:
            def f(self, x):
                return ("A", x)
            @classmethod
            def make(cls):
                return cls()
        class B(A):
            def f(self, x):
                before = super().f(x + 1)
                return ("B", before, __class__.__name__, [super(B, self).f(i) for i in range(2)])
            @classmethod
            def make(cls):
                return super().make()
        print(B.make().f(1))
    """,
    "lambdas with defaults, stars and nesting": """
        f = lambda a, b=2, *c, d=4, **e: (a, b, c, d, e)
        print(f(1), f(1, 3, 5, d=6, x=7))
        print((lambda x: lambda y: x + y)(1)(2), (lambda: (yield))().__next__())
    """,
    "parameters that are positional or named only": """
        def f(a, /, b=1, *, c, d=2):
            return a, b, c, d
        print(f(1, c=3), f(1, 2, c=3, d=4))
        try:
            f(a=1, c=2)
        except TypeError as e:
            print(e)
    """,
    "docstring and __future__ stay first": '''
        "What this is."
        from __future__ import annotations
        def f(x: NotThere) -> Nor[This]:
            """What f does."""
            y: Neither = x
            return y
        print(__doc__, f.__doc__, f.__annotations__, f(1))
    ''',
    "functions of nothing but a docstring, a pass or an ellipsis": """
        def f():
            "doc"
        def g(): ...
        async def h(): pass
        def k():
            nonexistent = 1; "not a docstring"
        class A:
            "doc"
        print(f(), f.__doc__, g(), k.__doc__, A.__doc__)
    """,
    "a lambda's and a function's place, name and signature": """
        import inspect
        def f(a, b: int = 2, *c, **d) -> str:
            pass
        print(inspect.signature(f), f.__name__, f.__code__.co_firstlineno, f.__qualname__, f.__defaults__)
        g = lambda x, y=1: x
        print(inspect.signature(g), g.__code__.co_firstlineno, f.__code__.co_argcount)
    """,
    "conditional imports, and an import in a function": """
        try:
            import not_there_at_all
        except ImportError:
            not_there_at_all = None
        def f():
            import os.path as p
            from math import pi as number
            return p.join("a", "b"), round(number, 2)
        print(not_there_at_all, f())
    """,
}
