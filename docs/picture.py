"""Draws docs/assets/terminal.svg, the picture of the README, from a run in a real terminal: `python docs/picture.py`.

rich turns the terminal's bytes into the SVG. Its usual template fetches a font; ours takes the reader's own.
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "assets" / "terminal.svg"
EXAMPLE = "fixtures/loss_after_the_block/before.py"
"""What `<!-- ci: run -->` in the README shows the diff of."""
COLUMNS = 107
THEME = TerminalTheme(
    (26, 27, 30),
    (234, 231, 224),
    [
        (74, 76, 82),
        (255, 127, 102),
        (118, 209, 142),
        (226, 174, 69),
        (121, 174, 255),
        (210, 168, 255),
        (69, 196, 182),
        (234, 231, 224),
    ],
)
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>gradfix in a terminal</title>
<style>
.{unique_id}-matrix {{ font: {char_height}px/{line_height}px ui-monospace, "SF Mono", Menlo, Consolas, \
"DejaVu Sans Mono", monospace; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
<rect width="100%" height="100%" rx="10" fill="#1a1b1e"/>
<g fill="#4a4c52"><circle cx="24" cy="22" r="6"/><circle cx="46" cy="22" r="6"/><circle cx="68" cy="22" r="6"/></g>
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main() -> None:
    """Writes the picture."""
    PICTURE.write_text(drawn(shown()), encoding="utf-8")


def shown() -> str:
    """What a terminal gets to see of the run, escape sequences and all."""
    command = [sys.executable, "-m", "gradfix", "--no-cache", "--diff", EXAMPLE]
    plain = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLORTERM")}
    environment = {**plain, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        parts = []
        try:
            while part := os.read(ours, 65536):
                parts.append(part)
        except OSError:  # the terminal of a process that has ended
            pass
        os.close(ours)
        process.wait()
    return _settled(b"".join(parts).decode())


def _settled(text: str) -> str:
    """The text as it stands in the end: without the lines of progress, which were wiped, and the machine's sandbox."""
    text = re.sub(r"\x1b\[\?25[hl]", "", text.replace("\r\n", "\n"))
    text = re.sub(r"[^\n]*\n\r?\x1b\[1A\r?\x1b\[2K", "", text)
    text = re.sub(r"[^\n]*\r\x1b\[2K", "", text)
    return re.sub(r"\x1b\[2m; sandbox: .*", "\x1b[0m", text)


def drawn(text: str) -> str:
    """The SVG of what a terminal shows."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "green"), (f"gradfix --diff {EXAMPLE}", "bold")))
    for line in Text.from_ansi(text.rstrip()).split(allow_blank=True):
        for part in line.divide(range(COLUMNS, len(line), COLUMNS)):  # as a terminal wraps: not at words
            console.print(part)
    return console.export_svg(title="", theme=THEME, code_format=SVG, unique_id="gradfix")


def lines_of(svg: str) -> list[str]:
    """The lines of text in a picture that `drawn` gave."""
    lines: dict[float, str] = {}
    for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        text = (element.text or "").replace("\xa0", " ")
        width = float(element.attrib["textLength"]) / len(text)
        before = lines.get(float(element.attrib["y"]), "")
        lines[float(element.attrib["y"])] = before.ljust(round(float(element.attrib["x"]) / width)) + text
    return [line.rstrip() for _, line in sorted(lines.items())]


if __name__ == "__main__":
    main()
