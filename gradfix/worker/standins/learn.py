"""`sklearn`: what training files use on their way, small and plain."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import learn_data, learn_metrics
from .notes import numbers


def _taken(data: Any, index: Any) -> Any:
    """Some rows, in the kind of thing that they were in."""
    if hasattr(data, "iloc"):
        return data.iloc[index]
    if isinstance(data, (list, tuple)):
        return [data[i] for i in index]
    return np.asarray(data)[index]


def _size(wanted: Any, n: int) -> int:
    return round(n * wanted) if isinstance(wanted, float) else int(wanted)


def train_test_split(
    *arrays: Any,
    test_size: Any = None,
    train_size: Any = None,
    random_state: Any = None,
    shuffle: bool = True,
    stratify: Any = None,
) -> list[Any]:
    """Two parts of each array."""
    n = len(arrays[0])
    test = _size(test_size, n) if test_size is not None else n - _size(0.75 if train_size is None else train_size, n)
    order = numbers(f"split {random_state}").permutation(n) if shuffle else np.arange(n)
    parts = (order[test:], order[:test]) if shuffle else (order[: n - test], order[n - test :])
    return [_taken(a, part) for a in arrays for part in parts]


def shuffle(*arrays: Any, random_state: Any = None, n_samples: Any = None) -> Any:
    """The same new order for each array."""
    order = numbers(f"shuffle {random_state}").permutation(len(arrays[0]))[:n_samples]
    made = [_taken(a, order) for a in arrays]
    return made[0] if len(made) == 1 else made


class Estimator:
    """The manners of all of them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.options = options
        self.__dict__.update(options)

    def fit(self, x: Any, y: Any = None, **_: Any) -> Any:
        """Learns nothing."""
        return self

    def transform(self, x: Any) -> Any:
        """Changes nothing."""
        return np.asarray(x)

    def fit_transform(self, x: Any, y: Any = None, **_: Any) -> Any:
        """Both."""
        return self.fit(x).transform(x)

    def get_params(self, *_: Any, **__: Any) -> dict[str, Any]:
        """What it was made with."""
        return self.options


class Scaler(Estimator):
    """x -> (x - shift) / scale."""

    def measures(self, x: Any) -> tuple[Any, Any]:
        """Shift and scale."""
        return x.mean(axis=0), x.std(axis=0)

    def fit(self, x: Any, y: Any = None, **_: Any) -> Any:
        """Measures each column."""
        x = np.asarray(x, dtype="float64")
        shift, scale = self.measures(x)
        self.shift, self.scale = shift, np.where(np.asarray(scale) == 0, 1.0, scale)
        self.n_features_in_ = x.shape[-1]
        self.tell(x)
        return self

    def tell(self, x: Any) -> None:
        """Sets what may be read of it."""
        self.scale_, self.mean_, self.center_, self.var_ = self.scale, self.shift, self.shift, self.scale**2

    partial_fit = fit

    def transform(self, x: Any) -> Any:
        """Scales."""
        x = np.asarray(x)
        made = (x - self.shift) / self.scale
        low, high = self.options.get("feature_range", (0, 1))
        made = made * (high - low) + low if (low, high) != (0, 1) else made
        return made.astype(x.dtype if x.dtype.kind == "f" else "float64")

    def inverse_transform(self, x: Any) -> Any:
        """Scales back."""
        low, high = self.options.get("feature_range", (0, 1))
        return (np.asarray(x) - low) / (high - low) * self.scale + self.shift


class MinMax(Scaler):
    """To [0, 1]."""

    def measures(self, x: Any) -> tuple[Any, Any]:
        return x.min(axis=0), x.max(axis=0) - x.min(axis=0)

    def tell(self, x: Any) -> None:
        low, high = self.options.get("feature_range", (0, 1))
        self.data_min_, self.data_max_, self.data_range_ = x.min(axis=0), x.max(axis=0), self.scale
        self.scale_ = (high - low) / self.scale
        self.min_ = low - self.shift * self.scale_


class MaxAbs(Scaler):
    """To [-1, 1]."""

    def measures(self, x: Any) -> tuple[Any, Any]:
        return 0.0, np.abs(x).max(axis=0)

    def tell(self, x: Any) -> None:
        self.scale_ = self.max_abs_ = self.scale


class LabelEncoder(Estimator):
    """Values to their numbers."""

    def fit(self, x: Any, y: Any = None, **_: Any) -> Any:
        """Learns the values."""
        self.classes_ = np.unique(np.asarray(x))
        return self

    def transform(self, x: Any) -> Any:
        """Their numbers."""
        return np.searchsorted(self.classes_, np.asarray(x))

    def inverse_transform(self, x: Any) -> Any:
        """The values of numbers."""
        return self.classes_[np.asarray(x)]


