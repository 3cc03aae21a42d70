"""`gradfix` and `python -m gradfix`."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line and exits with its code."""
    try:
        if sys.argv[1:] == ["--version"]:  # asked by every editor and pre-commit hook at its start: no parser needed
            from gradfix import __version__

            print(f"gradfix {__version__}")
            sys.exit(0)
        from gradfix.quick import scan

        code = scan(sys.argv[1:])
        if code is not None:
            sys.exit(code)
        from gradfix.cli import run

        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:  # while modules were still being imported
        sys.exit(130)


if __name__ == "__main__":
    main()
