"""Writes docs/assets/report.html, the report on the example of the first steps: `python docs/sample.py`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

DOCS = Path(__file__).parent
SAMPLE = DOCS / "assets" / "report.html"


def main() -> None:
    """Runs gradfix on the example, and keeps its report."""
    (text,) = re.findall(r'```python title="train.py"\n(.+?)```', (DOCS / "start.md").read_text(), re.DOTALL)
    with TemporaryDirectory() as folder:
        (Path(folder) / "train.py").write_text(text)
        command = [sys.executable, "-m", "gradfix", "--no-cache", "--report", "report.html", "train.py"]
        subprocess.run(command, cwd=folder, check=False)
        shutil.copy(Path(folder) / "report.html", SAMPLE)


if __name__ == "__main__":
    main()