class LabelBinarizer(LabelEncoder):
    """Values to rows with a one."""

    def transform(self, x: Any) -> Any:
        """One column for each value; for two values a single one."""
        found = super().transform(np.ravel(np.asarray(x)))
        return found[:, None] if len(self.classes_) == 2 else np.eye(len(self.classes_), dtype="int64")[found]


class _Dense(np.ndarray[Any, Any]):
    """An array that has the way out of a sparse matrix."""

    def toarray(self) -> Any:
        """Itself."""
        return np.asarray(self)

    todense = toarray


class OneHotEncoder(Estimator):
    """Columns of values to columns of zeros and ones."""

    def fit(self, x: Any, y: Any = None, **_: Any) -> Any:
        """Learns the values of each column."""
        x = np.asarray(x)
        self.categories_ = [np.unique(x[:, i]) for i in range(x.shape[1])]
        return self

    def transform(self, x: Any) -> Any:
        """One column for each value of each column."""
        x = np.asarray(x)
        columns = [x[:, i][:, None] == values for i, values in enumerate(self.categories_)]
        return np.concatenate(columns, axis=1).astype("float64").view(_Dense)


class Folds(Estimator):
    """Parts for cross-validation."""

    def split(self, x: Any, y: Any = None, groups: Any = None) -> Any:
        """(training, test) indices."""
        n, k = len(x), int(self.options.get("n_splits", 5))
        for part in np.array_split(np.arange(n), k):
            yield np.setdiff1d(np.arange(n), part), part

    def get_n_splits(self, *_: Any) -> int:
        """How many."""
        return int(self.options.get("n_splits", 5))

    def __init__(self, n_splits: int = 5, **options: Any) -> None:
        super().__init__(n_splits=n_splits, **options)


class Pipeline(Estimator):
    """Steps one after the other."""

    def __init__(self, steps: Any, **options: Any) -> None:
        super().__init__(**options)
        self.steps = [s[1] if isinstance(s, tuple) else s for s in steps]

    def fit(self, x: Any, y: Any = None, **_: Any) -> Any:
        """Each step on what the one before gave."""
        for step in self.steps:
            x = step.fit_transform(x)
        return self

    def transform(self, x: Any) -> Any:
        """Through all steps."""
        for step in self.steps:
            x = step.transform(x)
        return x


class PCA(Estimator):
    """The first directions of a singular value decomposition."""

    def __init__(self, n_components: Any = None, **options: Any) -> None:
        super().__init__(n_components=n_components, **options)

    def fit(self, x: Any, y: Any = None, **_: Any) -> Any:
        """Finds the directions."""
        x = np.asarray(x, dtype="float64")
        self.mean_ = x.mean(axis=0)
        self.components_ = np.linalg.svd(x - self.mean_, full_matrices=False)[2][: self.options["n_components"]]
        return self

    def transform(self, x: Any) -> Any:
        """Along the directions."""
        return (np.asarray(x) - self.mean_) @ self.components_.T


def _weights(*_: Any, classes: Any = None, y: Any = None, **__: Any) -> Any:
    """`compute_class_weight`: all alike."""
    return np.ones(len(classes if classes is not None else np.unique(y)))


def names() -> dict[str, Any]:
    """All modules of the package in one."""
    scalers = dict.fromkeys(("StandardScaler", "RobustScaler", "QuantileTransformer", "PowerTransformer"), Scaler)
    same = dict.fromkeys(("Normalizer", "SimpleImputer", "KNNImputer", "FunctionTransformer"), Estimator)
    folds = dict.fromkeys(("KFold", "StratifiedKFold", "RepeatedKFold"), Folds)
    rest = {
        "train_test_split": train_test_split,
        "shuffle": shuffle,
        "MinMaxScaler": MinMax,
        "MaxAbsScaler": MaxAbs,
        "LabelEncoder": LabelEncoder,
        "OrdinalEncoder": Estimator,
        "LabelBinarizer": LabelBinarizer,
        "OneHotEncoder": OneHotEncoder,
        "Pipeline": Pipeline,
        "make_pipeline": lambda *steps, **_: Pipeline(steps),
        "PCA": PCA,
        "BaseEstimator": Estimator,
        "TransformerMixin": type("TransformerMixin", (), {}),
        "compute_class_weight": _weights,
    }
    return {**scalers, **same, **folds, **rest, **learn_data.names(), **learn_metrics.names()}
