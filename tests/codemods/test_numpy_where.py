"""GF102: `np.where` at the cut becomes `tf.where`, with the imports and dtypes that it needs, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.numpy_where import NumpyWhere

# Each case: a sentence, the text before with its cut marked, the first rewrite.
REWRITES = [
    (
        "the call at the cut alone is touched",
        """\
        import numpy as np
        import tensorflow as tf

        weight = np.where(y > 0, 2.0, 1.0)
        loss = «np.where(e > 0, e, -e)»  # asymmetric
        seen = np.where(e > 0, 1, 0)
        """,
        """\
        import numpy as np
        import tensorflow as tf

        weight = np.where(y > 0, 2.0, 1.0)
        loss = tf.where(e > 0, e, -e)  # asymmetric
        seen = np.where(e > 0, 1, 0)
        """,
    ),
    (
        "the import goes with the last use",
        """\
        import numpy as np
        import tensorflow as tf

        loss = «np.where(e > 0, e, -e)»
        """,
        """\
        import tensorflow as tf

        loss = tf.where(e > 0, e, -e)
        """,
    ),
    (
        "a name that is imported from NumPy is followed, and goes from its list",
        """\
        from numpy import mean, where
        import tensorflow as tf

        loss = «where(e > 0, e, -e)» * mean(w)
        """,
        """\
        from numpy import mean
        import tensorflow as tf

        loss = tf.where(e > 0, e, -e) * mean(w)
        """,
    ),
    (
        "a list of imports in parentheses keeps its lines",
        """\
        from numpy import (
            where as choose,
            mean,
        )
        from tensorflow import where, GradientTape

        loss = «choose(e > 0, e, -e)» * mean(w)
        """,
        """\
        from numpy import (
            mean,
        )
        from tensorflow import where, GradientTape

        loss = where(e > 0, e, -e) * mean(w)
        """,
    ),
    (
        "NumPy under its own name, TensorFlow under its own name",
        """\
        import numpy
        import tensorflow

        def f(e):
            return «numpy.where(e > 0, e, -e)»
        """,
        """\
        import tensorflow

        def f(e):
            return tensorflow.where(e > 0, e, -e)
        """,
    ),
    (
        "TensorFlow is imported after the last import where the file had none",
        '''\
        """Losses."""
        import math
        import numpy as np

        LIMIT = math.pi

        def f(e):
            return «np.where(e > 0, e, -e)» + np.mean(LIMIT)
        ''',
        '''\
        """Losses."""
        import math
        import numpy as np
        import tensorflow as tf

        LIMIT = math.pi

        def f(e):
            return tf.where(e > 0, e, -e) + np.mean(LIMIT)
        ''',
    ),
    (
        "TensorFlow takes the place of NumPy where that was the only import",
        """\
        # Losses.
        import numpy as np

        def f(e):
            return «np.where(e > 0, e, -e)»
        """,
        """\
        # Losses.
        import tensorflow as tf

        def f(e):
            return tf.where(e > 0, e, -e)
        """,
    ),
    (
        "lines and comments in the call stay",
        """\
        import numpy as np
        import tensorflow as tf
        loss = tf.reduce_mean(
            «np.where(
                e > 0,  # too much
                3 * e,
                -e,  # too little
            )»
        )
        print(np.pi)
        """,
        """\
        import numpy as np
        import tensorflow as tf
        loss = tf.reduce_mean(
            tf.where(
                e > 0,  # too much
                3 * e,
                -e,  # too little
            )
        )
        print(np.pi)
        """,
    ),
    (
        "keywords are the same, in any order",
        """\
        import numpy as np, os
        import tensorflow as tf
        loss = «np.where(y=-e, condition=(e > 0), x=e)»
        """,
        """\
        import os
        import tensorflow as tf
        loss = tf.where(y=-e, condition=(e > 0), x=e)
        """,
    ),
    (
        "parentheses around the call stay",
        """\
        import tensorflow as tf
        import numpy as np
        loss = («np.where(e > 0, e, -e)»)[0]
        """,
        """\
        import tensorflow as tf
        loss = (tf.where(e > 0, e, -e))[0]
        """,
    ),
    (
        "the inner of two calls, while the outer one waits for its turn",
        """\
        import tensorflow as tf
        import numpy as np
        loss = np.where(a, 0.0, «np.where(b, e, -e)»)
        """,
        """\
        import tensorflow as tf
        import numpy as np
        loss = np.where(a, 0.0, tf.where(b, e, -e))
        """,
    ),
    (
        "an import that a type checker or __all__ may read stays",
        """\
        import tensorflow as tf
        import numpy as np
        __all__ = ["f", "np"]

        def f(e):
            return «np.where(e > 0, e, -e)»
        """,
        """\
        import tensorflow as tf
        import numpy as np
        __all__ = ["f", "np"]

        def f(e):
            return tf.where(e > 0, e, -e)
        """,
    ),
    (
        "an import in the function goes, a comment above it stays",
        """\
        import tensorflow as tf

        def f(e):
            # slow, so only here
            import numpy as np

            return «np.where(e > 0, e, -e)»
        """,
        """\
        import tensorflow as tf

        def f(e):
            # slow, so only here

            return tf.where(e > 0, e, -e)
        """,
    ),
    (
        "an import in a try stays",
        """\
        import tensorflow as tf
        try:
            import numpy as np
        except ImportError:
            raise SystemExit
        loss = «np.where(e > 0, e, -e)»
        """,
        """\
        import tensorflow as tf
        try:
            import numpy as np
        except ImportError:
            raise SystemExit
        loss = tf.where(e > 0, e, -e)
        """,
    ),
    (
        "a local import of TensorFlow does not reach elsewhere",
        """\
        import numpy as np

        def g():
            import tensorflow as tf
            return tf

        def f(e):
            return «np.where(e > 0, e, -e)»
        """,
        """\
        import tensorflow

        def g():
            import tensorflow as tf
            return tf

        def f(e):
            return tensorflow.where(e > 0, e, -e)
        """,
    ),
]

# Each case: a sentence, the text.
NO_OPS = [
    ("one argument asks for indices", "import numpy as np\nrows = «np.where(e > 0)»\n"),
    ("arguments in a star are not counted", "import numpy as np\nx = «np.where(*parts)»\n"),
    ("a function of one's own called where", "def where(c, a, b): ...\nx = «where(c, a, b)»\n"),
    ("a method called where", "x = «frame.where(c, a, b)»\n"),
    ("TensorFlow's own where", "import tensorflow as tf\nx = «tf.where(c, a, b)»\n"),
    ("another module under the name np", "import jax.numpy as np\nx = «np.where(c, a, b)»\n"),
    ("TensorFlow's own NumPy", "import tensorflow.experimental.numpy as np\nx = «np.where(c, a, b)»\n"),
    ("a parameter that hides the module", "import numpy as np\ndef f(np):\n    return «np.where(c, a, b)»\n"),
    ("another function of NumPy", "import numpy as np\nx = «np.clip(c, a, b)»\n"),
    ("the cut is around the call, not on it", "import numpy as np\nx = «np.where(c, a, b) + 1»\n"),
    ("the cut is in the call, not on it", "import numpy as np\nx = np.where(«a», a, b)\n"),
    ("NumPy's masked arrays", "import numpy as np\nx = «np.ma.where(c, a, b)»\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_first_rewrite(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    assert offered(NumpyWhere(), before)[0] == dedent(after)


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, offered: Callable[..., list[str]]) -> None:
    assert offered(NumpyWhere(), text) == []


def test_an_unused_import_stays_where_nothing_used_it_before(offered: Callable[..., list[str]]) -> None:
    text = "import numpy\nimport numpy as np\nimport tensorflow as tf\nx = «np.where(c, a, b)»\n"
    assert offered(NumpyWhere(), text)[0] == "import numpy\nimport tensorflow as tf\nx = tf.where(c, a, b)\n"


def test_then_the_dtypes_are_made_one(offered: Callable[..., list[str]]) -> None:
    head = "import numpy as np\nimport tensorflow as tf\n"
    texts = offered(NumpyWhere(), f"{head}x = «np.where(e > 0, 0, e)»\n")
    assert [t.splitlines()[-1] for t in texts] == [
        "x = tf.where(e > 0, 0, e)",
        "x = tf.where(e > 0, 0.0, e)",
        "x = tf.where(e > 0, 0.0, tf.cast(e, tf.float32))",
    ]
    texts = offered(NumpyWhere(), f"{head}x = «np.where(mask, a, b)»\n")
    assert [t.splitlines()[-1] for t in texts] == [
        "x = tf.where(mask, a, b)",
        "x = tf.where(mask, tf.cast(a, b.dtype), b)",
        "x = tf.where(mask, a, tf.cast(b, a.dtype))",
        "x = tf.where(mask, tf.cast(a, tf.float32), tf.cast(b, tf.float32))",
        "x = tf.where(tf.cast(mask, tf.bool), a, b)",
        "x = tf.where(tf.cast(mask, tf.bool), tf.cast(a, b.dtype), b)",
        "x = tf.where(tf.cast(mask, tf.bool), a, tf.cast(b, a.dtype))",
        "x = tf.where(tf.cast(mask, tf.bool), tf.cast(a, tf.float32), tf.cast(b, tf.float32))",
    ]


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
def test_line_ends_and_all_else_stay(ends: str, offered: Callable[..., list[str]]) -> None:
    text = "# é\nimport numpy as np\nimport tensorflow as tf\nx = np.pi; y = [ 'é',«np.where(c,a , b)» ] ;z=1".replace(
        "\n", ends
    )
    expected = text.replace("«np.where", "tf.where").replace("»", "")
    assert offered(NumpyWhere(), text)[0] == expected


RUNS = [
    ("two tensors", "np.where(w > 0, 3.0 * w, -w)", [3.0, -1.0]),
    ("a whole number", "np.where(w > 0, w * w, 0)", [4.0, 0.0]),
    ("two whole numbers", "np.where(w > 0, 1, 2) * w", None),
    ("a float64 tensor", "np.where(w > 0, w * w, tf.zeros(2, tf.float64))", [4.0, 0.0]),
    ("a float64 array", "np.where(w > 0, w * w, np.zeros(2))", [4.0, 0.0]),
    ("a condition of integers", "np.where(tf.constant([1, 0]), w * w, w)", [4.0, 1.0]),
]


@pytest.mark.parametrize(("expression", "right"), _named(RUNS))
def test_one_rewrite_has_the_gradient_on_tensorflow(
    expression: str, right: list[float] | None, offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    marked = f"""\
        import numpy as np
        import tensorflow as tf
        w = tf.Variable([2.0, -3.0])
        with tf.GradientTape() as tape:
            y = «{expression}»
            loss = tf.reduce_sum(tf.cast(y, tf.float32))
        g = tape.gradient(loss, w)
        """
    if right is None:  # has a gradient as it is, through the product; the choice has none
        assert offered(NumpyWhere(), marked) == []
        return
    before = run(marked)
    assert before["g"] is None
    found = []
    for text in offered(NumpyWhere(), marked):
        try:
            after = run(text)
        except Exception:  # a dtype that does not fit: the verifier goes on to the next
            continue
        found.append(after["g"].numpy().tolist())
        assert float(after["loss"]) == pytest.approx(float(before["loss"]))
    assert found
    assert found[0] == right


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(NumpyWhere)
    head = dedent("""\
        import numpy as np
        import tensorflow as tf
        x, y = tf.ones((3, 2)), tf.constant([[1.0], [-1.0], [3.0]])
        model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
        """)
    call = "np.where(error > 0, 3.0 * error, -error)"
    rewritten = offered(NumpyWhere(), head + bad.replace(call, f"«{call}»"))[0]
    assert rewritten == head.replace("import numpy as np\n", "") + good
    assert run(head + bad)["grads"] == [None, None]
    assert all(g is not None for g in run(rewritten)["grads"])
