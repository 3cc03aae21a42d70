"""Random small programs compute the same before and after each rewrite that moves statements into a block."""

from __future__ import annotations

import random
from collections import Counter
from types import SimpleNamespace

import pytest

from gradfix_codemods.base import Cut
from gradfix_codemods.loss_outside_tape import LossOutsideTape


def _random_program(dice: random.Random) -> str:
    """A text with statements before and after a block, made of names that depend on each other."""
    names = ["a", "b", "c", "d"]

    def statement() -> str:
        x, y, z = dice.choices(names, k=3)
        return dice.choice(
            [
                f"{x} = add({y}, {z})",
                f"{x} += {y}",
                f"log.append({x})",
                f"{x} = len(log) + {y}",
                f"if {x} % 2:\n    {y} = {z} * 3\nelse:\n    log.append({z})",
                f"for {x} in range(3):\n    {y} = {y} + {x}",
                f"{x}, {y} = {y}, {x} + 1",
                f"box.value = {x}",
                f"{x} = box.value - 1",
                f"table['k'] = {x}",
                f"{x} = table['k'] + {y}",
                f"bump({x})",
                f"print({x})",
            ]
        )

    def block(lines: int, indent: str = "") -> str:
        return "".join(_indented(statement(), indent) for _ in range(dice.randint(1, lines)))

    target = dice.choice(["a", "a", "[a, b]", "-a", "a + b", "box.value", "table['k']"])
    ask = f"g = tape.gradient({target}, None)\n"
    step = dice.choice(
        [
            ask,
            ask,
            f"if b % 2:\n{block(2, '    ')}    {ask}",
            f"for c in range(2):\n{block(2, '    ')}    {ask}",
            f"g = [tape.gradient(a + i, None) for i in range(3)]\n{block(2)}",
        ]
    )
    skip = dice.choice(["", "", "if c % 2:\n    continue\n"])
    turn = f"{block(5)}with Tape() as tape:\n{block(2, '    ')}{block(3)}{skip}{block(3)}{step}"
    return (
        f"total = 0\ndef bump(n):\n    global total\n    total += n\nfor turn in range(2):\n{_indented(turn, '    ')}"
    )


def _indented(text: str, indent: str) -> str:
    return "".join(f"{indent}{line}\n" for line in text.splitlines())


class _Tape:
    def __enter__(self) -> _Tape:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def gradient(self, target: object, _sources: object) -> object:
        return target


def _outcome(text: str) -> tuple[dict[str, object], Counter[str]]:
    printed: Counter[str] = Counter()
    box = SimpleNamespace(value=5)
    space: dict[str, object] = {"a": 1, "b": 2, "c": 3, "d": 4, "g": None}
    space |= {"log": [], "table": {"k": 7}, "box": box, "Tape": _Tape}
    space |= {"add": lambda x, y: x + y, "print": lambda x: printed.update([str(x)])}
    exec(text, space)
    return {key: space[key] for key in ("a", "b", "c", "d", "g", "log", "table", "box", "total")}, printed


@pytest.mark.parametrize("seed", range(150))
def test_every_rewrite_computes_what_the_text_computed(seed: int) -> None:
    text = _random_program(random.Random(seed))
    expected = _outcome(text)
    line = next(n for n, line in enumerate(text.splitlines(), 1) if ".gradient(" in line)
    for rewritten in (rewrite.text for rewrite in LossOutsideTape().rewrites(text, Cut("outside-tape", line))):
        assert _outcome(rewritten) == expected, f"{text}\n-----\n{rewritten}"
