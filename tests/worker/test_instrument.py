"""Wrapping the expressions of a program changes nothing that the program does."""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import os
import re
import sys
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent, indent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradfix.worker import sites as words
from gradfix.worker.instrument import instrument
from gradfix.worker.overlay import Texts
from gradfix.worker.sites import Sites

PATH = "program.py"
OURS = {value for name, value in vars(words).items() if name.isupper() and isinstance(value, str)}
OURS = {name for name in OURS if name.startswith("__gf_")}


@dataclass(frozen=True)
class Effect:
    """What a program did: what it printed, the names that it left, and how it failed."""

    printed: str
    names: dict[str, str]
    failure: list[str]


def effect(run: Callable[[dict[str, Any]], None]) -> Effect:
    """Runs a program in a new namespace."""
    names: dict[str, Any] = {"__name__": "program"}
    printed, failure = io.StringIO(), []
    with contextlib.redirect_stdout(printed):
        try:
            run(names)
        except Exception as e:
            frames = traceback.extract_tb(e.__traceback__)
            failure = [f"{f.name}:{f.lineno}" for f in frames if f.filename == PATH]
            failure.append(f"{type(e).__name__}: {e}")
    for name in OURS if failure else ():  # a statement that failed half-way may leave a name that it holds
        names.pop(name, None)
    plain = (bool, int, float, str, tuple, list, dict, set, type(None), bytes)
    kept = {
        k: re.sub(" at 0x[0-9a-f]+", "", repr(v)) if isinstance(v, plain) else type(v).__name__
        for k, v in names.items()
        if k != "__builtins__"
    }
    return Effect(printed.getvalue(), kept, failure)


def as_written(text: str) -> Effect:
    """What a program does."""
    return effect(lambda names: exec(compile(text, PATH, "exec", dont_inherit=True), names))


