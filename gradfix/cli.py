"""Arguments in, exit code out: nothing else."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from gradfix import __version__
from gradfix.call import Call
from gradfix.choose.baseline import BadBaseline
from gradfix.config import Action, Display, OutputFormat, RunMode, SandboxMode, Settings
from gradfix.help import Grouped
from gradfix.modules import NoModule, find_module
from gradfix.settings.options import BadSettings
from gradfix.settings.resolve import Resolver

OK, FINDINGS, USAGE, INTERRUPTED = 0, 1, 2, 130

# typer has carried its own copy of click since 0.29, so that the class has no import path that always holds
BAD_USAGE: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)


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


def _clear_cache(wanted: bool) -> None:
    if wanted:
        from gradfix.cache.store import Cache

        count = Cache().clear()
        print(f"{count} cached proof{'' if count == 1 else 's'} removed")
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


FIXES, FILES, RULES, RUNS, SETTINGS, OUTPUT = "Fixes", "Files", "Rules", "Runs", "Configuration", "Output"
"""The groups of --help."""
ACTIONS = {
    "--diff": Action.DIFF,
    "--apply": Action.APPLY,
    "--add-ignore": Action.ADD_IGNORE,
    "--update-baseline": Action.UPDATE_BASELINE,
}


def _listed(values: list[str] | None) -> list[str] | None:
    """`--select a,b --select c` as one list."""
    return [part.strip() for value in values for part in value.split(",") if part.strip()] if values else None


@app.command(
    cls=Grouped,
    help="Finds missing TensorFlow gradients, and shows fixes that a run on TensorFlow has confirmed.",
    epilog="What stands behind -- is handed to the script. Exit codes: 0 nothing missing or all fixed, 1 findings, "
    "2 errors.",
)
def check(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="Files, notebooks, or folders of them; - for a file's text on stdin."),
    ] = None,
    diff: Annotated[
        bool, typer.Option("--diff", rich_help_panel=FIXES, help="Print proved fixes as a unified diff.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", rich_help_panel=FIXES, help="Write proved fixes into the files.")
    ] = False,
    unsafe_fixes: Annotated[
        bool | None,
        typer.Option(
            "--unsafe-fixes/--no-unsafe-fixes",
            rich_help_panel=FIXES,
            help="Also fixes that are proved but change more than the gradients.",
        ),
    ] = None,
    module: Annotated[
        str,
        typer.Option(
            "-m",
            metavar="MODULE",
            rich_help_panel=FILES,
            help="A module, run as python -m does, in the place of paths.",
        ),
    ] = "",
    stdin_filename: Annotated[
        str,
        typer.Option(metavar="FILE", rich_help_panel=FILES, help="What the text on stdin is called, and lies beside."),
    ] = "",
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERNS",
            rich_help_panel=FILES,
            help="Names and paths to leave out of folders, as in .gitignore, in the place of the usual ones.",
        ),
    ] = None,
    extend_exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERNS", rich_help_panel=FILES, help="Names and paths to leave out as well."),
    ] = None,
    force_exclude: Annotated[
        bool | None,
        typer.Option(
            "--force-exclude/--no-force-exclude",
            rich_help_panel=FILES,
            help="Leave them out where they are named, too.",
        ),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULES", rich_help_panel=RULES, help="Look for these rules: names, codes, prefixes (GF1) or ALL."
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="RULES", rich_help_panel=RULES, help="Leave these rules out.")
    ] = None,
    extend_select: Annotated[
        list[str] | None,
        typer.Option(metavar="RULES", rich_help_panel=RULES, help="Look for these rules as well."),
    ] = None,
    add_ignore: Annotated[
        bool,
        typer.Option("--add-ignore", rich_help_panel=RULES, help="Write a comment at each finding that suppresses it."),
    ] = False,
    baseline: Annotated[
        str | None,
        typer.Option(metavar="FILE", rich_help_panel=RULES, help="Tell only findings that this file does not know."),
    ] = None,
    update_baseline: Annotated[
        bool,
        typer.Option(
            "--update-baseline",
            rich_help_panel=RULES,
            help="Write all findings into the baseline, and take out what is not found any more.",
        ),
    ] = False,
    explain: Annotated[
        str,
        typer.Option(
            metavar="RULE",
            callback=_explain,
            is_eager=True,
            rich_help_panel=RULES,
            help="Explain a rule, by name or code, and exit.",
        ),
    ] = "",
    list_rules: Annotated[
        bool,
        typer.Option(
            "--list-rules",
            callback=_list_rules,
            is_eager=True,
            rich_help_panel=RULES,
            help="List all rules and exit.",
        ),
    ] = False,
    run: Annotated[
        RunMode | None,
        typer.Option(
            rich_help_panel=RUNS, help="Which files with a step are run: named and suspicious ones, all, or none."
        ),
    ] = None,
    python: Annotated[
        str | None,
        typer.Option(metavar="PATH", rich_help_panel=RUNS, help="The interpreter whose TensorFlow runs the steps."),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0.1, rich_help_panel=RUNS, help="The limit for one run of user code (60)."),
    ] = None,
    sandbox: Annotated[
        SandboxMode | None,
        typer.Option(
            rich_help_panel=RUNS,
            help="The best sandbox there is, only the full one, or none: SECURITY.md says what they stop.",
        ),
    ] = None,
    memory: Annotated[
        float | None,
        typer.Option(
            metavar="GB",
            min=0.1,
            rich_help_panel=RUNS,
            help="The limit for the memory of one run (half of the machine's).",
        ),
    ] = None,
    gpu: Annotated[
        bool | None, typer.Option("--gpu/--no-gpu", rich_help_panel=RUNS, help="Show GPUs to the code that is run.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            metavar="N",
            min=0,
            max=32,
            rich_help_panel=RUNS,
            help="Files looked at at a time; 0: as fit the machine.",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", rich_help_panel=RUNS, help="Have the files looked at by this Dask cluster."),
    ] = None,
    cache: Annotated[
        bool,
        typer.Option("--cache/--no-cache", rich_help_panel=RUNS, help="Use and keep the proofs of unchanged files."),
    ] = True,
    clear_cache: Annotated[
        bool,
        typer.Option(
            "--clear-cache",
            callback=_clear_cache,
            is_eager=True,
            rich_help_panel=RUNS,
            help="Forget them all and exit.",
        ),
    ] = False,
    config: Annotated[
        str,
        typer.Option(metavar="FILE", rich_help_panel=SETTINGS, help="Read this file of settings, and no other."),
    ] = "",
    isolated: Annotated[
        bool, typer.Option("--isolated", rich_help_panel=SETTINGS, help="Read no file of settings.")
    ] = False,
    show_settings: Annotated[
        bool,
        typer.Option(
            "--show-settings",
            rich_help_panel=SETTINGS,
            help="Print the settings for each PATH, and where they come from, and exit.",
        ),
    ] = False,
    output_format: Annotated[
        OutputFormat | None, typer.Option(rich_help_panel=OUTPUT, help="How the report is written.")
    ] = None,
    report: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.html", rich_help_panel=OUTPUT, help="Write a report with pictures too, as one HTML file."
        ),
    ] = None,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", rich_help_panel=OUTPUT, help="Findings only: no summary, no progress."),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            "-v",
            rich_help_panel=OUTPUT,
            help="Say more: clean files, each check of a proof, what is stale, versions.",
        ),
    ] = False,
    statistics: Annotated[
        bool,
        typer.Option(
            "--statistics", rich_help_panel=OUTPUT, help="Count files and runs, and the seconds of each phase and rule."
        ),
    ] = False,
    exit_zero: Annotated[
        bool,
        typer.Option("--exit-zero", rich_help_panel=OUTPUT, help="Exit with 0 even where something is found."),
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """The one command."""
    # here, so that --help is there at once
    from gradfix.session import session
    from gradfix.settings.show import shown
    from gradfix.stdin import NAMELESS

    named = list(paths or ())
    piped = "-" in named
    asked = {"--diff": diff, "--apply": apply, "--add-ignore": add_ignore, "--update-baseline": update_baseline}
    wanted = [option for option, given in asked.items() if given]
    if len(wanted) > 1:
        raise typer.BadParameter(f"{wanted[0]} and {wanted[1]} exclude each other")
    if config and isolated:
        raise typer.BadParameter("--config and --isolated exclude each other")
    if module and named:
        raise typer.BadParameter("-m MODULE stands alone: what the module is given goes after --")
    if not module and not named:
        raise typer.BadParameter("name a PATH, or a MODULE with -m")
    if piped and len(named) > 1:
        raise typer.BadParameter("- stands alone: one text comes in on stdin")
    for option, text in (("--report", report), ("--cluster", cluster)):
        if text == "":  # a variable of a shell that is not set: nothing must be run elsewhere than was meant
            raise typer.BadParameter(f"{option} is given an empty text")
    if piped and cluster:
        raise typer.BadParameter("--cluster is for files that its machines see, and - is none")
    if stdin_filename and not piped:
        raise typer.BadParameter("--stdin-filename is for the PATH -")
    if context.obj and not module and len(named) != 1:
        raise typer.BadParameter("arguments after -- need exactly one FILE before it")
    try:
        found = find_module(module) if module else None
    except NoModule as e:
        raise typer.BadParameter(str(e)) from e
    command = {
        "select": _listed(select),
        "ignore": _listed(ignore),
        "extend-select": _listed(extend_select),
        "exclude": _listed(exclude),
        "extend-exclude": _listed(extend_exclude),
        "force-exclude": force_exclude,
        "run": run,
        "python": python,
        "timeout": timeout,
        "sandbox": sandbox,
        "memory": memory,
        "gpu": gpu,
        "unsafe-fixes": unsafe_fixes,
        "baseline": baseline,
        "jobs": jobs,
        "output-format": output_format,
    }
    start = Settings(arguments=tuple(context.obj or ()), module=found, pictures=bool(report))
    given = {key: value for key, value in command.items() if value is not None}
    resolver = Resolver(given, config=config, isolated=isolated, start=start)
    stdin = (stdin_filename or NAMELESS) if piped else ""
    files = (found.path,) if found else tuple(named)
    if show_settings:
        print(shown(resolver, [stdin] if stdin else files), end="")
        raise typer.Exit
    if piped and apply and resolver.for_file(stdin).output_format in (OutputFormat.JSON, OutputFormat.SARIF):
        raise typer.BadParameter("with --apply stdout has the text of -, so that there is no place for JSON")
    if piped and add_ignore:
        raise typer.BadParameter("--add-ignore writes into files, and - is none")
    if update_baseline and not resolver.for_path(stdin or files[0]).baseline:
        raise typer.BadParameter("--update-baseline needs to know which: --baseline FILE")
    action = ACTIONS[wanted[0]] if wanted else Action.CHECK
    display = Display(quiet, verbose, statistics, exit_zero)
    raise typer.Exit(session(Call(files, resolver, action, stdin, display, cache, report or "", cluster or "")))


def run(argv: list[str]) -> int:
    """Runs gradfix with the arguments `argv` and returns its exit code. Never raises for what a user typed."""
    arguments: list[str] = []
    if "--" in argv:  # before the parser sees them: they are the script's own
        cut = argv.index("--")
        argv, arguments = argv[:cut], argv[cut + 1 :]
    command = typer.main.get_command(app)
    try:
        code = command.main(argv, prog_name="gradfix", standalone_mode=False, obj=tuple(arguments))
    except (BadSettings, BadBaseline) as e:
        print(f"gradfix: error: {e}", file=sys.stderr)
        return USAGE
    except BAD_USAGE as e:
        print(f"gradfix: error: {' '.join(e.format_message().split())}", file=sys.stderr)
        return USAGE
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return code if isinstance(code, int) else OK
