"""Arguments in, exit code out: nothing else."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from gradfix import __version__
from gradfix.config import Action, Display, OutputFormat, RunMode, SandboxMode, Settings
from gradfix.modules import NoModule, find_module
from gradfix.session import session

OK, FINDINGS, USAGE, INTERRUPTED = 0, 1, 2, 130

# typer has carried its own copy of click since 0.29, so that the class has no import path that always holds
BAD_USAGE: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"gradfix {__version__}")
        raise typer.Exit


def _list_rules(wanted: bool) -> None:
    if wanted:
        from gradfix.report.catalogue import as_table
        from gradfix.rules import rules

        print(as_table(rules()))
        raise typer.Exit


def _explain(name: str) -> None:
    if name:
        from gradfix.report.catalogue import as_page
        from gradfix.rules import nearest, rule_called

        rule = rule_called(name)
        if rule is None:
            meant = nearest(name)
            raise typer.BadParameter(f"there is no rule {name!r}" + (f"; did you mean {meant}?" if meant else ""))
        print(as_page(rule), end="")
        raise typer.Exit


@app.command(
    help="Finds missing TensorFlow gradients, and shows fixes that a run on TensorFlow has confirmed.",
    epilog="What stands behind -- is handed to the script. Exit codes: 0 nothing missing or all fixed, 1 findings, "
    "2 errors.",
)
def check(
    context: typer.Context,
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="PATH...", help="Files, or folders of *.py files.")
    ] = None,
    module: Annotated[
        str, typer.Option("-m", metavar="MODULE", help="A module, run as python -m does, in the place of paths.")
    ] = "",
    diff: Annotated[bool, typer.Option("--diff", help="Print proved fixes as a unified diff.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Write proved fixes into the files.")] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option("--unsafe-fixes", help="Also fixes that are proved but change more than the gradients.")
    ] = False,
    output_format: Annotated[OutputFormat, typer.Option(help="How the report is written.")] = OutputFormat.TEXT,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Findings only: no summary, no progress.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also clean files, each check of a proof, and versions.")
    ] = False,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Count files and runs, and the seconds of each phase and rule.")
    ] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 even where something is found.")] = False,
    python: Annotated[
        str, typer.Option(metavar="PATH", help="The interpreter whose TensorFlow runs the steps.")
    ] = sys.executable,
    run: Annotated[
        RunMode, typer.Option(help="Which files with a step are run: named and suspicious ones, all, or none.")
    ] = RunMode.AUTO,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="The limit for one run of user code.")
    ] = Settings.timeout,
    sandbox: Annotated[
        SandboxMode,
        typer.Option(help="The best sandbox there is, only the full one, or none: SECURITY.md says what they stop."),
    ] = SandboxMode.AUTO,
    memory: Annotated[
        float | None,
        typer.Option(metavar="GB", min=0.1, help="The limit for the memory of one run (half of the machine's)."),
    ] = None,
    gpu: Annotated[bool, typer.Option("--gpu", help="Show GPUs to the code that is run.")] = False,
    explain: Annotated[
        str,
        typer.Option(
            metavar="RULE", callback=_explain, is_eager=True, help="Explain a rule, by name or code, and exit."
        ),
    ] = "",
    list_rules: Annotated[
        bool, typer.Option("--list-rules", callback=_list_rules, is_eager=True, help="List all rules and exit.")
    ] = False,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", metavar="N", min=0, max=32, help="Files looked at at a time; 0: as fit the machine."
        ),
    ] = Settings.jobs,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """The one command."""
    if diff and apply:
        raise typer.BadParameter("--diff and --apply exclude each other")
    if module and paths:
        raise typer.BadParameter("-m MODULE stands alone: what the module is given goes after --")
    if not module and not paths:
        raise typer.BadParameter("name a PATH, or a MODULE with -m")
    if context.obj and not module and len(paths or ()) != 1:
        raise typer.BadParameter("arguments after -- need exactly one FILE before it")
    try:
        found = find_module(module) if module else None
    except NoModule as e:
        raise typer.BadParameter(str(e)) from e
    action = Action.DIFF if diff else Action.APPLY if apply else Action.CHECK
    settings = Settings(python, run, timeout, unsafe_fixes, tuple(context.obj or ()), sandbox, gpu, memory, found, jobs)
    files = [found.path] if found else paths or []
    display = Display(output_format, quiet, verbose, statistics, exit_zero)
    raise typer.Exit(session(files, settings, action, display))


def run(argv: list[str]) -> int:
    """Runs gradfix with the arguments `argv` and returns its exit code. Never raises for what a user typed."""
    arguments: list[str] = []
    if "--" in argv:  # before the parser sees them: they are the script's own
        cut = argv.index("--")
        argv, arguments = argv[:cut], argv[cut + 1 :]
    command = typer.main.get_command(app)
    try:
        code = command.main(argv, prog_name="gradfix", standalone_mode=False, obj=tuple(arguments))
    except BAD_USAGE as e:
        print(f"gradfix: error: {' '.join(e.format_message().split())}", file=sys.stderr)
        return USAGE
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return code if isinstance(code, int) else OK
