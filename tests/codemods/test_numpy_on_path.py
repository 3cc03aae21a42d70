"""GF104: what NumPy did at the cut, TensorFlow does; with the same value, and with the right gradient."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from gradfix_codemods.numpy_on_path import NumpyOnPath

IMPORTS = "import numpy as np\nimport tensorflow as tf\n"

# Each case: the expression at the cut, the first that is offered in its place.
REWRITES = [
    ("np.abs(x)", "tf.abs(x)"),
    ("np.log(x + 1e-7)", "tf.math.log(x + 1e-7)"),
    ("np.maximum(0, x)", "tf.maximum(0, x)"),
    ("np.power(x, 3.0)", "tf.pow(x, 3.0)"),
    ("np.multiply(x, y)", "tf.multiply(x, y)"),
    ("np.log10(x)", "tf.math.log(x) / tf.math.log(10.0)"),
    ("np.clip(x, 0, 1)", "tf.clip_by_value(x, 0, 1)"),
    ("np.clip(x, a_max=1.0, a_min=None)", "tf.minimum(x, 1.0)"),
    ("np.mean(x)", "tf.reduce_mean(x)"),
    ("np.mean(x, axis=(1, 2))", "tf.reduce_mean(x, axis=(1, 2))"),
    ("np.sum(x, 1, keepdims=True)", "tf.reduce_sum(x, 1, keepdims=True)"),
    ("np.sum(x, dtype=np.float64)", "tf.reduce_sum(tf.cast(x, tf.float64))"),
    ("np.sum(a=x, axis=0)", "tf.reduce_sum(input_tensor=x, axis=0)"),
    ("np.amax(x, axis=-1)", "tf.reduce_max(x, axis=-1)"),
    ("np.std(x, axis=0, ddof=0)", "tf.math.reduce_std(x, axis=0)"),
    ("np.concatenate((x, y))", "tf.concat((x, y), axis=0)"),
    ("np.concatenate([x, y], axis=-1)", "tf.concat([x, y], axis=-1)"),
    ("np.stack([x, y], axis=1)", "tf.stack([x, y], axis=1)"),
    ("np.vstack([x, y])", "tf.concat([x, y], axis=0)"),
    ("np.expand_dims(x, -1)", "tf.expand_dims(x, -1)"),
    ("np.transpose(x, axes=(1, 0))", "tf.transpose(x, perm=(1, 0))"),
    ("np.reshape(x, -1)", "tf.reshape(x, [-1])"),
    ("np.reshape(x, newshape=(2, 3))", "tf.reshape(x, shape=(2, 3))"),
    ("np.ravel(x)", "tf.reshape(x, [-1])"),
    ("np.dot(x, y)", "tf.tensordot(x, y, axes=1)"),
    ("np.linalg.norm(x - y, axis=1)", "tf.norm(x - y, axis=1)"),
    ("np.split(x, 2, axis=1)", "tf.split(x, 2, axis=1)"),
    ("np.array(x)", "tf.convert_to_tensor(x)"),
    ("np.asarray([x, y], dtype=np.float32)", "tf.cast([x, y], tf.float32)"),
    ("np.float32(x)", "tf.cast(x, tf.float32)"),
    ("np.hypot(x, 1.0)", "tf.sqrt(tf.square(x) + tf.square(1.0))"),
    ("np.diff(x, axis=0)", "tf.experimental.numpy.diff(x, axis=0)"),
    ("np.average(x, weights=y)", "tf.experimental.numpy.average(x, weights=y)"),
    ("np.radians(x)", "tf.experimental.numpy.deg2rad(x)"),
    ("np.pad(x, ((0, 0), (1, 1)))", "tf.pad(x, ((0, 0), (1, 1)))"),
    ("x.swapaxes(0, 1)", "tf.experimental.numpy.swapaxes(x, 0, 1)"),
    ("np.fft.rfft(x, axis=-1)", "tf.signal.rfft(x)"),
    ("np.fft.fft2(x)", "tf.signal.fft2d(tf.cast(x, tf.complex64))"),
    ("x.mean()", "tf.reduce_mean(x)"),
    ("x.sum(axis=1)", "tf.reduce_sum(x, axis=1)"),
    ("x.reshape(-1, 3)", "tf.reshape(x, (-1, 3))"),
    ("x.astype(np.float32)", "tf.cast(x, tf.float32)"),
    ("x.astype('float32')", "tf.cast(x, 'float32')"),
    ("x.clip(min=0)", "tf.maximum(x, 0)"),
    ("x.flatten()", "tf.reshape(x, [-1])"),
    ("np.std(x, ddof=1)", "tf.sqrt(tf.experimental.numpy.var(x, ddof=1, dtype=x.dtype))"),
    ("np.var(x - y, 0, ddof=1)", "tf.experimental.numpy.var(x - y, axis=0, ddof=1, dtype=tf.float32)"),
    ("x.var(ddof=1)", "tf.experimental.numpy.var(x, ddof=1, dtype=x.dtype)"),
    ("np.nan_to_num(x)", "tf.where(tf.math.is_nan(x), tf.zeros_like(x), x)"),
    ("np.tile(x, 3)", "tf.tile(x, [3])"),
    ("np.linalg.norm(x, 'fro')", "tf.norm(x, 'fro', axis=[-2, -1])"),
    ("np.linalg.svd(x, compute_uv=False)", "tf.linalg.svd(x, compute_uv=False)"),
    ("np.linalg.slogdet(x)", "tf.linalg.slogdet(x)"),
    ("np.append(x, y)", "tf.experimental.numpy.append(x, y)"),
]

NO_OPS = [
    "np.median(x, axis=0)",
    "np.median(f(x))",
    "np.nan_to_num(x, nan=1.0)",
    "np.percentile(x, 30)",
    "np.std(x, ddof=1, out=z)",
    "np.max(x, initial=0)",
    "np.mean(x, where=mask)",
    "np.add(x, y, out=z)",
    "np.split(x, [1, 3])",
    "np.linalg.svd(x)",
    "np.where(x)",
    "np.where(c, x, y)",
    "np.mean(*parts)",
    "np.reshape(x, (2, 3), order='F')",
    "tf.reduce_mean(x)",
    "mean(x)",
    "x.quantile(0.5)",
    "x.result()",
    "len(x)",
    "x + y",
]


@pytest.mark.parametrize(("before", "after"), REWRITES, ids=[before for before, _ in REWRITES])
def test_the_call_alone(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    text = f"{IMPORTS}z = 2 * («{before}»)\nprint(np.pi)\n"
    assert offered(NumpyOnPath(), text)[0] == f"{IMPORTS}z = 2 * ({after})\nprint(np.pi)\n"


@pytest.mark.parametrize("expression", NO_OPS)
def test_nothing_is_offered(expression: str, offered: Callable[..., list[str]]) -> None:
    assert offered(NumpyOnPath(), f"{IMPORTS}z = «{expression}»\n") == []


SCALERS = [
    ("StandardScaler", "inverse_transform", "p * s.scale_ + s.mean_"),
    ("MinMaxScaler", "inverse_transform", "(p - s.min_) / s.scale_"),
    ("MinMaxScaler", "transform", "p * s.scale_ + s.min_"),
    ("RobustScaler", "transform", "(p - s.center_) / s.scale_"),
    ("QuantileTransformer", "transform", None),
    ("StandardScaler", "partial_fit", None),
]


@pytest.mark.parametrize(("kind", "method", "after"), SCALERS)
def test_scalers_of_scikit_learn(kind: str, method: str, after: str | None, offered: Callable[..., list[str]]) -> None:
    """Known by its assignment, or as the only one that the file makes."""
    for made in (f"s = pre.{kind}().fit(y)\n", f"a, s = pre.Normalizer(), pre.{kind}()\n", f"f(pre.{kind}())\n"):
        head = f"import sklearn.preprocessing as pre\n{made}"
        expected = [] if after is None else [f"{head}z = y - ({after})\n"]
        assert offered(NumpyOnPath(), f"{head}z = y - «s.{method}(p)»\n")[:1] == expected


def test_a_scaler_that_may_be_one_of_two_is_left(offered: Callable[..., list[str]]) -> None:
    head = "from sklearn.preprocessing import MinMaxScaler, StandardScaler\na, b = MinMaxScaler(), StandardScaler()\n"
    assert offered(NumpyOnPath(), head + "z = «c.transform(p)»\n") == []
    assert offered(NumpyOnPath(), head + "z = «b.transform(p + 1)»\n")[:1] == [
        head + "z = ((p + 1) - b.mean_) / b.scale_\n"
    ]


def test_then_what_the_value_meets_from_the_line_to_the_function(offered: Callable[..., list[str]]) -> None:
    texts = offered(
        NumpyOnPath(),
        f"""\
{IMPORTS}
def summarise(batch, labels):
    centre = np.mean(batch)
    width = np.sqrt(np.mean(«np.square(batch - centre)»))  # as in the paper
    u = (batch - centre) / width
    print(np.mean(u), width.item())
    classes = np.unique(labels)
    tails = np.mean(np.power(u, 4.0)) - 3.0
    return np.stack([centre, width, tails]).reshape((1, 3)), classes
