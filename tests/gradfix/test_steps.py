"""Finding the calls that ask for gradients, from the text alone."""

from __future__ import annotations

from textwrap import dedent

import pytest

from gradfix.scan.steps import Step, steps_of

HEAD = "import tensorflow as tf\n"


def steps(text: str, head: str = HEAD) -> tuple[Step, ...]:
    """The steps of a text."""
    return steps_of(head + dedent(text))


QUALNAMES = [
    ("module level", "with tf.GradientTape() as t:\n    l = 1\ng = t.gradient(l, w)\n", ""),
    ("a loop at module level", "for i in x:\n    with tf.GradientTape() as t:\n        g = t.gradient(l, w)\n", ""),
    ("a function", "def f(t=tf.GradientTape):\n    return t.gradient(l, w)\n", "f"),
    ("an asynchronous function", "async def f(t=tf.GradientTape):\n    return t.gradient(l, w)\n", "f"),
    (
        "a function in a function",
        "def f():\n    def g(t=tf.GradientTape):\n        return t.gradient(l, w)\n",
        "f.<locals>.g",
    ),
    ("a method", "class A:\n    def f(self, t=tf.GradientTape):\n        return t.gradient(l, w)\n", "A.f"),
    (
        "a method of a class in a class",
        "class A:\n    class B:\n        def f(self, t=tf.GradientTape):\n            t.gradient(l, w)\n",
        "A.B.f",
    ),
    (
        "a method of a class in a function",
        "def f():\n    class A:\n        def g(self, t=tf.GradientTape):\n            t.gradient(l, w)\n",
        "f.<locals>.A.g",
    ),
    (
        "a function in a method",
        "class A:\n    def f(self):\n        def g(t=tf.GradientTape):\n            t.gradient(l, w)\n",
        "A.f.<locals>.g",
    ),
    ("a class body", "class A:\n    g = tf.GradientTape().gradient(l, w)\n", ""),
    ("a lambda in a function", "def f():\n    return lambda t=tf.GradientTape(): t.gradient(l, w)\n", "f"),
    ("a comprehension", "def f():\n    return [t.gradient(l, w) for t in (tf.GradientTape(),)]\n", "f"),
]


@pytest.mark.parametrize(
    ("text", "qualname"), [pytest.param(*case[1:], id=f"a step in {case[0]}") for case in QUALNAMES]
)
def test_the_function_that_holds_a_step(text: str, qualname: str) -> None:
    assert [s.qualname for s in steps(text)] == [qualname]


def test_a_qualname_is_the_one_that_python_gives() -> None:
    text = "def f():\n    class A:\n        def g(self, t=None):\n            return t.gradient(l, w)\n    return A.g\n"
    names: dict[str, object] = {}
    exec(text, names)
    function = names["f"]()  # type: ignore[operator]
    assert [s.qualname for s in steps("# GradientTape\n" + text)] == [function.__qualname__]


