"""Command lines: what scripts require is made up, defaults and given arguments stay, absent packages get stand-ins."""

from __future__ import annotations

import importlib.util
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from gradfix.run.lab import Lab, subject_of
from gradfix.run.messages import Entry, Limits, Run
from gradfix.run.pool import Pool

Scripted = Callable[..., Run]

HIDE = """\
import importlib.machinery
_find = importlib.machinery.PathFinder.find_spec
importlib.machinery.PathFinder.find_spec = classmethod(
    lambda cls, name, *rest: None if name.partition(".")[0] in ("click", "typer") else _find(name, *rest)
)
"""
"""Makes a script believe that neither click nor typer is installed."""
BOTH = pytest.mark.parametrize("hide", ["", HIDE], ids=["installed", "absent"])


@pytest.fixture
def scripted(pool: Pool, tmp_path: Path) -> Scripted:
    """Runs a text as a script in a worker, with arguments."""

    def run(text: str, *arguments: str, hide: str = "") -> Run:
        path, text = str(tmp_path / "train.py"), hide + textwrap.dedent(text)
        Path(path).write_text(text)
        done = Lab(pool, subject_of(path, arguments), Limits(())).run(Entry(), {path: text})
        assert not done.death
        return done

    return run


def told(run: Run) -> list[str]:
    """What was made up, without the packages."""
    return [said for said in run.made_up if not said.startswith("the package")]


def test_argparse_gets_one_of_a_group_an_enum_a_path_and_the_command_that_trains(scripted: Scripted) -> None:
    done = scripted("""\
        import argparse, enum, pathlib
        class Kind(enum.Enum):
            LEFT, RIGHT = "left", "right"
        parser = argparse.ArgumentParser()
        group = parser.add_mutually_exclusive_group(required=True)
        group.add_argument("--rounds", type=int)
        group.add_argument("--seconds", type=float)
        parser.add_argument("--kind", type=Kind, choices=list(Kind), required=True)
        below = parser.add_subparsers(dest="command", required=True)
        below.add_parser("export")
        below.add_parser("train").add_argument("log", type=pathlib.Path)
        print(parser.parse_args())
        """)
    assert done.trouble is None, done.trouble
    assert "rounds=2" in done.output
    assert "Kind.LEFT" in done.output
    assert "command='train', log=PosixPath('data')" in done.output
    assert told(done) == ["argument --kind: left", "command: train", "argument --rounds: 2", "argument log: data"]


def test_the_value_of_an_option_of_argparse_is_no_argument(scripted: Scripted) -> None:
    text = """\
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("log")
        parser.add_argument("--rate", type=float)
        parser.add_argument("--fast", action="store_true")
        print(vars(parser.parse_args()))
        """
    done = scripted(text, "--rate", "0.5", "--fast")
    assert done.output == "{'log': 'made_up', 'rate': 0.5, 'fast': True}\n", done.trouble
    given = scripted(text, "--rate", "0.5", "--fast", "here")
    assert given.output == "{'log': 'here', 'rate': 0.5, 'fast': True}\n"
    assert told(given) == []


CLICK = """\
import click
@click.group(invoke_without_command=False)
@click.option("--seed", default=7)
@click.pass_context
def cli(context, seed):
    context.ensure_object(dict)["seed"] = seed
@cli.command()
def show():
    click.echo("shown")
@cli.command("train-it")
@click.argument("log", type=click.Path(exists=True))
@click.option("--rate", type=float, required=True)
@click.option("--size", type=click.IntRange(4, 64), required=True)
@click.option("--kind", type=click.Choice(["a", "b"]), required=True)
@click.option("--rounds", "-r", default=3, show_default=True)
@click.option("--widths", nargs=2, type=int, default=(8, 4))
@click.option("--tag", multiple=True)
@click.option("--fast/--slow", default=True)
@click.pass_context
def train(context, log, rate, size, kind, rounds, widths, tag, fast):
    click.echo((context.obj["seed"], log, rate, size > 4, kind, rounds, tuple(widths), tuple(tag), fast))
if __name__ == "__main__":
    cli()
"""


@BOTH
def test_click_gets_what_it_requires_and_keeps_its_defaults(scripted: Scripted, hide: str) -> None:
    if not hide and importlib.util.find_spec("click") is None:
        pytest.skip("click is not installed")
    done = scripted(CLICK, hide=hide)
    assert done.trouble is None, done.trouble
    shared = "{seed}, 'data', 0.01, True, 'a', 3, (8, 4), (), True)\n"
    assert done.output == "(" + shared.format(seed=7)
    assert [said.split(":")[0] for said in told(done)] == [
        "command", "argument log", "argument --rate", "argument --size", "argument --kind",
    ]  # fmt: skip


