"""How the search ends."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tensorflow")

from gradfix.worker import inputs

PlanFor = Callable[..., inputs.Plan]
NewBench = Callable[[str], Any]
ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.filterwarnings("ignore")


def test_a_step_that_fails_after_its_gradients_is_reached(bench: NewBench) -> None:
    one = bench("""
        w = tf.Variable(1.0)

        def step(x):
            with tf.GradientTape() as tape:
                loss = tf.constant(2.0)
            return tape.gradient(loss, w) * 2.0
    """)
    assert isinstance(one.search("step"), inputs.Plan)
    assert one.attempts < 12


def test_stuck_says_what_to_give(bench: NewBench) -> None:
    one = bench("""
        def step(gizmo):
            raise RuntimeError("no way " + gizmo.frobnicate())
    """)
    found = one.search("step", seconds=5)
    assert isinstance(found, inputs.Stuck)
    assert "step" in found.reason
    assert "docstring" in found.reason
    missing = one.search("nothing")
    assert isinstance(missing, inputs.Stuck)


@pytest.mark.parametrize(
    "step",
    [
        "def step(x, y, *args, **kwargs):",
        "def step(x, *args, y, **kwargs):",
        "@passing_on\ndef step(x, y):",
        "@passing_all_on\ndef step(x, y):",
    ],
)
def test_parameters_for_whatever_else_is_given_stay_empty(plan_for: PlanFor, step: str) -> None:
    head = textwrap.dedent("""
        net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])

        def passing_on(f):
            def wrapper(*args):
                return f(*args)
            return wrapper

        def passing_all_on(f):
            def wrapper(*args, **kwargs):
                return f(*args, **kwargs)
            return wrapper
    """)
    body = """
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((y - net(x)) ** 2)
    return tape.gradient(loss, net.trainable_variables)
    """
    plan = plan_for(head + step + body)
    assert {name: spec["shape"] for name, spec in plan.arguments.items()} == {"x": [4, 3], "y": [4, 2]}


GAN = """
import tensorflow as tf
from tensorflow import keras

class Gan:
    def __init__(self):
        self.generator = keras.Sequential([keras.Input((32,)), keras.layers.Dense(49)])
        self.critic = keras.Sequential([keras.layers.Conv2D(2, 5), keras.layers.Flatten(), keras.layers.Dense(1)])
        self.critic.build((None, 28, 28, 1))

    def penalty(self, batch_size, real, fake):
        alpha = tf.random.uniform([batch_size, 1, 1, 1])
        between = real + alpha * (fake - real)
        with tf.GradientTape() as tape:
            score = self.critic(between)
        norm = tf.sqrt(tf.reduce_sum(tape.gradient(score, between) ** 2, axis=[1, 2, 3]))
        return tf.reduce_mean((norm - 1.0) ** 2)
"""
SEARCH = """
import ast, json, traceback
import tensorflow as tf
from gradfix.worker import inputs

tf.config.run_functions_eagerly(True)
requests, tried = [], []
gradient = tf.GradientTape.gradient
tf.GradientTape.gradient = lambda *args: (requests.append(1), gradient(*args))[1]

def load():
    namespace = {"__name__": "made_up"}
    exec(compile(SOURCE, "made_up.py", "exec"), namespace)
    return namespace

def attempt(thunk):
    before, error = len(requests), None
    try:
        thunk()
    except Exception as e:
        error = e
    frames = traceback.extract_tb(error.__traceback__) if error else []
    tried.append([type(error).__name__, [frame.lineno for frame in frames if frame.filename == "made_up.py"]])
    lines = tuple((frame.filename, frame.lineno) for frame in frames if frame.filename == "made_up.py")
    return inputs.Outcome(len(requests) > before, error, lines)

found = inputs.invent(ast.parse(SOURCE), "Gan.penalty", load, attempt, 300.0)
print("PLAN", json.dumps([found.to_json() if isinstance(found, inputs.Plan) else found.reason, tried]))
"""


def test_each_process_finds_the_same_plan() -> None:
    plans = []
    for seed in ("1", "77"):  # the orders of sets of strings differ between these
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        command = [sys.executable, "-c", f"SOURCE = {GAN!r}\n{SEARCH}"]
        ran = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        plans += [line for line in ran.stdout.splitlines() if line.startswith("PLAN")]
    assert len(plans) == 2
    assert plans[0] == plans[1]
    assert '"qualname": "Gan.penalty"' in plans[0]
