"""Where experiments on one file are made: the same entries with the text as it is, patched, eager or traced."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from gradfix.account import Account
from gradfix.look.raised import with_raised
from gradfix.modules import Module
from gradfix.prove.undo import line_before
from gradfix.run.ahead import PERTURB, TRACE, Ahead
from gradfix.run.messages import MOST_AGAIN, Entry, Limits, Request, Run, missing_of
from gradfix.run.pool import Pool
from gradfix.scan.batches import Smaller, with_smaller_batches
from gradfix.scan.steps import steps_of
from gradfix.sources import NOTEBOOK, Source
from gradfix.values import Place

Texts = Mapping[str, str]
"""Texts by absolute path: what a run sees in place of the files."""

Lines = Mapping[str, frozenset[int]]
"""Lines by absolute path."""

STASHES = ("written", "eager")
"""Names under which the two runs of a look write down directions."""

ROOT_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", ".hg")


@dataclass(frozen=True)
class Subject:
    """The file that is run, and where.

    All paths are absolute. `root` is the project's folder, `search` what is put first on the module path, `package`
    the dotted name of the package that the file lies in, "" for none. `module` is the name that it is run by, "" where
    the file is.
    """

    path: str
    root: str
    cwd: str
    search: tuple[str, ...]
    package: str = ""
    arguments: tuple[str, ...] = ()
    module: str = ""


def subject_of(path: str, arguments: tuple[str, ...] = (), module: Module | None = None, folder: str = "") -> Subject:
    """The surroundings of a file as a user would run it: from the current folder when the file is below it.

    `folder` is taken for the current one, "" for that of this process.
    """
    path, here = os.path.abspath(path), folder or os.getcwd()
    if module is not None:
        search = tuple(dict.fromkeys((here, module.folder)))
        return Subject(path, _project(here), here, search, module.package, arguments, module.name)
    own = top = os.path.dirname(path)
    while os.path.exists(os.path.join(top, "__init__.py")) and os.path.dirname(top) != top:
        top = os.path.dirname(top)
    if path.endswith(NOTEBOOK):  # its kernel runs in its folder, and knows of no package
        return Subject(path, _project(top), own, (own,), arguments=arguments)
    cwd = here if path.startswith(os.path.join(here, "")) else own
    package = os.path.relpath(own, top).replace(os.sep, ".") if own != top else ""
    search = (own, top) if own != top else (own,)
    return Subject(path, _project(top), cwd, search, package, arguments)


def _project(folder: str) -> str:
    """The nearest folder above that looks like a project's; the folder itself where none does."""
    root = folder
    while not any(os.path.exists(os.path.join(root, mark)) for mark in ROOT_MARKS):
        if os.path.dirname(root) == root:
            return folder
        root = os.path.dirname(root)
    return root


@dataclass(frozen=True)
class Seen:
    """What an entry showed: `written`, run as the user wrote it, and `eager`, with every graph run eagerly.

    The two are the same run where the file traced no graph.
    """

    entry: Entry
    written: Run
    eager: Run


@dataclass(frozen=True)
class Harmless:
    """The names of sources whose None is right, and a sentence that says why."""

    names: frozenset[str]
    note: str


UNLIMITED = 1 << 30
PATIENCE_BEHIND_LOOPS = 8.0
"""Seconds that a run which leaves its loops is given to come to steps that were not seen yet."""
LONGEST_OF_HEAVY = 6.0
"""Seconds after its first request in which a run with smaller batches goes on."""


