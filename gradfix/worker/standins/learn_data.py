"""`sklearn.datasets`: random data with the shapes and ranges of the real sets."""

from __future__ import annotations

from typing import Any

import numpy as np

from .notes import ROWS, numbers

TABLES = {
    "load_iris": (150, 4, 3),
    "load_wine": (178, 13, 3),
    "load_breast_cancer": (569, 30, 2),
    "load_digits": (400, 64, 10),
    "load_diabetes": (442, 10, 0),
    "load_linnerud": (20, 3, 0),
    "load_boston": (506, 13, 0),
    "fetch_california_housing": (ROWS * 2, 8, 0),
    "fetch_covtype": (ROWS * 2, 54, 7),
    "fetch_olivetti_faces": (400, 4096, 40),
}
"""Rows, columns and classes; no classes means a target of floats."""


class Bunch(dict[str, Any]):
    """A dict whose items are attributes too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def _loader(name: str, rows: int, columns: int, classes: int) -> Any:
    def load(*_: Any, return_X_y: bool = False, as_frame: bool = False, **__: Any) -> Any:
        generator = numbers(name)
        x = generator.random((rows, columns)) * (16.0 if name == "load_digits" else 8.0)
        x = np.floor(x) if name == "load_digits" else x
        y = generator.permutation(np.arange(rows) % classes) if classes else generator.random(rows) * 5.0
        features = [f"feature {i}" for i in range(columns)]
        more: dict[str, Any] = {"images": x.reshape(rows, 8, 8)} if name == "load_digits" else {}
        if name == "fetch_olivetti_faces":
            x = x.astype("float32") / 8
            more["images"] = x.reshape(rows, 64, 64)
        data: Any = x
        if as_frame:
            from .series import Series
            from .tables import DataFrame

            data, y = DataFrame(dict(zip(features, x.T, strict=True))), Series(y, "target")
            more["frame"] = DataFrame({**data.columns_, "target": np.asarray(y)})
        if return_X_y:
            return data, y
        names = np.array([f"class_{i}" for i in range(classes)])
        return Bunch(data=data, target=y, feature_names=features, target_names=names, DESCR="", **more)

    return load


def _openml(name: Any = "mnist_784", *_: Any, return_X_y: bool = False, as_frame: Any = "auto", **__: Any) -> Any:
    generator = numbers(f"openml {name}")
    pixels = "mnist" in str(name).lower()
    x = generator.integers(0, 256, (ROWS * 2, 784)).astype("float64") if pixels else generator.random((ROWS * 2, 8))
    y = generator.integers(0, 10 if pixels else 2, ROWS * 2).astype(str).astype(object)
    return (x, y) if return_X_y else Bunch(data=x, target=y, feature_names=[f"pixel{i + 1}" for i in range(x.shape[1])])


def _state(options: dict[str, Any]) -> str:
    return f"make {options.get('random_state')}"


def make_classification(n_samples: int = 100, n_features: int = 20, n_classes: int = 2, **options: Any) -> Any:
    """Normal clouds around one centre for each class."""
    generator = numbers(_state(options))
    y = generator.integers(0, n_classes, n_samples)
    return generator.normal(size=(n_samples, n_features)) + generator.normal(size=(n_classes, n_features))[y], y


def make_blobs(n_samples: int = 100, n_features: int = 2, centers: Any = 3, **options: Any) -> Any:
    """The same with less spread."""
    count = centers if isinstance(centers, int) else len(centers)
    x, y = make_classification(n_samples, n_features, count or 3, **options)
    return x * 2.0, y


def make_regression(n_samples: int = 100, n_features: int = 100, n_targets: int = 1, **options: Any) -> Any:
    """A linear function with noise."""
    generator = numbers(_state(options))
    x = generator.normal(size=(n_samples, n_features))
    y = x @ generator.normal(size=(n_features, n_targets)) + 0.1 * generator.normal(size=(n_samples, n_targets))
    return x, y[:, 0] if n_targets == 1 else y


def make_moons(n_samples: int = 100, **options: Any) -> Any:
    """Two half circles."""
    generator = numbers(_state(options))
    y: Any = np.arange(n_samples) % 2
    angle = generator.uniform(0, np.pi, n_samples) + np.pi * y
    x = np.stack([np.cos(angle) + y, np.sin(angle) + 0.5 * y], axis=1)
    return x + generator.normal(size=x.shape) * float(options.get("noise") or 0.0), y


def make_circles(n_samples: int = 100, **options: Any) -> Any:
    """A circle in another."""
    generator = numbers(_state(options))
    y: Any = np.arange(n_samples) % 2
    angle, radius = generator.uniform(0, 2 * np.pi, n_samples), np.where(y, options.get("factor", 0.8), 1.0)
    return np.stack([np.cos(angle) * radius, np.sin(angle) * radius], axis=1), y


def make_swiss_roll(n_samples: int = 100, **options: Any) -> Any:
    """A rolled plane."""
    generator = numbers(_state(options))
    t = 1.5 * np.pi * (1 + 2 * generator.random(n_samples))
    return np.stack([t * np.cos(t), 21 * generator.random(n_samples), t * np.sin(t)], axis=1), t


def names() -> dict[str, Any]:
    """By the names of the package."""
    loaders = {name: _loader(name, *size) for name, size in TABLES.items()}
    made = (make_classification, make_blobs, make_regression, make_moons, make_circles, make_swiss_roll)
    return {**loaders, "fetch_openml": _openml, **{f.__name__: f for f in made}, "Bunch": Bunch}
