"""Programs of loops and generators, of what ends them, and of errors that are caught."""

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
    "a generator expression is as lazy as it was": """
        def noisy(i):
            print("made", i)
            return i
        g = (noisy(i) for i in range(3))
        print("before", next(g))
        g.close()
        print(list(zip((noisy(i) for i in range(3)), "a")))
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
}