class Lab:
    """Makes experiments on one file. Texts that are given, by absolute path, stand in for the files' own.

    `harmless` are names of sources whose None is right. With `batch` the file's batches are made that small in every
    run, where its text says how large they are. `source` is the file as it was read, which knows what it can hold.
    `suspected` is whether its text shows a break.
    """

    def __init__(
        self,
        pool: Pool,
        subject: Subject,
        limits: Limits,
        environment: Mapping[str, str] | None = None,
        harmless: frozenset[str] = frozenset(),
        batch: int = 0,
        source: Source | None = None,
        account: Account | None = None,
        suspected: bool = False,
    ) -> None:
        self.pool, self.subject, self.limits, self.batch = pool, subject, limits, batch
        self.source, self.account = source, account or Account()
        self.environment, self.harmless = environment or {}, harmless
        self.ahead, self.suspected = Ahead(pool, self.environment), suspected
        self.accepted: Lines = {}
        self.original: Texts = {}

    def accepting(self, lines: Lines, original: Texts) -> Lab:
        """A lab to which nothing is missing at the steps in these lines of the original texts."""
        return self._but(accepted=lines, original=original)

    def _but(self, **changed: Any) -> Lab:
        """A lab like this one, with some attributes that are different."""
        lab = copy(self)
        lab.__dict__.update(changed)
        return lab

    def as_accepted(self, run: Run, texts: Texts) -> Run:
        """A run on these texts, with the requests marked that are accepted."""

        def accepted(request: Request) -> bool:
            place = request.place
            if place is None or place.path not in self.accepted:
                return False
            original, text = self.original[place.path], texts.get(place.path, self.original[place.path])
            line = place.line if original == text else line_before(original, text, place.line)
            return line in self.accepted[place.path]

        if not self.accepted:
            return run
        return replace(run, requests=tuple(replace(r, accepted=True) if accepted(r) else r for r in run.requests))

    def excusing(self, harmless: Iterable[Harmless]) -> Lab:
        """A lab like this one, to which the None of these sources is right too."""
        names = self.harmless.union(*(h.names for h in harmless))
        return self._but(harmless=names)

    def excused(self, look: Seen, texts: Texts) -> Seen:
        """A look that was made before the lab knew which None is right."""
        eager = self._excused(look.eager, texts)
        return Seen(look.entry, eager if look.written is look.eager else self._excused(look.written, texts), eager)

    def up_to(self, looks: Iterable[Seen]) -> Lab:
        """The same lab, where runs go on for fewer rounds if no new break has shown after those."""
        first: dict[object, int] = {}
        for look in looks:
            for request in (*look.written.requests, *look.eager.requests):
                if request.missing:
                    first.setdefault((request.place, request.missing), request.index)
        each = min(self.limits.each, max(first.values(), default=0) + MOST_AGAIN)
        return self._but(limits=replace(self.limits, each=each))

    def with_batches(self, size: int) -> Lab:
        """The same lab with smaller batches, where two steps are enough: each is a heavy one."""
        limits = replace(self.limits, each=min(self.limits.each, 2), longest=LONGEST_OF_HEAVY)
        return self._but(limits=limits, batch=size)

    def spot(self, place: Place) -> str:
        """How the line of a place is called where the file need not be named."""
        own = self.source is not None and place.path == self.subject.path
        return self.source.spot(place.line) if self.source and own else f"line {place.line}"

    def unfit(self, path: str, text: str) -> str:
        """Why a file cannot hold a new text, "" where it can: a notebook has to part it into its cells."""
        return self.source.unfit(text) if self.source and path == self.subject.path else ""

    def look(
        self,
        entry: Entry,
        texts: Texts,
        *,
        like: Seen | None = None,
        note: Request | None = None,
        processor: float = 0.0,
    ) -> Seen:
        """Runs an entry as it is written; once more, eagerly, where that traced a graph, to see its numbers.

        So too where it was ended by what need not end an eager run. Both runs go at once where a graph is to be
        expected: where an earlier look `like` this one had one. With `note` the runs write down the direction of that
        request's gradients, for `perturbed`, and that run is begun ahead; as a traced one is, beside the first look at
        a file that is suspected. `processor` are the seconds of processor time that a run may take, if not the usual
        ones.
        """
        more: list[dict[str, Any]] = [
            {} if note is None else {"perturb": {"index": note.index, "note": True, "stash": s}} for s in STASHES
        ]
        if processor:
            more = [{**m, "bounds": {"cpu": processor}} for m in more]
        self.ahead.drop()
        runs = [self._start(entry, texts, more[0])]
        if self._traces(texts) if like is None else like.eager is not like.written:
            runs.append(self._start(entry, texts, {**more[1], "eager": True}))
        self._begin_ahead(entry, texts, note, STASHES[len(runs) - 1], first=like is None)
        written = runs[0]()
        graph = any(r.graph for r in written.requests) or _passable(written)
        if graph and len(runs) == 1:
            runs.append(self._start(entry, texts, {**more[1], "eager": True}))
        look = Seen(entry, written, runs[1]() if graph else written)
        if like is None and not any(r.index == 0 and r.missing for r in (*look.eager.requests, *written.requests)):
            self.ahead.drop()
        return look

    def _begin_ahead(self, entry: Entry, texts: Texts, note: Request | None, stash: str, *, first: bool) -> None:
        """Begins the run that is likely to be wanted after a look which is under way."""
        if note is not None and note.serial >= 0:
            perturb = {"serial": note.serial, "stash": stash}
            self.ahead.begin(self._ending(entry, texts, {PERTURB: perturb}), PERTURB)
        elif first and note is None and self.suspected:
            self.ahead.begin(self._ending(entry, texts, {TRACE: {"index": 0, "start": 0}}), TRACE)

    def _traces(self, texts: Texts) -> bool:
        """Whether the text looks as if it would trace a graph."""
        text = texts[self.subject.path]
        return "tf.function" in text or any(s.call in ("fit", "train_on_batch") for s in steps_of(text))

    def trace(self, look: Seen, request: Request, texts: Texts, whole: bool = False, wide: bool = False) -> Run:
        """One more run, with expressions wrapped, that ends at a broken request and says where its path is lost.

        With `whole` the request has its gradients, and other ways to its target are looked at. With `wide` what ran
        before the last request before its tape is looked at, too.
        """
        missing, start = [] if whole else list(missing_of(request)), min(request.birth, request.index)
        start = max(start - 1, 0) if wide else start
        trace = {"index": request.index, "start": start, "missing": missing, "whole": whole}
        with self.account.during("tracing"):
            return self._to_its_end(look.entry, texts, trace=trace)

    def picture(self, entry: Entry, request: Request, texts: Texts) -> Callable[[], Run]:
        """Starts one more run up to a request, which tells the way from its target to its sources; gives what waits."""
        trace = {"index": request.index, "start": min(request.birth, request.index), "missing": [], "picture": True}
        return self._started(self._ending(entry, texts, {TRACE: trace}), texts)

    def perturbed(self, look: Seen, request: Request, texts: Texts, **how: Any) -> Run:
        """One more eager run, up to a request whose variables are moved before its step: see worker/perturb.py."""
        perturb = {"index": request.index, "serial": request.serial, **how}
        return self._to_its_end(look.entry, texts, perturb=perturb)

    def _to_its_end(self, entry: Entry, texts: Texts, **more: Any) -> Run:
        """One more eager run, which ends at a request of its own: on a busy machine the limits might come before it."""
        return self._started(self._ending(entry, texts, more), texts)()

    def _ending(self, entry: Entry, texts: Texts, more: Mapping[str, Any]) -> dict[str, Any]:
        """The request of a run that ends at a request of its own."""
        limits = {"each": UNLIMITED, "most": UNLIMITED, "longest": UNLIMITED}
        return self._asked(entry, texts, {"eager": True, **more}, limits)

    def on_and_on(self, entry: Entry, texts: Texts, seconds: float) -> Run:
        """A run as the user wrote it, which ends by itself or so many seconds after its first request."""
        limits = {"each": UNLIMITED, "most": UNLIMITED, "longest": seconds}
        return self._started(self._asked(entry, texts, {}, limits), texts)()

    def run(self, entry: Entry, texts: Texts, *, eager: bool = False, **more: Any) -> Run:
        """One run of one entry."""
        return self._start(entry, texts, {"eager": eager, **more})()

    def _start(self, entry: Entry, texts: Texts, more: Mapping[str, Any]) -> Callable[[], Run]:
        """Starts a run, and gives what waits for it."""
        return self._started(self._asked(entry, texts, more, {}), texts)

    def _asked(
        self, entry: Entry, texts: Texts, more: Mapping[str, Any], limits: Mapping[str, float]
    ) -> dict[str, Any]:
        """The request of a run."""
        request = {**self._request(texts), "entry": entry.to_json(), "eager": False, **more}
        if entry.leave:  # it goes on behind a loop by itself
            request["limits"] |= {"patience": PATIENCE_BEHIND_LOOPS, "longest": 3 * PATIENCE_BEHIND_LOOPS}
        request["limits"] |= limits
        return request

    def _started(self, request: Mapping[str, Any], texts: Texts) -> Callable[[], Run]:
        answer = self.ahead.start(request)
        return lambda: self._with_notes(
            self.as_accepted(self._excused(with_raised(self.account.ran(answer())), texts), texts), texts
        )

    def _with_notes(self, run: Run, texts: Texts) -> Run:
        """The run, with what was made up for it here."""
        notes = tuple(
            {"event": "standin", "what": f"batches of {old}", "given": f"batches of {new}, since a step takes long"}
            for old, new in self._smaller(texts).changes
        )
        return replace(run, others=(*notes, *run.others)) if notes else run

    def _smaller(self, texts: Texts) -> Smaller:
        """The file's text as it is run."""
        text = texts[self.subject.path]
        return with_smaller_batches(text, self.batch) if self.batch else Smaller(text, ())

    def _excused(self, run: Run, texts: Texts) -> Run:
        """Marks the requests whose None the code expects."""
        path = self.subject.path
        steps = [s for s in steps_of(texts[path]) if s.handles_none]
        lines = {line for s in steps for line in range(s.line, s.end_line + 1)}
        if not lines and not self.harmless:
            return run

        def expected(request: Request) -> bool:
            if request.place and request.place.path == path and request.place.line in lines:
                return True
            missing = {request.sources[i].name for i in request.missing}
            return bool(missing) and missing <= self.harmless

        return replace(run, requests=tuple(replace(r, excused=True) if expected(r) else r for r in run.requests))

    def make_up(self, qualname: str, given: Mapping[str, Any], texts: Texts) -> Run:
        """Has the worker look for inputs with which a function gets to its gradients; `given` are the user's own."""
        entry = {"kind": "invent", "qualname": qualname, "given": dict(given)}
        with self.account.during("making up inputs"):
            request = {**self._request(texts), "entry": entry, "eager": True}
            return self.account.ran(self.pool.run(request, self.environment))

    def _request(self, texts: Texts) -> dict[str, Any]:
        subject = self.subject
        lines = [s.line for s in steps_of(texts[subject.path]) if s.call not in ("fit", "train_on_batch", "minimize")]
        return {
            "path": subject.path,
            "root": subject.root,
            "cwd": subject.cwd,
            "argv": list(subject.arguments),
            "search": list(subject.search),
            "package": subject.package,
            "module": subject.module,
            "overlay": {**texts, subject.path: self._smaller(texts).text},
            "limits": {**self.limits.__dict__, "lines": lines},
        }


def _passable(run: Run) -> bool:
    """Whether a run was ended by what need not end an eager one: the trace of a graph, or Keras 2 and its checks.

    A tape has TensorFlow build a graph's gradient when the graph is called: an operation in it that has none raises
    there, before anything is asked. Eagerly it is never missed unless it lies on the way to a target.
    """
    words = (
        "symbolic",
        "KerasTensor",
        "SymbolicTensor",
        "in user code",
        "Graph execution error",
        "numpy() is only",
        "No gradient defined for operation",
        "have not yet been created",
    )
    return run.trouble is not None and any(w in run.trouble.message for w in words)
