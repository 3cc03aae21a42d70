"""What is left out of a file that only fits a model changes nothing of its steps and suspects."""

from __future__ import annotations

import sys
from pathlib import Path
from string import Template

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradfix.scan.bystanders import without_bystanders
from gradfix.scan.steps import steps_of
from gradfix.scan.suspects import find_suspects
from gradfix.scan.valid import is_valid
from gradfix.settings.resolve import Resolver
from gradfix.survey.one import Surveyor
from gradfix.values import Verdict

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from scanning import pieces  # noqa: E402

HEAD = "import tensorflow as tf\nfrom tensorflow import keras\n"
FIT = """\
def train(loss):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", loss)
    model.fit(1, 2)
"""
LOSS = "def stopped(a, b):\n    return tf.stop_gradient(b)\n"
FITTED = [
    text
    for path in sorted([*ROOT.glob("fixtures/*/*.py"), *ROOT.glob("tests/healthy/*.py")])
    if not any(word in (text := path.read_text()) for word in ("GradientTape", "minimize", ".gradients", "jacobian"))
]
ODD = [
    LOSS,
    f"{FIT}train(stopped)\n",
    FIT,
    "train(stopped)\n",
    "text = '''\ndef train(loss): '''\n",
    'def usage():\n    """\nusage: this\n"""\n',
    "def other(a):\n    return (\na)\n",
    "class Late:\n    made = train(stopped)\n",
    "class Model(keras.Model):\n    def call(self, x):\n        return tf.stop_gradient(x)\n",
    "model = Model()\nmodel.compile('sgd', 'mse')\nmodel.fit(1, 2)\n",
    "@tf.function\ndef graph():\n    pass\n",
    "@register\nclass Registered:\n    pass\n",
    "def swap():\n    global stopped\n    stopped = None\n",
    "swap()\n",
    "def helper():\n    return train(stopped)\n",
    "class Eager:\n    result = helper()\n",
    "x = 1 + \\\n2\n",
    "# it's a comment\n",
    "def importing():\n    import keras as k\n    k.Model().fit()\n",
    "if True:\n    def inner():\n        pass\n",
    "def unused():\n    return 'no'\n",
]


def test_there_are_fixtures_that_only_fit() -> None:
    assert len(FITTED) > 8
    assert any(find_suspects(text) for text in FITTED)


@pytest.mark.parametrize("plain", [0, 3, 6])
def test_fixtures_among_other_code_have_the_same_suspects(plain: int) -> None:
    words = {"a": "a", "A": "A", "b": "b", "B": "B", "c": "c", "n": 8, "k": 2}
    around = "".join(Template(piece).substitute(words) for piece in pieces.PLAIN[plain : plain + 3])
    for text in FITTED:
        whole = f"{text}\n{around}"
        part = without_bystanders(whole)
        assert part is not None
        assert part.count("\n") == whole.count("\n")
        assert len(part) < len(whole)
        assert (steps_of(part), find_suspects(part)) == (steps_of(whole), find_suspects(whole))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(ODD), min_size=1, max_size=8, unique=True))
def test_whatever_stands_around_changes_nothing(parts: list[str]) -> None:
    text = HEAD + "".join(parts)
    part = without_bystanders(text)
    if part is not None and is_valid(part):  # a bracket may have been opened in what is left out
        assert (steps_of(part), find_suspects(part)) == (steps_of(text), find_suspects(text))


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}{FIT}{LOSS}train(stopped)\n",
        f"{HEAD}{FIT}{LOSS}class Late:\n    made = train(stopped)\n",
        f"{HEAD}{FIT}@tf.function\ndef graph():\n    pass\n",
        f"{HEAD}{FIT}def unused():\n    pass\n\f\n",
        f"{HEAD}{FIT}def unused():\n    pass\nx = 'not closed\n",
        HEAD + FIT,
    ],
)
def test_what_may_have_a_part_stays(text: str) -> None:
    assert without_bystanders(text) is None


def test_what_has_none_is_left_out() -> None:
    unused = 'def unused(a):\n    """\ndef text():\n"""\n    return other(a)\n\n\nclass Other:\n    size = unused(1)\n'
    assert without_bystanders(f"{HEAD}{unused}{FIT}") == HEAD + "\n" * unused.count("\n") + FIT


def test_a_folder_tells_of_a_file_that_fits_what_the_whole_of_it_tells(tmp_path: Path) -> None:
    resolver = Resolver({"run": "never"})
    path = tmp_path / "a.py"
    unused = "def unused():\n    return 1 +\n"
    for text, in_folder, alone in [
        (HEAD + LOSS + FIT + "train(stopped)\n", Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE),
        (HEAD + LOSS + FIT, Verdict.CLEAN, Verdict.CLEAN),
        (HEAD + unused + FIT, Verdict.CLEAN, Verdict.ERROR),  # nobody has named it, and it has no part in the step
        (HEAD + FIT + "train(1 +)\n", Verdict.ERROR, Verdict.ERROR),
        (HEAD + unused + LOSS + FIT + "train(stopped)\n", Verdict.ERROR, Verdict.ERROR),
    ]:
        path.write_text(text)
        found = Surveyor(resolver, resolver.for_path(".")).look(str(path))
        named = Surveyor(resolver, resolver.for_path("."), frozenset([str(path)])).look(str(path))
        assert found.report is not None
        assert named.report is not None
        assert (found.report.verdict, named.report.verdict) == (in_folder, alone)
        assert in_folder is not alone or found.report.reason == named.report.reason
