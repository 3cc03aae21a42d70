"""The import of Keras leaves no settings file behind where there was none."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def as_it_was() -> Iterator[None]:
    """What Keras writes into its folder when it is imported (its default settings) goes again, if it was not there."""
    folder = os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    settings = os.path.join(folder, "keras.json")
    new, new_folder = not os.path.lexists(settings), not os.path.lexists(folder)
    try:
        yield
    finally:
        if new:
            with contextlib.suppress(OSError):
                os.remove(settings)
        if new_folder:
            with contextlib.suppress(OSError):  # another process has put something there meanwhile
                os.rmdir(folder)