""",
    )
    head = f"{IMPORTS}\ndef summarise(batch, labels):\n"
    call, line, rest, all_of_it = (text.removeprefix(head).splitlines() for text in texts)
    assert call[1] == "    width = np.sqrt(np.mean(tf.square(batch - centre)))  # as in the paper"
    assert line[1] == "    width = tf.sqrt(tf.reduce_mean(tf.square(batch - centre)))  # as in the paper"
    assert [line[0], *line[2:]] == [call[0], *call[2:]]
    assert rest == [
        "    centre = np.mean(batch)",
        "    width = tf.sqrt(tf.reduce_mean(tf.square(batch - centre)))  # as in the paper",
        "    u = (batch - centre) / width",
        "    print(np.mean(u), float(width))",
        "    classes = np.unique(labels)",
        "    tails = tf.reduce_mean(tf.pow(u, 4.0)) - 3.0",
        "    return tf.reshape(tf.stack([centre, width, tails]), (1, 3)), classes",
    ]
    assert all_of_it == ["    centre = tf.reduce_mean(batch)", *rest[1:]]


def test_a_chain_in_one_line_keeps_its_lines_and_comments(offered: Callable[..., list[str]]) -> None:
    texts = offered(
        NumpyOnPath(),
        """\
        import tensorflow as tf
        from numpy import exp, sum as total
        loss = total(
            «exp(  # grows fast
                -e,
            )»,
            axis=0,  # over the batch
        ).T
        """,
    )
    assert texts[-1] == dedent("""\
        import tensorflow as tf
        loss = tf.transpose(tf.reduce_sum(
            tf.exp(  # grows fast
                -e,
            ),
            axis=0,  # over the batch
        ))
        """)


def test_last_a_helper_asks_what_it_was_given(offered: Callable[..., list[str]]) -> None:
    texts = offered(NumpyOnPath(), f"{IMPORTS}def as_float(x):\n    return «np.asarray(x, dtype=np.float32)»[0]\n")
    assert [text.splitlines()[-1] for text in texts] == [
        "    return tf.cast(x, tf.float32)[0]",
        "    return (tf.cast(x, tf.float32) if tf.is_tensor(x) else np.asarray(x, dtype=np.float32))[0]",
    ]


# Expressions of `w`, a matrix of positive numbers, and of `m`, another one.
VALUES = [
    "np.sqrt(np.mean(np.square(w - np.mean(w))))",
    "np.log10(w)",
    "np.log2(w)",
    "np.log1p(w)",
    "np.std(w, axis=0)",
    "np.var(w, axis=0)",
    "np.mean(w, axis=1, keepdims=True)",
    "np.sum(w, axis=0, dtype=np.float64)",
    "np.prod(w, axis=1)",
    "np.max(w, axis=1)",
    "np.min(w)",
    "np.concatenate([w, m])",
    "np.concatenate((w, m), axis=1) ** 2",
    "np.stack([w, w * m], axis=-1) ** 2",
    "np.vstack([w, m]) ** 2",
    "np.vstack([w[0], m[0]]) ** 2",
    "np.hstack([w, m]) ** 2",
    "np.hstack([w[0], m[0]]) ** 2",
    "np.column_stack([w[0], m[0]]) ** 2",
    "np.expand_dims(w, 0) * m",
    "np.squeeze(np.expand_dims(w, 0)) * m",
    "np.transpose(w) @ w",
    "np.reshape(w, (3, 2)) ** 2",
    "np.ravel(w) ** 2",
    "np.dot(w, m.T)",
    "np.dot(w, m[0])",
    "np.matmul(w, np.transpose(m))",
    "np.matmul(w, m[0])",
    "np.outer(w[0], m[1])",
    "np.inner(w, m)",
    "np.linalg.norm(w)",
    "np.linalg.norm(w, axis=1)",
    "np.cumsum(w) * np.arange(6.0)",
    "np.cumsum(w, axis=1) ** 2",
    "np.tile(w, (2, 1)) ** 2",
    "np.repeat(w, 2, axis=0) ** 2",
    "np.roll(w, 1, axis=0) * m",
    "np.split(w, 3, axis=1)[1] ** 2",
    "np.clip(w, 0.6, 1.2) * m",
    "np.clip(w, None, 1.0) * m",
    "np.power(w, 3)",
    "np.maximum(w, 0.8) * np.minimum(m, 1)",
    "np.arctan2(w, m)",
    "np.tensordot(w, m, axes=2)",
    "np.einsum('ij,ij->i', w, m)",
    "np.array([w[0, 0], w[1, 1]]) ** 2",
    "np.asarray(w, dtype=np.float64) ** 2",
    "np.square(w).sum(axis=1)",
    "np.exp(-np.abs(w)).mean()",
    "np.sqrt(w).reshape(-1) * np.arange(6.0)",
    "np.sqrt(w).T[0].astype(np.float64)",
    "np.sqrt(w).max()",
    "np.take(w, [0, 2], axis=1) ** 2",
    "np.sort(w, axis=1) * m",
    "np.hypot(w, m)",
    "np.cbrt(w)",
    "np.logaddexp(w, m)",
    "np.deg2rad(w)",
    "np.degrees(w)",
    "np.exp2(w)",
    "np.nansum(w, axis=0)",
    "np.nanmean(w)",
    "np.ptp(w, axis=1)",
    "np.cumprod(w, axis=1)",
    "np.diff(w, axis=1)",
    "np.flip(w, axis=1) * m",
    "np.swapaxes(w, 0, 1) ** 2",
    "np.moveaxis(w, 0, 1) ** 2",
    "np.pad(w, ((0, 0), (1, 1))) ** 2",
    "np.triu(w) ** 2",
    "np.tril(w, -1) ** 2",
    "np.diag(w) ** 2",
    "np.atleast_3d(w) ** 2",
    "np.average(w, axis=0, weights=[0.25, 0.75])",
    "np.kron(w, m)",
    "np.cross(w, m) ** 2",
    "np.sqrt(w).swapaxes(0, 1)",
    "np.std(w, ddof=1)",
    "np.var(w, axis=0, ddof=1)",
    "np.var(w * m, axis=1, ddof=1, keepdims=True)",
    "np.median(w)",
    "np.sqrt(w)[:, [0, 2]] ** 2",
    "np.sqrt(w)[[1, 0]] * m",
    "np.sqrt(w)[np.arange(2), np.array([2, 0])] ** 2",
    "np.nan_to_num(w) ** 2",
    "np.linalg.norm(w, 2)",
    "np.linalg.norm(w, ord=1)",
    "np.linalg.norm(w[0], ord=3)",
    "np.linalg.norm(w, 'fro')",
    "np.linalg.norm(w, np.inf)",
    "np.linalg.svd(w, compute_uv=False) ** 2",
    "np.linalg.pinv(w)",
    "np.linalg.cholesky(np.matmul(w, np.transpose(w)))",
    "np.linalg.slogdet(np.matmul(w, np.transpose(w)))[1]",
    "np.linalg.eigvalsh(np.matmul(w, np.transpose(w))) ** 2",
    "np.abs(np.fft.rfft(w, axis=-1)) ** 2",
    "np.tile(w[0], 2) ** 2",
    "np.append(w, m) ** 2",
    "np.dstack([w, m]) ** 2",
    "np.select([m > 1.0, m <= 1.0], [w, w * w])",
    "np.polyval([1.0, 2.0, 3.0], w)",
    "np.take_along_axis(w, np.array([[0], [2]]), axis=1) ** 2",
]


def _first(expression: str) -> str:
    """The expression with its first innermost NumPy call at the cut: that is the one that the trace names."""
    start = expression.rindex("np.", 0, expression.index("w")) if "arange" not in expression[:5] else 0
    depth, end = 0, start
    for end in range(expression.index("(", start), len(expression)):
        depth += {"(": 1, ")": -1}.get(expression[end], 0)
        if depth == 0:
            break
    return f"{expression[:start]}«{expression[start : end + 1]}»{expression[end + 1 :]}"


@pytest.mark.parametrize("expression", VALUES)
def test_value_and_gradient_are_right_on_tensorflow(
    expression: str, offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    w0 = np.array([[0.5, 1.5, 0.7], [1.1, 0.9, 1.3]])
    m0 = np.array([[1.2, 0.4, 0.8], [0.3, 1.6, 1.0]])
    marked = f"{IMPORTS}def f(w, m):\n    return {_first(expression)}\n"
    f = run(marked)["f"]
    steps = np.eye(6).reshape(6, 2, 3) * 1e-5
    slopes = [(np.sum(f(w0 + d, m0)) - np.sum(f(w0 - d, m0))) / 2e-5 for d in steps]
    for text in offered(NumpyOnPath(), marked):
        names = run(text)
        tf = names["tf"]
        w, m = (tf.constant(x, tf.float32) for x in (w0, m0))
        try:
            with tf.GradientTape() as tape:
                tape.watch(w)
                y = names["f"](w, m)
                total = tf.reduce_sum(y)
            gradient = tape.gradient(total, w)
        except Exception:  # not of these ranks, or not the whole chain: the verifier goes on to the next
            continue
        right = f(w0, m0)
        if gradient is None or y.shape != right.shape or not np.allclose(y, right, rtol=1e-5):
            continue
        gradient = tf.convert_to_tensor(gradient).numpy()
        assert gradient.ravel() == pytest.approx(np.array(slopes), rel=1e-3, abs=1e-4), text
        return
    pytest.fail("no rewrite keeps the value and has a gradient")


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(NumpyOnPath)
    head = dedent("""\
        import numpy as np
        import tensorflow as tf
        x, y = tf.ones((3, 2)), tf.ones((3, 1))
        model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
        """)
    call = "np.square(error)"
    rewritten = offered(NumpyOnPath(), head + bad.replace(call, f"«{call}»"))[1]
    assert rewritten == head.replace("import numpy as np\n", "") + good
    with pytest.raises(AttributeError, match="_id"):
        run(head + bad)
    assert all(g is not None for g in run(rewritten)["grads"])
