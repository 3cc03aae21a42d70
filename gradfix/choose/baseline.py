"""A baseline: findings that are known, so that an old project can be checked for new ones only.

A finding is known by its file, its rule and the text of its line, not by the line's number. Each entry says how many
such there are, and absorbs as many.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gradfix.apply import replace
from gradfix.sources import reason_of
from gradfix.values import FileReport, Silenced

VERSION = 1
Key = tuple[str, str, str]
"""A file (from the folder of the baseline, with slashes), a rule, and a line's text without the space around it."""


class BadBaseline(ValueError):
    """A file that is no baseline. Its text is one line and names the file."""


@dataclass(frozen=True)
class Baseline:
    """What is known: how many findings of each key; `folder` is what paths count from."""

    folder: str
    counts: Mapping[Key, int] = field(default_factory=dict)

    def key(self, path: str, rule: str, line: str) -> Key:
        """The key of a finding; `path` as the report has it."""
        return Path(os.path.relpath(os.path.realpath(path), self.folder)).as_posix(), rule, line.strip()


def read_baseline(path: str, *, missing: bool = False) -> Baseline:
    """Reads a file; an empty baseline for one that is `missing` where it may be. Raises BadBaseline."""
    folder = os.path.dirname(os.path.realpath(path))
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        if data["baseline"] != VERSION:
            raise BadBaseline(f"{path}: is a baseline of another version of gradfix")
        counts = {(str(e["path"]), str(e["rule"]), str(e["line"])): int(e["count"]) for e in data["findings"]}
    except FileNotFoundError as e:
        if missing:
            return Baseline(folder)
        raise BadBaseline(f"{path}: there is no such baseline; --update-baseline writes it") from e
    except OSError as e:
        raise BadBaseline(f"{path}: {reason_of(e)}") from e
    except (ValueError, KeyError, TypeError) as e:
        raise e if isinstance(e, BadBaseline) else BadBaseline(f"{path}: is no baseline of gradfix") from e
    return Baseline(folder, counts)


def found_in(baseline: Baseline, reports: Iterable[FileReport]) -> Counter[Key]:
    """How many findings of each key the reports have, those that the baseline knew and those that were put into it."""
    places = {
        (baseline.key(s.finding.place.path, s.finding.rule, s.line), s.finding.place.line, s.finding.place.column)
        for report in reports
        for s in report.silenced
        if s.by in (Silenced.BASELINE, Silenced.ASKED)
    }
    return Counter(key for key, _, _ in places)


def stale(baseline: Baseline, reports: Iterable[FileReport]) -> dict[Key, int]:
    """What the baseline knows and is not there any more: in files that ran to their end, and files that are gone."""
    reports = list(reports)
    found = found_in(baseline, reports)
    judged = {baseline.key(report.path, "", "")[0] for report in reports if report.judged}
    return {
        key: count - found[key]
        for key, count in baseline.counts.items()
        if count > found[key] and (key[0] in judged or not os.path.exists(os.path.join(baseline.folder, key[0])))
    }


def updated(baseline: Baseline, reports: Iterable[FileReport]) -> Baseline:
    """The baseline with what was found, and without what is stale. What was not looked at stays."""
    reports = list(reports)
    found, gone = found_in(baseline, reports), stale(baseline, reports)
    left = {key: count - gone.get(key, 0) for key, count in baseline.counts.items()}
    counts = {key: max(left.get(key, 0), found[key]) for key in (*left, *found)}
    return Baseline(baseline.folder, {key: count for key, count in counts.items() if count > 0})


def write_baseline(path: str, baseline: Baseline) -> None:
    """Writes a baseline, whole or not at all. Raises BadBaseline."""
    findings = [
        {"path": file, "rule": rule, "line": line, "count": count}
        for (file, rule, line), count in sorted(baseline.counts.items())
    ]
    text = json.dumps({"baseline": VERSION, "findings": findings}, indent=2) + "\n"
    path = os.path.realpath(path)
    temporary = os.path.join(os.path.dirname(path), f".gradfix-{os.urandom(8).hex()}.tmp")
    try:
        if os.path.exists(path):
            replace.stage(path, temporary, text.encode())
        else:
            with replace.create(temporary) as file:
                file.write(text.encode())
            os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except (OSError, replace.Refused) as e:
        raise BadBaseline(f"{path}: not written: {reason_of(e)}") from e
