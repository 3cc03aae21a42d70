"""`sklearn.metrics`: the usual numbers."""

from __future__ import annotations

from typing import Any

import numpy as np


def _flat(values: Any) -> Any:
    return np.ravel(np.asarray(values))


def accuracy_score(y_true: Any, y_pred: Any, **_: Any) -> float:
    """The part that is right."""
    return float(np.mean(_flat(y_true) == _flat(y_pred)))


def precision_recall_fscore_support(y_true: Any, y_pred: Any, **_: Any) -> Any:
    """Averages over the classes."""
    true, found = _flat(y_true), _flat(y_pred)
    rows = []
    for label in np.union1d(true, found):
        hits = float(np.sum((true == label) & (found == label)))
        p, r = hits / max(1, np.sum(found == label)), hits / max(1, np.sum(true == label))
        rows.append((p, r, 2 * p * r / max(p + r, 1e-12)))
    p, r, f = (float(v) for v in np.mean(rows, axis=0))
    return p, r, f, None


def confusion_matrix(y_true: Any, y_pred: Any, **_: Any) -> Any:
    """Counts of pairs."""
    true, found = _flat(y_true), _flat(y_pred)
    labels = np.union1d(true, found)
    made: Any = np.zeros((len(labels), len(labels)), dtype="int64")
    np.add.at(made, (np.searchsorted(labels, true), np.searchsorted(labels, found)), 1)
    return made


def roc_auc_score(y_true: Any, y_score: Any, **_: Any) -> float:
    """How often a one is scored above a zero."""
    true, score = _flat(y_true), _flat(y_score)
    if true.shape != score.shape:
        return 0.5
    ones, zeros = score[true > 0.5], score[true <= 0.5]
    if not len(ones) or not len(zeros):
        return 0.5
    return float(np.mean((ones[:, None] > zeros) + 0.5 * (ones[:, None] == zeros)))


def roc_curve(y_true: Any, y_score: Any, **_: Any) -> Any:
    """Rates at some thresholds."""
    true, score = _flat(y_true) > 0.5, _flat(y_score)
    steps = np.unique(score)[::-1]
    hits = np.array([np.mean(score[true] >= t) if true.any() else 0.0 for t in steps])
    misses = np.array([np.mean(score[~true] >= t) if (~true).any() else 0.0 for t in steps])
    return misses, hits, steps


def _difference(power: Any) -> Any:
    def error(y_true: Any, y_pred: Any, squared: bool = True, **_: Any) -> float:
        made = float(np.mean(power(np.asarray(y_true, "float64") - np.asarray(y_pred, "float64"))))
        return made if squared else made**0.5

    return error


def r2_score(y_true: Any, y_pred: Any, **_: Any) -> float:
    """The part of the variance that is explained."""
    true, found = _flat(y_true), _flat(y_pred)
    return float(1 - np.sum((true - found) ** 2) / max(np.sum((true - true.mean()) ** 2), 1e-12))


def log_loss(y_true: Any, y_pred: Any, **_: Any) -> float:
    """Cross-entropy."""
    true, found = np.asarray(y_true), np.clip(np.asarray(y_pred, "float64"), 1e-12, 1 - 1e-12)
    if found.ndim == 2:
        return float(-np.mean(np.log(found[np.arange(len(true)), true.astype(int)])))
    return float(-np.mean(true * np.log(found) + (1 - true) * np.log(1 - found)))


def names() -> dict[str, Any]:
    """By the names of the package."""
    squared, absolute = _difference(np.square), _difference(np.abs)
    whole = precision_recall_fscore_support
    return {
        "accuracy_score": accuracy_score,
        "balanced_accuracy_score": accuracy_score,
        "precision_score": lambda *a, **k: whole(*a, **k)[0],
        "recall_score": lambda *a, **k: whole(*a, **k)[1],
        "f1_score": lambda *a, **k: whole(*a, **k)[2],
        "precision_recall_fscore_support": whole,
        "confusion_matrix": confusion_matrix,
        "classification_report": lambda *a, **k: {} if k.get("output_dict") else "",
        "roc_auc_score": roc_auc_score,
        "average_precision_score": roc_auc_score,
        "roc_curve": roc_curve,
        "auc": lambda x, y: float(np.abs(np.sum(np.diff(x) * (np.asarray(y)[1:] + np.asarray(y)[:-1]) / 2))),
        "mean_squared_error": squared,
        "root_mean_squared_error": lambda *a, **k: squared(*a, **k) ** 0.5,
        "mean_absolute_error": absolute,
        "r2_score": r2_score,
        "log_loss": log_loss,
        "matthews_corrcoef": lambda *a, **k: 0.0,
        "cohen_kappa_score": lambda *a, **k: 0.0,
    }