@BOTH
def test_click_takes_what_is_given(scripted: Scripted, hide: str) -> None:
    if not hide and importlib.util.find_spec("click") is None:
        pytest.skip("click is not installed")
    given = ["--seed", "1", "train-it", "here.csv", "--rate", "0.5", "--size", "9", "--kind", "b", "-r", "2"]
    done = scripted(CLICK, *given, "--widths", "1", "2", "--tag", "x", "--tag", "y", hide=hide)
    assert done.trouble is None, (done.trouble, done.output)
    assert done.output == "(1, 'here.csv', 0.5, True, 'b', 2, (1, 2), ('x', 'y'), True)\n"
    assert told(done) == []


def test_a_prompt_of_click_takes_its_default_or_a_made_up_answer(scripted: Scripted) -> None:
    pytest.importorskip("click")
    done = scripted("""\
        import click
        @click.command()
        @click.option("--rate", prompt=True, type=float)
        @click.option("--name", prompt=True, default="bee")
        def main(rate, name):
            print(rate, name)
        main()
        """)
    assert done.trouble is None, done.trouble
    assert done.output == "0.01 bee\n"


TYPER = """\
import enum
from pathlib import Path
from typing import Annotated, Optional
import typer
class Kind(str, enum.Enum):
    A, B = "a", "b"
def main(
    log: Path,
    rate: Annotated[float, typer.Option()],
    kind: Kind = typer.Option(...),
    size: int = typer.Option(6, "--size", "-s"),
    name: Annotated[Optional[str], typer.Option(help="Who.")] = None,
    fast: bool = False,
):
    typer.echo((str(log), rate, kind.value, size, name, fast))
if __name__ == "__main__":
    typer.run(main)
"""


@BOTH
def test_typer_reads_a_signature(scripted: Scripted, hide: str) -> None:
    if not hide and importlib.util.find_spec("typer") is None:
        pytest.skip("typer is not installed")
    done = scripted(TYPER, hide=hide)
    assert done.trouble is None, (done.trouble, done.output)
    assert done.output == "('data', 0.01, 'a', 6, None, False)\n"
    assert told(done) == ["argument log: data", "argument --rate: 0.01", "argument --kind: a"]
    given = scripted(TYPER, "x.csv", "--rate", "0.5", "--kind", "b", "-s", "3", "--name", "Z", "--fast", hide=hide)
    assert given.output == "('x.csv', 0.5, 'b', 3, Z, True)\n".replace("Z,", "'Z',")
    assert told(given) == []


@BOTH
def test_an_app_of_typer_with_several_commands_runs_the_one_that_trains(scripted: Scripted, hide: str) -> None:
    if not hide and importlib.util.find_spec("typer") is None:
        pytest.skip("typer is not installed")
    done = scripted(
        """\
        import typer
        app = typer.Typer()
        below = typer.Typer()
        app.add_typer(below, name="model")
        @app.callback()
        def before(verbose: bool = False):
            print("before", verbose)
        @app.command()
        def check():
            print("checked")
        @below.command("fit")
        def fit_it(rounds: int = 3):
            print("fitted", rounds)
        @app.command()
        def train(rounds: int = 4):
            print("trained", rounds)
        app()
        """,
        hide=hide,
    )
    assert done.trouble is None, (done.trouble, done.output)
    assert done.output == "before False\ntrained 4\n"


def test_absl_gets_required_flags_and_keeps_those_given(scripted: Scripted) -> None:
    text = """\
        from absl import app, flags
        NAME = flags.DEFINE_string("name", None, "")
        flags.DEFINE_integer("steps", None, "", lower_bound=5, required=True)
        flags.DEFINE_float("rate", 0.5, "")
        flags.DEFINE_enum("kind", None, ["a", "b"], "")
        flags.mark_flags_as_required(["name", "kind"])
        def main(argv):
            print(argv[1:], NAME.value, flags.FLAGS.steps, flags.FLAGS.rate, flags.FLAGS.kind)
        app.run(main)
        """
    done = scripted(text)
    assert done.trouble is None, (done.trouble, done.output)
    assert done.output == "[] made_up 6 0.5 a\n"
    assert told(done) == ["argument --steps: 6", "argument --name: made_up", "argument --kind: a"]
    given = scripted(text, "--name=x", "--steps=9", "--kind=b", "rest")
    assert given.output == "['rest'] x 9 0.5 b\n"
    assert told(given) == []
