"""How much slower, and how much bigger, a traced run is than the same run untraced: see README.md beside this file."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from gradfix.run.lab import Lab, Seen, subject_of
from gradfix.run.messages import Entry, Limits, Request, Run
from gradfix.run.pool import Pool

GOAL = 3.0

HEAD = """\
import resource, time
import numpy as np
import tensorflow as tf
N = {turns}
w = tf.Variable([1.0, 2.0])
x = tf.constant([0.5, 1.5])
tf.reduce_sum(w * x).numpy()
with open("/proc/self/statm") as f:
    before = int(f.read().split()[1]) * resource.getpagesize()
began = time.perf_counter()
"""
TAIL = """
took = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print("MEASURED", took, max(peak - before, 0))
tape.gradient(loss, [w])
"""
"""What is timed stands between the two: everything of a step but the last question."""

BROKEN = "loss = tf.reduce_sum(np.square(w * x))"

FLAVOURS = {
    "arithmetic in the loop": f"""
        with tf.GradientTape() as tape:
            total = 0.0
            for i in range(N):
                total = total + i * 0.5 - 1.0
            {BROKEN} * (total * 0)
    """,
    "arithmetic in a function's loop": f"""
        def work(n):
            total = 0.0
            for i in range(n):
                total += i * 0.5
            return total
        with tf.GradientTape() as tape:
            total = work(N)
            {BROKEN} * (total * 0)
    """,
    "small NumPy operations": f"""
        a = np.ones(4, "float32")
        with tf.GradientTape() as tape:
            for i in range(N):
                a = a * 0.5 + 1.0
            {BROKEN} * np.float32(a.sum() * 0)
    """,
    "small TensorFlow operations on the tape": """
        with tf.GradientTape() as tape:
            y = w
            for i in range(N):
                y = y * 1.0
            loss = tf.reduce_sum(np.square(y))
    """,
    "small TensorFlow operations off the path": f"""
        y = tf.constant([1.0, 2.0])
        with tf.GradientTape() as tape:
            for i in range(N):
                y = y * 1.0
            {BROKEN} + tf.reduce_sum(y * 0.0)
    """,
    "a helper function called in the loop": f"""
        def helper(a, b):
            c = a + b
            return c * 0.5
        with tf.GradientTape() as tape:
            total = 0.0
            for i in range(N):
                total = helper(total, i)
            {BROKEN} * (total * 0)
    """,
    "a method that changes its object": f"""
        class Counter:
            def __init__(self):
                self.total = 0
            def add(self, i):
                self.total += i
        counter = Counter()
        with tf.GradientTape() as tape:
            for i in range(N):
                counter.add(i)
            {BROKEN} * (counter.total * 0)
    """,
    "nested loops": f"""
        side = int(N ** 0.5)
        with tf.GradientTape() as tape:
            total = 0.0
            for i in range(side):
                for j in range(side):
                    total = total + i * j
            {BROKEN} * (total * 0)
    """,
    "a while loop": f"""
        with tf.GradientTape() as tape:
            i, total = 0, 0.0
            while i < N:
                total = total + i * 0.5
                i += 1
            {BROKEN} * (total * 0)
    """,
    "a comprehension": f"""
        with tf.GradientTape() as tape:
            values = [i * 0.5 for i in range(N)]
            {BROKEN} * (values[-1] * 0)
    """,
    "a generator that is summed": f"""
        with tf.GradientTape() as tape:
            total = sum(i * 0.5 for i in range(N) if i % 2)
            {BROKEN} * (total * 0)
    """,
    "a list that is filled": f"""
        with tf.GradientTape() as tape:
            values = []
            for i in range(N):
                values.append(i * 0.5)
            {BROKEN} * (values[-1] * 0)
    """,
    "an array that is filled": f"""
        out = np.zeros(N, "float32")
        with tf.GradientTape() as tape:
            for i in range(N):
                out[i] = i
            {BROKEN} * (out[-1] * 0)
    """,
    "plain loop before the tape": f"""
        total = 0.0
        for i in range(N):
            total = total + i * 0.5
        with tf.GradientTape() as tape:
            {BROKEN} * (total * 0)
    """,
    "TensorFlow operations before the tape": f"""
        y = tf.constant([1.0, 2.0])
        for i in range(N):
            y = y * 1.0
        with tf.GradientTape() as tape:
            {BROKEN} + tf.reduce_sum(y * 0.0)
    """,
    "a variable's values before the tape": """
        y = tf.constant([1.0, 2.0])
        for i in range(N):
            y = y * 0.5 + w
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(y * 2.0)
    """,
    "arrays of a megabyte": f"""
        with tf.GradientTape() as tape:
            for i in range(N // 100):
                a = np.ones((256, 1000), "float32") * i
                b = a + 1.0
            {BROKEN} * (b[0, 0] * 0)
    """,
    "tensors of a megabyte before the tape": f"""
        for i in range(N // 100):
            a = tf.ones((255, 1000)) * float(i)
            b = a + 1.0
        with tf.GradientTape() as tape:
            {BROKEN} * (b[0, 0] * 0)
    """,
}


@dataclass(frozen=True)
class Measured:
    """Seconds of the step, bytes that it grew by, and seconds of the whole run as the host saw it."""

    step: float
    grown: float
    whole: float


def measured(run: Run, whole: float) -> Measured:
    """What a run printed of itself."""
    for line in run.output.splitlines():
        if line.startswith("MEASURED"):
            _, took, grown = line.split()
            return Measured(float(took), float(grown), whole)
    raise SystemExit(f"the program did not get to its end: {run.trouble or run.death or run.output}")


def timed(lab: Lab, texts: dict[str, str], look: Seen | None, request: Request | None) -> tuple[Run, Measured]:
    """One run: traced when there is a request to trace."""
    began = time.perf_counter()
    if look is not None and request is not None:
        run = lab.trace(look, request, texts)
    else:
        run = lab.run(Entry(), texts, eager=True)
    return run, measured(run, time.perf_counter() - began)


def compare(pool: Pool, folder: Path, flavour: str, turns: int, times: int) -> tuple[Measured, Measured, int]:
    """The best of some runs without and with tracing, and how many breaks the traced ones found."""
    path = folder / "program.py"
    text = HEAD.format(turns=turns) + dedent(FLAVOURS[flavour]) + TAIL
    path.write_text(text)
    lab, texts = Lab(pool, subject_of(str(path)), Limits(())), {str(path): text}
    plain, traced, breaks = [], [], 0
    for _ in range(times):
        run, one = timed(lab, texts, None, None)
        plain.append(one)
        look = Seen(Entry(), run, run)
        run, one = timed(lab, texts, look, run.requests[0])
        traced.append(one)
        facts = run.event("trace")
        breaks = len(facts["breaks"]) if facts else 0
    return min(plain, key=lambda m: m.step), min(traced, key=lambda m: m.step), breaks


def main() -> int:
    """Prints the table. Exit code 1 where a step takes more than GOAL times as long traced as untraced."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("flavours", nargs="*", help="words that the flavours to run must hold; all where none is given")
    parser.add_argument("--turns", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=3, help="runs of each kind, of which the best counts")
    options = parser.parse_args()
    chosen = [f for f in FLAVOURS if all(word in f for word in options.flavours)]
    print(
        f"{'':42}{'untraced':>10}{'traced':>10}{'ratio':>7}{'grew':>10}{'traced':>10}"
        f"{'whole run':>16}{'ratio':>7}{'breaks':>8}"
    )
    missed = []
    with tempfile.TemporaryDirectory() as folder, Pool(sys.executable, timeout=300.0) as pool:
        pool.versions()
        for flavour in chosen:
            plain, traced, breaks = compare(pool, Path(folder), flavour, options.turns, options.times)
            ratio = traced.step / plain.step
            if ratio > GOAL:
                missed.append(flavour)
            print(
                f"{flavour:42}{plain.step:>8.3f} s{traced.step:>8.3f} s{ratio:>7.2f}"
                f"{plain.grown / 1e6:>7.0f} MB{traced.grown / 1e6:>7.0f} MB"
                f"{plain.whole:>7.2f} {traced.whole:>6.2f} s{traced.whole / plain.whole:>7.2f}{breaks:>8}",
                flush=True,
            )
    if missed:
        print(f"more than {GOAL:g} times: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