@pytest.fixture(scope="module")
def tracing() -> Callable[..., Effect]:
    """Gives a function that runs a program with its expressions wrapped, the tracer's window open or still closed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tensorflow.python.eager.backprop import GradientTape

        from gradfix.worker.trace import Tracer

    methods = {name: GradientTape.__dict__[name] for name in ("_push_tape", "_pop_tape", "watch", "stop_recording")}

    def traced(text: str, is_open: bool = True) -> Effect:
        sites = Sites()
        tracer = Tracer(sites)
        texts = Texts({PATH: text}, lambda path: True, lambda tree, path: instrument(tree, path, sites))
        code = texts.code(PATH)
        tracer.install()
        if is_open:
            tracer.start()
        try:
            return effect(lambda names: exec(code, names))
        finally:
            if is_open:
                tracer.stop()
            for name, method in methods.items():
                setattr(GradientTape, name, method)
            for name in OURS & set(vars(builtins)):
                delattr(builtins, name)

    return traced


PROGRAMS = {
    "break, continue and the else of loops": """
        for i in range(5):
            if i == 1:
                continue
            if i == 3:
                break
            print(i)
        else:
            print("not here")
        for i in []:
            pass
        else:
            print("empty", i)
        n = 3
        while n:
            n -= 1
            if n == 1:
                continue
            print("while", n)
        else:
            print("done")
        while True:
            n += 1
            if n > 4:
                break
        else:
            print("not here either")
    """,
    "an iterator that one loop leaves is taken on by the next": """
        def numbers():
            try:
                yield from range(6)
            finally:
                print("closed")
        it = numbers()
        for i in it:
            if i == 2:
                break
        print("rest", list(it))
        it = iter([1, 2, 3, 4])
        for i in it:
            print(i, next(it))
        some = numbers()
        print([i for i in some if i < 2], next(some, "over"))
    """,
    "a generator is closed only by who holds it": """
        def numbers():
            try:
                while True:
                    yield 1
            finally:
                print("closed")
        g = numbers()
        for _ in g:
            break
        print("still open", next(g))
        g.close()
    """,
    "try, except, else and finally": """
        def f(x):
            try:
                print("try", x)
                return 10 / x
            except ZeroDivisionError as e:
                print("except", e)
                return "none"
            else:
                print("else")
            finally:
                print("finally")
        print(f(2), f(0))
        for i in range(3):
            try:
                if i == 1:
                    continue
                print(i)
            finally:
                print("after", i)
    """,
    "an error that is raised from another": """
        def f():
            try:
                {}["key"]
            except KeyError as e:
                raise ValueError("no " + "key") from e
        try:
            f()
        except ValueError as e:
            print(repr(e), repr(e.__cause__))
    """,
    "generators that are sent values, thrown errors and closed": """
        def g():
            total = 0
            while True:
                try:
                    x = yield total
                    if x is None:
                        return total
                    total += x
                except ValueError:
                    total = -100
        it = g()
        print(next(it), it.send(3), it.send(4), it.throw(ValueError), it.send(1))
        try:
            it.send(None)
        except StopIteration as e:
            print("returned", e.value)
    """,
    "yield from hands on what a generator returns": """
        def inner(n):
            got = yield n
            print("got", got)
            return n * 2
        def outer():
            a = yield from inner(1)
            b = yield from inner(a + 1)
            return a + b
        it = outer()
        print(next(it), it.send("x"))
        try:
            it.send("y")
        except StopIteration as e:
            print(e.value)
    """,
    "asynchronous functions, loops, contexts and comprehensions": """
        import asyncio
        class Context:
            async def __aenter__(self):
                print("in")
                return 7
            async def __aexit__(self, *args):
                print("out")
        async def items(n):
            for i in range(n):
                await asyncio.sleep(0)
                yield i
        async def double(x):
            return x * 2
        async def main():
            async with Context() as c:
                print(c)
            async for i in items(2):
                print(i, await double(i))
            else:
                print("else")
            print([i async for i in items(3) if i], [await double(i) for i in (1, 2)])
            print({i: await double(i) async for i in items(2)})
            return sum(await asyncio.gather(double(1), double(2)))
        loop = asyncio.new_event_loop()
        print(loop.run_until_complete(main()))
        loop.close()
        del loop
    """,
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
    "a generator expression is as lazy as it was": """
        def noisy(i):
            print("made", i)
            return i
        g = (noisy(i) for i in range(3))
        print("before", next(g))
        g.close()
        print(list(zip((noisy(i) for i in range(3)), "a")))
    """,
    "lambdas with defaults, stars and nesting": """
        f = lambda a, b=2, *c, d=4, **e: (a, b, c, d, e)
        print(f(1), f(1, 3, 5, d=6, x=7))
        print((lambda x: lambda y: x + y)(1)(2), (lambda: (yield))().__next__())
    """,
    "stars in calls, displays and assignments": """
        def f(*a, **k):
            return a, k
        first, *rest = [1, 2, 3]
        print(f(*rest, 4, *(5,), **{"x": 1}, y=2), [*rest, first], {**{"a": 1}, "b": 2}, {*rest}, (*rest,))
        (a, (b, *c)), d = (1, (2, 3, 4)), 5
        print(a, b, c, d, rest[slice(0, 1)], rest[::-1], [1, 2, 3][-1:])
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
    "f-strings with formats, conversions and nesting": """
        x, width, name = 3.14159, 10, "n"
        print(f"{x:.2f} {x!r:>{width}} {name=} {'a' + 'b'} {[i for i in range(2)]} {{}} {(lambda: 1)()}")
        print("%s and {}".format(1) % 2, "a" f"{x:{width}.{2}}" 'b')
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
    "chained comparisons ask no more than they must": """
        def say(x):
            print("asked", x)
            return x
        print(say(1) < say(0) < say(5), 1 < say(2) < 3 != 4, say(1) in [1] is not None, not say(0))
        print(say(0) and say(1), say(0) or say(2), say(1) if say(0) else say(3))
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
    "recursion, plain and between two functions": """
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)
        def even(n):
            return True if n == 0 else odd(n - 1)
        def odd(n):
            return False if n == 0 else even(n - 1)
        print(fib(15), even(50), odd(7))
    """,
    "as many calls as close a gate": """
        def f(x):
            y = x
            y += 1
            return y
        total = 0
        for i in range(3000):
            total += f(i)
        print(total, sum(f(i) for i in range(3000)), len([f(i) for i in range(3000)]))
        n = 0
        while (n := n + 1) < 3000:
            if n % 1000 == 0:
                print(n)
        print(sum(map(lambda x: x * 2, range(3000))))
    """,
    "a loop whose gate closes in the middle of a turn": """
        def f(n):
            out = []
            for i in range(n):
                if i > 500:
                    break
                out.append(i)
            return len(out), out[-1]
        print([f(300) for _ in range(10)], f(10_000))
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


@pytest.mark.parametrize("program", [pytest.param(dedent(p), id=name) for name, p in PROGRAMS.items()])
@pytest.mark.parametrize("is_open", [pytest.param(True, id="window open"), pytest.param(False, id="window closed")])
def test_a_wrapped_program_does_the_same(tracing: Callable[..., Effect], program: str, is_open: bool) -> None:
    plain = as_written(program)
    assert not plain.failure
    assert plain.printed or plain.names
    assert tracing(program, is_open) == plain


@pytest.mark.parametrize("program", [pytest.param(dedent(p), id=name) for name, p in PROGRAMS.items()])
def test_a_program_inside_a_function_does_the_same(tracing: Callable[..., Effect], program: str) -> None:
    if "__future__" in program or "global" in program or "printed" in program:
        pytest.skip("not what a function may hold, or another thing there")
    text = "def whole():\n" + indent(program.lstrip("\n"), "    ") + "\nwhole()\n"
    plain = as_written(text)
    assert tracing(text) == plain


FAILURES = {
    "on the second line of a call": "def f(a,\n      b):\n    return a\n\nx = f(\n    1,\n    1 / 0,\n)\n",
    "in a function that is called in a loop": "def f(x):\n    return 1 / x\n\nfor i in (2, 1, 0):\n    f(i)\n",
    "in a comprehension": "def f(x):\n    return 1 // x\n\nxs = [\n    f(i)\n    for i in (1, 0)\n]\n",
    "in a lambda": "g = (\n    lambda x:\n    1 / x\n)\nprint(g(1))\ng(0)\n",
    "in a generator": "def g():\n    yield 1\n    raise ValueError('x')\n\nfor i in g():\n    print(\n        i)\n",
    "in an augmented assignment": "x = 'a'\n\nx += (\n    1\n)\n",
    "in an augmented item": "d = {}\nd[\n    'k'\n] += 1\n",
    "in an augmented attribute": "class A: pass\na = A()\na.b.c += 1\n",
    "in the test of a while": "n = 2\nwhile (\n    1 / n\n):\n    n -= 1\n",
    "in an assertion": "x = 1\n\nassert x > 2, f'{x} is small'\n",
    "of a name that is not there": "def f():\n    return (\n        nowhere\n    )\n\nf()\n",
    "of a local name before it is bound": "def f():\n    x += 1\n\nf()\n",
    "of something that is not iterable": "x = 1\nfor i in \\\n    x:\n    pass\n",
    "of unpacking": "a, b = [\n    1,\n]\n",
    "in a with statement": "with open(\n    '/nowhere/at/all'\n) as f:\n    pass\n",
    "in a decorator": "def deco(f):\n    raise TypeError('no')\n\n\n@deco\ndef g():\n    pass\n",
    "in a class body": "class A:\n    x = 1\n    y = x.z\n",
    "in a method that super calls": "class A:\n    def f(self):\n        return self.z\n\nclass B(A):\n"
    "    def f(self):\n        return super().f(\n        )\n\nB().f()\n",
    "in a match": "match 1:\n    case 1:\n        x = [][\n            0]\n",
    "after a gate has closed": "def f(i):\n    return 1 / (2500 - i)\n\nfor i in range(3000):\n    f(i)\n",
}


@pytest.mark.parametrize("program", [pytest.param(p, id=f"an error {name}") for name, p in FAILURES.items()])
def test_a_traceback_names_the_same_lines(tracing: Callable[..., Effect], program: str) -> None:
    plain = as_written(program)
    assert plain.failure
    assert tracing(program) == plain


# ------------------------------------------------------------ programs that nobody thought of

NUMBERS = st.one_of(st.integers(-3, 9).map(str), st.floats(-4, 4, width=16).map(repr)).map(lambda n: f"({n})")
NAMES = st.sampled_from(["a", "b", "c"])
EXPRESSIONS = st.recursive(
    NUMBERS | NAMES | st.sampled_from(["say(a)", "box.v", "items[0]", "items[-1]"]),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-"]), inner),
        st.builds("({} * {})".format, inner, NUMBERS),  # not two names: squares of squares of integers never end
        st.builds("({} {} {})".format, inner, st.sampled_from(["<", "==", ">=", "and", "or"]), inner),
        st.builds("({} < {} <= {})".format, inner, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("(-{})".format, inner),
        st.builds("(not {})".format, inner),
        st.builds("say({})".format, inner),
        st.builds("(lambda x={}: x + {})()".format, inner, inner),
        st.builds("sum([{} for x in range(3) if x < {}])".format, inner, inner),
        st.builds("({} := {})".format, NAMES, inner),
        st.builds("max({}, {}, *[{}])".format, inner, inner, inner),
    ),
    max_leaves=8,
)


def _block(statements: list[str]) -> str:
    return indent("\n".join(statements) or "pass", "    ")


def _loop(head: str, body: list[str], end: str, otherwise: list[str]) -> str:
    return f"{head}:\n{_block([*body, end])}\nelse:\n{_block(otherwise)}"


def _function(body: list[str], result: str, value: str, generator: bool) -> str:
    last = f"yield {result}" if generator else f"return {result}"
    call = f"print(list(f({value})))" if generator else f"print(f({value}))"
    return f"def f(a, b=1, c=2):\n{_block([*body, last])}\n{call}"


PLACES = st.sampled_from(["a", "b", "c", "box.v", "items[0]", "items[say(1)]"])
SIMPLE = st.one_of(
    st.builds("{} = {}".format, PLACES, EXPRESSIONS),
    st.builds("{} {}= {}".format, PLACES, st.sampled_from("+-"), EXPRESSIONS),
    st.builds("{} *= {}".format, PLACES, NUMBERS),
    st.builds("a, b = {}, {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("print({})".format, EXPRESSIONS),
    st.builds("items.append({})".format, EXPRESSIONS),
    st.builds("assert {}, say('message')".format, EXPRESSIONS),
)
ENDS = st.sampled_from(["pass", "break", "continue", "if a < b: break", "if a: continue"])
STATEMENTS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds(
            lambda test, yes, no: f"if {test}:\n{_block(yes)}\nelse:\n{_block(no)}",
            EXPRESSIONS,
            st.lists(inner, max_size=2),
            st.lists(inner, max_size=2),
        ),
        st.builds(_loop, st.just("for a in range(3)"), st.lists(inner, max_size=2), ENDS, st.lists(inner, max_size=1)),
        st.builds(
            _loop, st.just("for b, c in zip(items, (1, 2, 3))"), st.lists(inner, max_size=2), ENDS, st.just(["say(1)"])
        ),
        st.builds(
            lambda test, body, end: _loop(f"while fuel() and {test}", body, end, ["say(2)"]),
            EXPRESSIONS,
            st.lists(inner, max_size=2),
            ENDS,
        ),
        st.builds(
            lambda body, error, last: (
                f"try:\n{_block(body)}\nexcept AssertionError as e:\n    print(e)\n"
                f"    a = {error}\nfinally:\n{_block(last)}"
            ),
            st.lists(inner, min_size=1, max_size=2),
            EXPRESSIONS,
            st.lists(inner, max_size=1),
        ),
        st.builds(_function, st.lists(inner, max_size=3), EXPRESSIONS, EXPRESSIONS, st.booleans()),
    ),
    max_leaves=10,
)
HEAD = """\
class Box:
    def __init__(self):
        self._v = 1
    @property
    def v(self):
        print("get")
        return self._v
    @v.setter
    def v(self, value):
        print("set", value)
        self._v = value
