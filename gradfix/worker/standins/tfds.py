"""`tensorflow_datasets`: pipelines of random elements in the form of the real data sets."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from . import hints
from .notes import Notes, numbers

IMAGES: dict[str, tuple[tuple[int, int, int], int]] = {
    "mnist": ((28, 28, 1), 10),
    "fashion_mnist": ((28, 28, 1), 10),
    "kmnist": ((28, 28, 1), 10),
    "emnist": ((28, 28, 1), 62),
    "cifar10": ((32, 32, 3), 10),
    "cifar100": ((32, 32, 3), 100),
    "svhn_cropped": ((32, 32, 3), 10),
    "cats_vs_dogs": ((96, 96, 3), 2),
    "rock_paper_scissors": ((96, 96, 3), 3),
    "horses_or_humans": ((96, 96, 3), 2),
    "tf_flowers": ((96, 96, 3), 5),
    "oxford_flowers102": ((96, 96, 3), 102),
    "stanford_dogs": ((96, 96, 3), 120),
    "food101": ((96, 96, 3), 101),
    "eurosat": ((64, 64, 3), 10),
    "malaria": ((96, 96, 3), 2),
    "beans": ((96, 96, 3), 3),
    "imagenette": ((96, 96, 3), 10),
    "celeb_a": ((96, 96, 3), 2),
    "oxford_iiit_pet": ((96, 96, 3), 37),
    "colorectal_histology": ((96, 96, 3), 8),
}
RATINGS = ("user_id", "movie_id", "movie_title", "user_rating")
TEXTS = {"imdb_reviews": 2, "ag_news_subset": 4, "yelp_polarity_reviews": 2, "glue": 2, "sentiment140": 2}
MORE: dict[str, dict[str, tuple[int, int]]] = {
    "oxford_iiit_pet": {"segmentation_mask": (1, 4)},
}
"""Further pictures of one channel, with the range of their values."""
PAIRS = {"ted_hrlr_translate": ("pt", "en"), "wmt14_translate": ("de", "en"), "para_crawl": ("de", "en")}
SIZES = {"train": 256, "test": 64, "validation": 64}


class Feature:
    """What is known of labels."""

    def __init__(self, classes: int, shape: Any = ()) -> None:
        self.num_classes, self.shape = classes, shape
        self.names = [f"class_{i}" for i in range(classes)]

    def int2str(self, i: Any) -> str:
        """The name of a class."""
        return self.names[int(i) % max(1, len(self.names))]

    def str2int(self, name: str) -> int:
        """Its number."""
        return self.names.index(name)


class Info:
    """What `with_info=True` gives."""

    def __init__(self, name: str, shape: Any, classes: int) -> None:
        self.name, self.full_name, self.description = name, name, ""
        self.features = {"label": Feature(classes), "image": Feature(0, shape), "text": Feature(0)}
        self.splits = {
            k: type("Split", (), {"num_examples": n, "num_shards": 1, "name": k})() for k, n in SIZES.items()
        }
        self.supervised_keys = ("image", "label")


def _elements(name: str, split: str, said: hints.Hints) -> tuple[dict[str, Any], Any, int]:
    """Columns of one split, the shape of an image, and the number of classes."""
    plain = name.partition("/")[0].partition(":")[0]
    whole = re.match(r"[a-z_]+", split)
    n = SIZES.get(whole.group() if whole else "train", 256)
    generator = numbers(f"tfds {plain} {split}")
    if plain in PAIRS:
        sayings = np.array(["a short saying of some words", "another one", "and a third that is longer"])
        return {key: sayings[generator.integers(0, 3, n)] for key in PAIRS[plain]}, None, 0
    if plain in TEXTS or "review" in plain or "text" in plain:
        classes = TEXTS.get(plain, 2)
        text = np.array(["a film with a good story", "a bad end", "great actors and a boring plot"])
        return (
            {"text": text[generator.integers(0, 3, n)], "label": np.arange(n, dtype="int64") % classes},
            None,
            classes,
        )
    if plain == "movielens":
        ids = {k: np.array([f"{k} {i}" for i in generator.integers(0, 40, n)]) for k in RATINGS[:3]}
        return {**ids, "user_rating": generator.integers(1, 6, n).astype("float32")}, None, 0
    if plain in ("iris", "titanic", "wine_quality"):
        labels: Any = np.arange(n, dtype="int64") % 3
        return {"features": generator.random((n, 4)).astype("float32"), "label": labels}, (4,), 3
    shape, classes = IMAGES.get(plain, ((64, 64, 3), said.count))
    images = generator.integers(0, 256, (n, *shape), dtype="uint8")
    made = {"image": images, "label": generator.permutation(np.arange(n, dtype="int64") % classes)}
    for key, (low, high) in MORE.get(plain, {}).items():
        made[key] = generator.integers(low, high, (n, *shape[:2], 1), dtype="uint8")
    return made, shape, classes


def names(notes: Notes) -> dict[str, Any]:
    """By the names of the package."""
    import tensorflow as tf

    def one(name: str, split: Any, supervised: bool) -> Any:
        columns, _, _ = _elements(name, str(split), hints.of_frame(notes.user()))
        made = tf.data.Dataset.from_tensor_slices(tuple(columns.values())[:2] if supervised else columns)
        return made.apply(tf.data.experimental.assert_cardinality(len(next(iter(columns.values())))))

    def load(
        name: str,
        split: Any = None,
        data_dir: Any = None,
        batch_size: Any = None,
        shuffle_files: bool = False,
        download: bool = True,
        as_supervised: bool = False,
        *_: Any,
        with_info: bool = False,
        **__: Any,
    ) -> Any:
        columns, shape, classes = _elements(name, "train", hints.of_frame(notes.user()))
        kinds = ", ".join(f"{k} {v.dtype} {v.shape[1:]}" for k, v in columns.items())
        notes.say(f"tensorflow_datasets.load({name!r})", f"random elements: {kinds}")
        made: Any
        if split is None:
            made = {k: one(name, k, as_supervised) for k in SIZES}
        elif isinstance(split, dict):
            made = {k: one(name, s, as_supervised) for k, s in split.items()}
        elif isinstance(split, (list, tuple)):
            made = [one(name, s, as_supervised) for s in split]
        else:
            made = one(name, split, as_supervised)
        if batch_size:
            size = 256 if batch_size == -1 else batch_size
            made = tf.nest.map_structure(lambda d: d.batch(size), made)
            if batch_size == -1:
                made = tf.nest.map_structure(lambda d: next(iter(d)), made)
        return (made, Info(name, shape, classes)) if with_info else made

    class Builder:
        """`tfds.builder(name)`."""

        def __init__(self, name: str, **_: Any) -> None:
            _, shape, classes = _elements(name, "train", hints.of_frame(notes.user()))
            self.name, self.info = name, Info(name, shape, classes)

        def download_and_prepare(self, *_: Any, **__: Any) -> None:
            """Nothing is to be fetched."""

        def as_dataset(self, split: Any = None, as_supervised: bool = False, **_: Any) -> Any:
            """The elements."""
            return load(self.name, split, as_supervised=as_supervised)

    def as_numpy(data: Any) -> Any:
        if isinstance(data, tf.data.Dataset):
            return data.as_numpy_iterator()
        return tf.nest.map_structure(lambda t: t.numpy(), data)

    split = type("Split", (), {"TRAIN": "train", "TEST": "test", "VALIDATION": "validation"})
    nothing: dict[str, Any] = dict.fromkeys(("disable_progress_bar", "show_examples"), lambda *a, **k: None)
    return {"load": load, "builder": Builder, "as_numpy": as_numpy, "Split": split, **nothing}
