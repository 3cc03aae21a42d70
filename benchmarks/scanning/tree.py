"""Makes the tree that is scanned: files as in real repositories, one in twenty with a tape in it."""

from __future__ import annotations

import random
from pathlib import Path
from string import Template

from scanning import pieces

ROOT = Path(__file__).parents[2]
TAPES, FITTED, MENTIONED = 0.05, 0.01, 0.06
"""The shares of files that mention a tape, that only fit a model, and that only name TensorFlow."""
BROKEN = 0.1
"""The share of the files with a tape that have a break in them."""
A_FOLDER = 20
SHORTEST, LONGEST = 200, 400


def make_tree(root: Path, count: int, seed: int = 0) -> list[Path]:
    """Writes `count` files below a folder and returns those that mention a tape. The same seed gives the same tree."""
    random_ = random.Random(seed)
    healthy = [p.read_text() for p in sorted(ROOT.glob("tests/healthy/*.py"))]
    broken = [p.read_text() for p in sorted(ROOT.glob("fixtures/*/before.py"))]
    healthy, broken = ([t for t in texts if "GradientTape" in t] for texts in (healthy, broken))
    tapes: list[Path] = []
    folder = root
    for number in range(count):
        if number % A_FOLDER == 0:
            folder = _folder(root, number // A_FOLDER, random_)
        kind = random_.random()
        path = folder / f"{random_.choice(pieces.WORDS)}_{number}.py"
        if kind < TAPES:
            idiom = random_.choice(broken if random_.random() < BROKEN else healthy)
            text = _file([*pieces.TENSORFLOW, *pieces.PLAIN[:3]], random_, idiom)
            tapes.append(path)
        elif kind < TAPES + FITTED:
            text = _file([*pieces.TENSORFLOW, *pieces.PLAIN], random_, _filled(pieces.FITTED, random_))
        elif kind < TAPES + FITTED + MENTIONED:
            text = _file([*pieces.TENSORFLOW, *pieces.PLAIN], random_, _filled(pieces.TENSORFLOW[0], random_))
        else:
            text = _file(list(pieces.PLAIN), random_)
        path.write_text(text)
    (root / ".gitignore").write_text("*.log\nbuild/\n/scratch\n__pycache__/\n!keep.log\n")
    (root / "pyproject.toml").write_text('[project]\nname = "tree"\nversion = "1"\n')
    return tapes


def _folder(root: Path, number: int, random_: random.Random) -> Path:
    parts = [f"{random_.choice(pieces.WORDS)}_{number // 25}", "src", f"{random_.choice(pieces.WORDS)}_{number}"]
    folder = root.joinpath(*parts[: random_.randint(1, 3)], f"{random_.choice(pieces.WORDS)}{number}")
    folder.mkdir(parents=True)
    (folder / "README.md").write_text("Nothing to see.\n")
    if number % 40 == 7:
        (folder / ".gitignore").write_text("*.tmp\n/local_*.py\n")
    return folder


def _file(templates: list[str], random_: random.Random, idiom: str = "") -> str:
    """A file of 200 to 400 lines that imports what it needs, with an idiom at its end."""
    wanted = random_.randint(SHORTEST, LONGEST) - idiom.count("\n") - len(pieces.IMPORTS)
    parts: list[str] = []
    lines = 0
    while lines < wanted:
        parts.append(_filled(random_.choice(templates), random_))
        lines += parts[-1].count("\n") + 1
    body = "\n".join([*parts, idiom])
    if "logger" in body:
        body = f"\nlogger = logging.getLogger(__name__)\n\n{body}"
    imports = [line for word, line in pieces.IMPORTS.items() if word in body]
    title = f"{random_.choice(pieces.WORDS).title()}s and {random_.choice(pieces.WORDS)}s."
    return "\n".join([f'"""{title}"""\n', *imports, body])


def _filled(template: str, random_: random.Random) -> str:
    """A piece with words and numbers of its own."""
    a, b, c = random_.sample(pieces.WORDS, 3)
    a = f"{a}_{random_.choice(pieces.WORDS)}"
    names = {"a": a, "b": b, "c": c, "n": random_.choice((8, 16, 32, 64, 100, 128)), "k": random_.randint(1, 9)}
    return Template(template).substitute(names, A=a.title().replace("_", ""), B=b.title())
