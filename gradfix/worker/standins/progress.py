"""Progress bars that show nothing and iterate as the real ones do, and small stand-ins of logging packages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from .notes import words


def _nothing(*args: Any, **kwargs: Any) -> None:
    return None


SILENT = words(
    "set_postfix set_postfix_str set_description set_description_str close refresh reset clear display unpause start "
    "finish stop add show text title log print advance remove_task on_update child comment names graph_fig increment"
)
"""Methods of the various bars that only show."""


class Bar:
    """`tqdm`: the items of an iterable, and methods that do nothing."""

    def __init__(
        self, iterable: Iterable[Any] | None = None, desc: str | None = None, total: Any = None, *_: Any, **__: Any
    ) -> None:
        self.iterable, self.desc, self.n, self.disable = iterable, desc, 0, False
        self.total = total
        if total is None:
            with contextlib.suppress(TypeError, AttributeError):
                self.total = len(iterable)  # type: ignore[arg-type]
        self.postfix: Any = None
        self.format_dict: dict[str, Any] = {"n": 0, "total": self.total, "elapsed": 0.0}

    def __iter__(self) -> Iterator[Any]:
        for item in self.iterable if self.iterable is not None else ():
            yield item
            self.n += 1

    def __len__(self) -> int:
        return int(self.total or 0)

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *args: Any) -> None:
        pass

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """`ProgressBar()(iterable)`, and `bar()` of alive_progress."""
        return Bar(*args, **kwargs) if args and hasattr(args[0], "__iter__") else None

    def update(self, n: Any = 1, *_: Any, **__: Any) -> None:
        """Counts."""
        self.n += n if isinstance(n, int) else 1

    def __getattr__(self, name: str) -> Any:
        if name in SILENT:  # no other: AutoGraph tells iterables by their attributes
            return _nothing
        raise AttributeError(name)

    write = staticmethod(_nothing)
    pandas = staticmethod(_nothing)
    set_lock = staticmethod(_nothing)


def _range(*args: int, **kwargs: Any) -> Bar:
    return Bar(range(*args), **kwargs)


def _track(sequence: Iterable[Any], *_: Any, **__: Any) -> Bar:
    return Bar(sequence)


class Progress(Bar):
    """`rich.progress.Progress`: tasks are numbers."""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def add_task(self, *_: Any, **__: Any) -> int:
        """The only task."""
        return 0

    def track(self, sequence: Iterable[Any], *_: Any, **__: Any) -> Bar:
        """Iterates."""
        return Bar(sequence)

    def update(self, *_: Any, **__: Any) -> None:
        """Nothing."""


def _progress_bar(iterable: Any = None, *_: Any, **__: Any) -> Bar:
    """`fastprogress`, whose inner bars get a parent by keyword, and `alive_bar`, which gets a number."""
    return Bar(iterable if hasattr(iterable, "__iter__") else None)


class Config(dict[str, Any]):
    """`wandb.config`: a dict whose items are attributes too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def update(self, *args: Any, **kwargs: Any) -> None:
        """As a dict; further options are wandb's own."""
        super().update(*(dict(a) if not hasattr(a, "__dict__") or isinstance(a, dict) else vars(a) for a in args))


def wandb_names(inert: Any) -> dict[str, Any]:
    """`wandb`, whose configuration people read their settings back from."""
    config = Config()

    def init(*_: Any, **options: Any) -> Any:
        given = options.get("config")
        if given is not None and not isinstance(given, str):
            config.update(given)
        inert.config = config
        return inert

    return {"init": init, "config": config, "run": inert}


def horovod_names() -> dict[str, Any]:
    """`horovod.tensorflow`: one process, which keeps its tape and optimiser."""

    def first(value: Any, *_: Any, **__: Any) -> Any:
        return value

    ranks = dict.fromkeys(("rank", "local_rank", "cross_rank"), lambda: 0)
    sizes = dict.fromkeys(("size", "local_size", "cross_size"), lambda: 1)
    same = dict.fromkeys(("DistributedGradientTape", "DistributedOptimizer", "allreduce", "broadcast"), first)
    rest = dict.fromkeys(("init", "broadcast_variables", "broadcast_global_variables", "shutdown"), _nothing)
    return {**ranks, **sizes, **same, **rest}


TQDM = {
    "tqdm": Bar,
    "trange": _range,
    "tqdm_notebook": Bar,
    "tnrange": _range,
    "tqdm_gui": Bar,
    "tqdm_pandas": _nothing,
}
NAMES: dict[str, dict[str, Any]] = {
    "tqdm": TQDM,
    "rich": {"track": _track, "Progress": Progress, "print": print},
    "progressbar": {"progressbar": Bar, "ProgressBar": _progress_bar},
    "progressbar2": {"progressbar": Bar, "ProgressBar": _progress_bar},
    "alive_progress": {"alive_bar": _progress_bar, "alive_it": Bar},
    "fastprogress": {"progress_bar": _progress_bar, "master_bar": _progress_bar},
    "numba": {"prange": range},
    "horovod": horovod_names(),
}
