"""Runs short programs on the TensorFlow of this interpreter: what its tapes answered, and what was said.

Read from stdin: a JSON list of `[set-up, program]`. Written to stdout: a list of `{"missing", "said"}`. `missing` has
for each question to a tape whether each source got no gradient, `said` what was raised, logged and warned of. One
process for all: TensorFlow is imported once.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from typing import Any


def main() -> None:
    """Reads, runs and writes."""
    programs = json.load(sys.stdin)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import numpy as np
    import tensorflow as tf

    answers: list[list[bool]] = []
    logged: list[str] = []

    class Watched(tf.GradientTape):  # type: ignore[misc]
        def gradient(self, *given: Any, **named: Any) -> Any:
            answer = super().gradient(*given, **named)
            answers.append([one is None for one in tf.nest.flatten(answer)])
            return answer

    handler = logging.Handler()
    handler.emit = lambda record: logged.append(record.getMessage())  # type: ignore[method-assign]
    tf.get_logger().addHandler(handler)
    tf.GradientTape = Watched
    results = []
    for setup, program in programs:
        names: dict[str, Any] = {"tf": tf, "np": np, "__name__": "program"}
        tf.keras.utils.set_random_seed(1)
        answers.clear()
        logged.clear()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                exec(compile(setup, "setup", "exec"), names)
                exec(compile(program, "program", "exec"), names)
            except Exception as e:
                logged.append(f"{type(e).__name__}: {e}")
        said = "\n".join([*logged, *(str(warning.message) for warning in warned)])
        results.append({"missing": list(answers), "said": said})
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