CALLS = [
    ("gradient", "with tf.GradientTape() as t: pass\nt.gradient(loss, [a, b])\n", "gradient", "loss", ("a", "b")),
    ("keywords", "tf.GradientTape().gradient(target=loss, sources=ws)\n", "gradient", "loss", ("ws",)),
    ("keywords the other way round", "tf.GradientTape().gradient(sources=(a,), target=l)\n", "gradient", "l", ("a",)),
    ("one by place, one by name", "tf.GradientTape().gradient(l, sources=self.w)\n", "gradient", "l", ("self.w",)),
    ("jacobian", "tf.GradientTape().jacobian(y, x)\n", "jacobian", "y", ("x",)),
    ("batch_jacobian", "tf.GradientTape().batch_jacobian(y, source=x)\n", "batch_jacobian", "y", ("x",)),
    ("tf.gradients", "tf.gradients(loss, [w])\n", "gradients", "loss", ("w",)),
    ("tf.compat.v1.gradients", "tf.compat.v1.gradients(loss, w)\n", "gradients", "loss", ("w",)),
    ("minimize", "opt.minimize(lambda: f(w), [w])\n", "minimize", "lambda: f(w)", ("w",)),
    ("fit", "model.fit(x, y)\n", "fit", "", ()),
    ("train_on_batch", "model.train_on_batch(x, y)\n", "train_on_batch", "", ()),
    ("a call for its sources", "tf.GradientTape().gradient(l, f(m))\n", "gradient", "l", ()),
    ("a star among the sources", "tf.GradientTape().gradient(l, [a, *b])\n", "gradient", "l", ()),
    ("a model's variables", "tf.GradientTape().gradient(l, m.trainable_variables)\n", "gradient", "l",
     ("m.trainable_variables",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "call", "target", "names"), [pytest.param(*case[1:], id=f"{case[0]} is a step") for case in CALLS]
)
def test_a_step_and_its_arguments(text: str, call: str, target: str, names: tuple[str, ...]) -> None:
    (step,) = steps(text)
    assert (step.call, step.target, step.source_names) == (call, target, names)


NO_STEPS = [
    ("a file without TensorFlow", "import numpy as np\n", "class GradientTape: pass\nt.gradient(l, w)\n"),
    ("a gradient where no tape is named", HEAD, "t.gradient(l, w)\n"),
    ("np.gradient", HEAD + "import numpy as np\n", "tf.GradientTape\nnp.gradient(y)\n"),
    ("np.gradient by another name", HEAD + "import numpy as n\n", "tf.GradientTape\nn.gradient(y)\n"),
    ("gradients of something else", HEAD, "plot.gradients(a, b)\n"),
    ("scipy's minimize", HEAD + "from scipy import optimize\n", "optimize.minimize(f, x0)\n"),
    ("a minimize without variables", HEAD, "window.minimize()\n"),
    ("the fit of scikit-learn's module", HEAD + "import sklearn.svm\n", "sklearn.svm.fit(x, y)\n"),
    ("PyTorch's gradient", HEAD + "import torch\n", "tf.GradientTape\ntorch.gradient(y)\n"),
    ("a function of that name", HEAD, "tf.GradientTape\ngradient(l, w)\n"),
    ("a comment and a string", HEAD, "# tape.gradient(l, w)\nx = 'GradientTape tape.gradient(l, w)'\n"),
]


@pytest.mark.parametrize(("head", "text"), [pytest.param(*case[1:], id=f"{case[0]} is no step") for case in NO_STEPS])
def test_what_is_no_step(head: str, text: str) -> None:
    assert steps(text, head) == ()


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("import tensorflow\n", id="its own name"),
        pytest.param("import tensorflow.keras as k\n", id="a module of it"),
        pytest.param("from keras import layers\n", id="Keras alone"),
        pytest.param("import tf_keras\n", id="the older Keras"),
        pytest.param("def f():\n    import tensorflow as t\n", id="an import in a function"),
    ],
)
def test_tensorflow_is_known_by(head: str) -> None:
    assert len(steps("# GradientTape\ntape.gradient(l, w)\n", head)) == 1


def test_steps_come_in_the_order_of_their_lines() -> None:
    found = steps(
        """
        class A:
            def late(self, t=tf.GradientTape):
                return t.gradient(
                    self.loss,
                    self.w,
                )
        t.gradient(a, b); u.jacobian(c, d)
        """
    )
    assert [(s.line, s.column, s.end_line) for s in found] == [(5, 15, 8), (9, 0, 9), (9, 18, 9)]


def test_a_step_whose_none_is_looked_for_says_so() -> None:
    found = steps(
        """
        with tf.GradientTape(persistent=True) as t:
            l = f()
        grads = t.gradient(l, ws)
        grads = [g for g in grads if g is not None]
        other = t.gradient(l, vs)
        """
    )
    assert [s.handles_none for s in found] == [True, False]