left = [40]
def fuel():
    left[0] -= 1
    return left[0] > 0
def say(x):
    print("say", x)
    return x
a, b, c, box, items = 1, 2.5, 3, Box(), [4, 5]
"""


@settings(max_examples=150, deadline=None)
@given(st.lists(STATEMENTS, min_size=1, max_size=5))
def test_a_program_that_nobody_thought_of_does_the_same(tracing: Callable[..., Effect], statements: list[str]) -> None:
    program = HEAD + "\n".join(statements) + "\n"
    assert tracing(program) == as_written(program)


# ------------------------------------------------------------ what is numbered


def _sites(text: str) -> tuple[list[str], Sites]:
    sites = Sites()
    instrument(ast.parse(text), PATH, sites)
    lines = text.split("\n")
    return [lines[p[1] - 1][p[2] : p[4]] for p in sites.places], sites


def test_expressions_are_numbered_in_the_order_in_which_they_end() -> None:
    texts, sites = _sites("y = f(a + b, g.h[c])\n")
    assert texts == ["f", "a", "b", "a + b", "g", "g.h", "c", "g.h[c]", "f(a + b, g.h[c])"]
    assert sites.first == [0, 1, 2, 1, 4, 4, 6, 4, 0]
    assert sites.root == [False] * 8 + [True]
    assert sites.call == [False] * 8 + [True]


def test_what_is_imported_has_no_number() -> None:
    texts, _ = _sites("import numpy as np\nfrom m import f\ny = np.linalg.norm(f(x))\n")
    assert texts == ["x", "f(x)", "np.linalg.norm(f(x))"]


def test_an_augmented_assignment_is_made_of_its_target_and_its_value() -> None:
    texts, sites = _sites("a.b += f(c)\n")
    assert texts == ["a.b", "f", "c", "f(c)", "a.b += f(c)"]
    assert sites.first[-1] == 0


def test_patterns_annotations_decorators_and_f_strings_are_left_alone() -> None:
    texts, _ = _sites(
        "@deco(p)\ndef f(a: q = r) -> s:\n    x: t\n    match 1:\n        case u.v: pass\n    return f'{w}'\n"
    )
    assert texts == []


def test_the_names_that_are_put_in_are_no_longer_there_after_the_tests(tracing: Callable[..., Effect]) -> None:
    tracing("x = 1 + 2\n")
    assert not OURS & set(vars(builtins))
    assert sys.getrecursionlimit() < 20_000
