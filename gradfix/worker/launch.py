"""Starts the worker: `python launch.py SANDBOX`, requests on stdin, answers on stdout, as docs/protocol.md says.

The two streams are moved away before anything else is imported, so that no print of TensorFlow's or of user code can
get between the messages.
"""

import sys

sys.path.pop(0)  # this folder: its modules must not shadow anybody's

import importlib.util
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def main() -> None:
    """Serves until stdin ends."""
    inbox, outbox = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    spec = importlib.util.spec_from_file_location(
        "gradfix_worker", os.path.join(HERE, "__init__.py"), submodule_search_locations=[HERE]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["gradfix_worker"] = package
    spec.loader.exec_module(package)
    from gradfix_worker import server  # type: ignore[import-not-found]

    server.serve(inbox, outbox, sys.argv[1] if len(sys.argv) > 1 else "auto")
    os._exit(0)  # all is cleared away; TensorFlow would take a second to be torn down


if __name__ == "__main__":
    main()
