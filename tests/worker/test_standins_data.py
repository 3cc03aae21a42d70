"""Data, weights and time: what stands in for files, data sets and downloads that are not there."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gradfix.run.lab import Lab, subject_of
from gradfix.run.messages import Entry, Limits, Run
from gradfix.run.pool import Pool

Scripted = Callable[..., "Said"]


@dataclass(frozen=True)
class Said:
    """One run of a script: what it printed, and the stand-ins that it was told of."""

    run: Run

    @property
    def lines(self) -> list[str]:
        """What it printed."""
        return self.run.output.splitlines()

    @property
    def standins(self) -> dict[str, dict[str, Any]]:
        """The events, by what they stand in for."""
        return {e["what"]: e for e in self.run.others if e["event"] == "standin"}


@pytest.fixture
def scripted(pool: Pool, tmp_path: Path) -> Scripted:
    """Runs a text as a script in a worker."""

    def run(text: str, **files: str) -> Said:
        for name, content in files.items():
            (tmp_path / name.replace("__", ".")).write_text(content)
        path, text = str(tmp_path / "train.py"), textwrap.dedent(text)
        Path(path).write_text(text)
        lab = Lab(pool, subject_of(path), Limits(()))
        said = Said(lab.run(Entry(), {path: text}))
        assert not said.run.death
        return said

    return run


IMAGES = [
    ("mnist", "(512, 28, 28) uint8 (512,) uint8"),
    ("fashion_mnist", "(512, 28, 28) uint8 (512,) uint8"),
    ("cifar10", "(512, 32, 32, 3) uint8 (512, 1) uint8"),
    ("cifar100", "(512, 32, 32, 3) uint8 (512, 1) int64"),
    ("boston_housing", "(404, 13) float64 (404,) float64"),
]


@pytest.mark.parametrize(("name", "expected"), IMAGES, ids=[name for name, _ in IMAGES])
def test_a_data_set_has_the_true_shapes_and_types(scripted: Scripted, name: str, expected: str) -> None:
    said = scripted(f"""\
        import tensorflow as tf
        (x, y), _ = tf.keras.datasets.{name}.load_data()
        print(x.shape, x.dtype, y.shape, y.dtype)
        """)
    assert said.lines == [expected], said.run.trouble
    (event,) = said.standins.values()
    assert event["what"] == f"keras.datasets.{name}.load_data()"
    assert event["place"][1] == 2


SPELLINGS = [
    "from tensorflow.keras.datasets import mnist; load = mnist.load_data",
    "from tensorflow.keras.datasets.mnist import load_data as load",
    "from keras.datasets import mnist; load = mnist.load_data",
    "import keras; load = keras.datasets.mnist.load_data",
    "from tensorflow import keras; load = keras.datasets.mnist.load_data",
    "import tensorflow as tf; load = tf.keras.datasets.mnist.load_data",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_the_same_function(scripted: Scripted, spelling: str) -> None:
    said = scripted(f"{spelling}\nprint(load()[0][0].shape)\n")
    assert said.lines == ["(512, 28, 28)"], said.run.trouble


def test_texts_are_ragged_and_keep_to_their_limits(scripted: Scripted) -> None:
    said = scripted("""\
        from tensorflow.keras.datasets import imdb
        (x, y), _ = imdb.load_data(num_words=1000, maxlen=50)
        print(max(map(max, x)) < 1000, max(map(len, x)) <= 50, len(set(map(len, x))) > 3, set(map(int, y)))
        print(imdb.get_word_index()["the"])
        """)
    assert said.lines == ["True True True {0, 1}", "1"]


def test_random_numbers_of_the_code_are_not_disturbed(scripted: Scripted) -> None:
    drawn = """
        import random, numpy as np, tensorflow as tf
        print(random.random(), np.random.rand(), float(tf.random.normal([])))
        """
    plain = scripted(drawn)
    loaded = scripted("""\
        import random, numpy as np, tensorflow as tf
        tf.keras.datasets.cifar10.load_data()
        np.load("features.npy")
        open("numbers.csv").read()
        print(random.random(), np.random.rand(), float(tf.random.normal([])))
        """)
    assert loaded.lines == plain.lines
    assert len(loaded.standins) == 3


def test_what_is_made_up_is_the_same_in_every_run(scripted: Scripted) -> None:
    text = """\
        import numpy as np, tensorflow as tf
        (x, y), _ = tf.keras.datasets.mnist.load_data()
        print(int(x.sum()), np.load("a.npy").sum(), open("b.csv").read()[:40])
        """
    assert scripted(text).lines == scripted(text).lines != []


def test_a_file_that_is_there_is_read(scripted: Scripted) -> None:
    said = scripted('print(open("words.txt").read())\n', words__txt="real")
    assert said.lines == ["real"]
    assert not said.standins


def test_rows_of_a_table_have_the_columns_that_the_code_takes(scripted: Scripted) -> None:
    said = scripted("""\
        import csv
        with open("reactor.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        print(len(rows), all(0 <= float(r["t"]) <= 1 and float(r["ph"]) >= 0 for r in rows), sorted(rows[0]))
        """)
    assert said.lines == ["256 True ['ph', 't']"], said.run.trouble


def test_lines_of_numbers_have_as_many_as_are_unpacked(scripted: Scripted) -> None:
    said = scripted("""\
        for line in open("points.csv"):
            a, b, c = line.split(",")
        print(len(a) > 0, float(c) >= 0)
        """)
    assert said.lines == ["True True"], said.run.trouble


def test_settings_come_with_the_keys_that_are_read(scripted: Scripted) -> None:
    said = scripted("""\
        import json
        config = json.load(open("config.json"))
        print(config["learning_rate"], config["epochs"], config.get("batch_size"))
        """)
    assert said.lines == ["0.01 2 16"]


@pytest.mark.parametrize("error", ["FileNotFoundError", "OSError", "Exception", "(ValueError, IOError)"])
def test_code_that_is_ready_for_a_missing_file_misses_it(scripted: Scripted, error: str) -> None:
    said = scripted(f"""\
        import numpy as np
        try:
            np.load("state.npz")
        except {error}:
            print("fresh")
        """)
    assert said.lines == ["fresh"]
    assert not said.standins


def test_code_that_gives_up_without_its_file_gets_one(scripted: Scripted) -> None:
    said = scripted("""\
        import sys
        try:
            text = open("corpus.txt").read()
        except FileNotFoundError:
            sys.exit("no corpus")
        print(len(text.split()) > 100)
        """)
    assert said.lines == ["True"]


def test_answers_about_files_and_writing_stay_honest(scripted: Scripted) -> None:
    said = scripted("""\
        import os, pickle
        print(os.path.exists("model.h5"), os.path.isdir("data"))
        open("new.txt", "w").write("x")
        print(open("new.txt").read())
        pickle.load(open("objects.pkl", "rb"))
        """)
    assert said.lines == ["False False", "x"]
    assert said.run.trouble is not None
    assert said.run.trouble.type == "FileNotFoundError"
    assert not said.standins


def test_arrays_fit_the_model_and_its_loss(scripted: Scripted) -> None:
    said = scripted("""\
        import numpy as np, tensorflow as tf
        data = np.load("digits.npz")
        print(data["x_train"].shape, data["x_train"].dtype, data["y_train"].shape, data["y_train"].max())
        model = tf.keras.Sequential([tf.keras.Input((8, 8, 1)), tf.keras.layers.Flatten(), tf.keras.layers.Dense(5)])
        loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        """)
    assert said.lines == ["(256, 8, 8, 1) float32 (256,) 4"]


def test_an_archive_is_known_by_its_use_and_fits_a_model_of_another_module(scripted: Scripted) -> None:
    nets = """
        from tensorflow.keras import Input, Model, layers
        def build(size=12, classes=3):
            picture = Input((size, size, 1))
            return Model(picture, layers.Dense(classes, activation="softmax")(layers.Flatten()(picture)))
        """
    reading = """
        import numpy as np
        def arrays(path):
            held = np.load(path)
            return held["images"], held["labels"]
        """
    said = scripted(
        """\
        import nets
        from reading import arrays
        model = nets.build()
        model.compile(loss="sparse_categorical_crossentropy")
        x, y = arrays("held")
        print(x.shape, y.max(), model(x[:2]).shape)
        """,
        nets__py=textwrap.dedent(nets),
        reading__py=textwrap.dedent(reading),
    )
    assert said.lines == ["(256, 12, 12, 1) 2 (2, 3)"], said.run.trouble


def test_pictures_of_a_folder_go_through_a_pipeline(scripted: Scripted) -> None:
    said = scripted("""\
        import glob
        import tensorflow as tf
        paths = sorted(glob.glob("pictures/*/*.png"))
        def load(path):
            return tf.image.resize(tf.io.decode_png(tf.io.read_file(path), channels=3), (8, 8))
        data = tf.data.Dataset.from_tensor_slices(paths).shuffle(60000).map(load).cache("cache").batch(4)
        print(len(paths), next(iter(data)).shape)
        """)
    assert said.lines == ["48 (4, 8, 8, 3)"], said.run.trouble


def test_folders_of_classes_keep_to_sizes_and_label_modes(scripted: Scripted) -> None:
    said = scripted("""\
        from tensorflow import keras
        for mode in ("int", "binary", "categorical"):
            data = keras.utils.image_dataset_from_directory(
                "flowers", label_mode=mode, image_size=(16, 12), batch_size=4, color_mode="grayscale",
                class_names=["a", "b"])
            x, y = next(iter(data))
            print(data.class_names, x.shape, x.dtype.name, y.shape, y.dtype.name)
        """)
    assert said.lines == [
        "['a', 'b'] (4, 16, 12, 1) float32 (4,) int32",
        "['a', 'b'] (4, 16, 12, 1) float32 (4, 1) float32",
        "['a', 'b'] (4, 16, 12, 1) float32 (4, 2) float32",
    ], said.run.trouble


def test_records_have_the_features_that_are_parsed(scripted: Scripted) -> None:
    said = scripted("""\
        import tensorflow as tf
        features = {"image": tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64),
                    "box": tf.io.FixedLenFeature([4], tf.float32)}
        def parse(record):
            example = tf.io.parse_single_example(record, features)
            return tf.io.decode_jpeg(example["image"], channels=3), example["label"], example["box"]
        image, label, box = next(iter(tf.data.TFRecordDataset("train.tfrecord").map(parse).batch(3)))
        print(image.shape, label.shape, box.shape)
        """)
    assert said.lines == ["(3, 64, 64, 3) (3,) (3, 4)"], said.run.trouble


def test_a_download_is_a_path_whose_contents_are_made_up(scripted: Scripted) -> None:
    said = scripted("""\
        import tensorflow as tf
        path = tf.keras.utils.get_file("shakespeare.txt", "https://example.org/shakespeare.txt")
        print(len(open(path, "rb").read().decode("utf-8")) > 1000)
        """)
    assert said.lines == ["True"], said.run.trouble


def test_pretrained_networks_keep_their_shape_with_random_weights(scripted: Scripted) -> None:
    said = scripted("""\
        import tensorflow as tf
        shape = (96, 96, 3)
        net = tf.keras.applications.MobileNetV2(weights="imagenet", include_top=False, input_shape=shape, alpha=0.35)
        print(net.output_shape)
        net.load_weights("best.weights.h5")
        """)
    assert said.run.trouble is None
    assert said.lines == ["(None, 3, 3, 1280)"]
    assert set(said.standins) == {
        "the pretrained weights of keras.applications.mobilenet_v2",
        "the weights 'best.weights.h5'",
    }


def test_a_whole_model_cannot_be_made_up(scripted: Scripted) -> None:
    said = scripted('import tensorflow as tf\ntf.keras.models.load_model("model.keras")\n')
    assert said.run.trouble is not None
    assert "model.keras" in said.run.trouble.message


def test_nobody_waits(scripted: Scripted) -> None:
    said = scripted("""\
        import time
        from time import sleep
        start = time.time()
        sleep(30)
        print(repr(input("Go? ")), time.time() - start < 5)
        """)
    assert said.lines == ["Go? '' True"]


def test_archives_are_unpacked_to_nothing_and_their_files_made_up(scripted: Scripted) -> None:
    said = scripted("""\
        import gzip, os, zipfile
        import numpy as np
        with zipfile.ZipFile("data.zip") as archive:
            archive.extractall("data")
        print(len(os.listdir("data")))
        with gzip.open("train-images-idx3-ubyte.gz", "rb") as file:
            print(np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28).shape)
        zipfile.ZipFile("own.zip", "w").writestr("a", "b")
        print(zipfile.ZipFile("own.zip").namelist())
        """)
    assert said.lines == ["24", "(256, 28, 28)", "['a']"], said.run.trouble


def test_a_missing_file_of_arrays_is_an_archive_and_own_files_stay(scripted: Scripted) -> None:
    said = scripted("""\
        import h5py, numpy as np
        with h5py.File("train.h5", "r") as file:
            print(np.array(file["train_x"][:]).shape, np.array(file["train_y"]).dtype)
        with h5py.File("own.h5", "w") as file:
            file["a"] = np.ones(3)
        with h5py.File("own.h5", "r") as file:
            print(file["a"].shape)
        """)
    assert said.lines == ["(256, 8) int64", "(3,)"], said.run.trouble


def test_large_pictures_come_in_small_batches(scripted: Scripted) -> None:
    said = scripted("""\
        import numpy as np, tensorflow as tf
        small = tf.data.Dataset.from_tensor_slices(np.zeros((300, 8), "float32")).batch(256)
        large = tf.data.Dataset.from_tensors(np.zeros((512, 512, 3), "float32")).repeat().batch(64)
        print(next(iter(small)).shape, next(iter(large)).shape)
        """)
    assert said.lines == ["(256, 8) (4, 512, 512, 3)"], said.run.trouble
    assert list(said.standins) == ["Dataset.batch(64)"]


def test_what_a_library_looks_for_is_not_made_up(scripted: Scripted) -> None:
    said = scripted("""\
        import configparser, logging.config, tokenize
        print(configparser.ConfigParser().read("settings.ini"))
        tokenize.open("nothing.py")
        """)
    assert said.lines == ["[]"]
    assert said.run.trouble is not None
    assert not said.standins


KEYWORDS = [
    ("cifar100.load_data(label_mode='coarse')", "(512, 32, 32, 3) uint8 (512, 1) int64 19"),
    ("mnist.load_data(path='mnist.npz')", "(512, 28, 28) uint8 (512,) uint8 9"),
    ("imdb.load_data(num_words=50, skip_top=10)", "(512,) object (512,) int64 1"),
    ("reuters.load_data(num_words=1000, test_split=0.2)", "(512,) object (512,) int64 45"),
    ("california_housing.load_data(version='small')", "(404, 8) float32 (404,) float32 None"),
    ("boston_housing.load_data(path='boston.npz', test_split=0.2)", "(404, 13) float64 (404,) float64 None"),
]


@pytest.mark.parametrize(("call", "expected"), KEYWORDS, ids=[call.partition(".")[0] for call, _ in KEYWORDS])
def test_data_sets_take_the_keywords_of_the_real_ones(scripted: Scripted, call: str, expected: str) -> None:
    said = scripted(f"""\
        import sys
        import keras
        if not hasattr(keras.datasets, {call.partition(".")[0]!r}):
            sys.exit(print("absent"))
        (x, y), _ = keras.datasets.{call}
        print(x.shape, x.dtype, y.shape, y.dtype, y.max() if y.dtype.kind in "iu" else None)
        """)
    if said.lines == ["absent"]:
        pytest.skip("an older Keras has no such data set")
    assert said.lines == [expected], said.run.trouble


def test_columns_of_a_named_table_and_of_a_json_download(scripted: Scripted) -> None:
    said = scripted("""\
        import urllib.request
        import numpy as np
        table = np.genfromtxt("iris.csv", delimiter=",", names=True)
        print(table["petal_width"].shape)
        x, y = np.loadtxt("points.txt", unpack=True)
        print(x.shape, y.shape)
        print(len(urllib.request.urlopen("https://example.org/book.txt").read().decode()) > 1000)
        """)
    assert said.lines == ["(256,)", "(256,) (256,)", "True"], said.run.trouble


def test_pickled_objects_that_are_no_data_stay_missing(scripted: Scripted) -> None:
    said = scripted("""\
        import pickle
        with open("tokenizer.pickle", "rb") as file:
            tokenizer = pickle.load(file)
        print(tokenizer.texts_to_sequences(["a"]))
        """)
    assert said.run.trouble is not None
    assert said.run.trouble.type == "FileNotFoundError"
    assert not said.standins


def test_what_is_there_is_read_by_the_real_readers(scripted: Scripted) -> None:
    said = scripted("""\
        import pickle, zipfile
        import numpy as np, tensorflow as tf
        np.arange(6, dtype="float32").tofile("own.bin")
        print(np.fromfile("own.bin", dtype=np.float32).sum(), np.memmap("own.bin", dtype=np.float32, mode="r").shape)
        pickle.dump({"a": 1}, open("own.pkl", "wb"))
        print(pickle.load(open("own.pkl", "rb")))
        tf.io.gfile.GFile("own.csv", "w").write("1.5,2\\n")
        line = next(iter(tf.data.TextLineDataset("own.csv")))
        print([float(v) for v in tf.io.decode_csv(line, [[0.0], [0.0]])])
        """)
    assert said.lines == ["15.0 (6,)", "{'a': 1}", "[1.5, 2.0]"], said.run.trouble
    assert not said.standins
