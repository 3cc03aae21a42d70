"""Code as it stands in repositories around the steps: what the files of the tree are filled up with.

Each piece is a template of whole top-level statements; the words and numbers in it are drawn for each use.
"""

from __future__ import annotations

PLAIN = (
    '''
def read_$a(path, limit=$n):
    """Reads the $a records of a file, at most `limit` of them."""
    records = []
    with open(path, encoding="utf-8") as handle:
        for number, line in enumerate(handle):
            if number >= limit:
                break
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            name, _, value = line.partition("=")
            records.append({"name": name.strip(), "$b": value.strip(), "line": number})
    return records
''',
    '''
class ${A}Store:
    """Keeps $a entries by key and forgets the oldest ones."""

    def __init__(self, root, capacity=$n, clock=time.monotonic):
        self.root = root
        self.capacity = capacity
        self._clock = clock
        self._entries = {}
        self._touched = {}

    def __len__(self):
        return len(self._entries)

    def put(self, key, value, *, $b=None):
        if len(self._entries) >= self.capacity:
            oldest = min(self._touched, key=self._touched.get)
            del self._entries[oldest], self._touched[oldest]
        self._entries[key] = (value, $b)
        self._touched[key] = self._clock()

    def get(self, key, default=None):
        try:
            value, _ = self._entries[key]
        except KeyError:
            return default
        self._touched[key] = self._clock()
        return value

    def items(self):
        for key in sorted(self._entries):
            yield key, self._entries[key][0]
''',
    '''
def ${a}_table(rows, columns=("$a", "$b", "$c"), width=$n):
    """Formats rows of $a for a terminal."""
    widths = [max([len(c), *(len(str(row.get(c, ""))) for row in rows)]) for c in columns]
    lines = ["  ".join(c.ljust(w) for c, w in zip(columns, widths))]
    lines.append("  ".join("-" * min(w, width) for w in widths))
    for row in rows:
        cells = []
        for column, size in zip(columns, widths):
            value = row.get(column, "")
            if isinstance(value, float):
                value = f"{value:.$k}f"
            cells.append(str(value)[:width].ljust(size))
        lines.append("  ".join(cells).rstrip())
    return "\\n".join(lines)
''',
    '''
@dataclass
class ${A}Config:
    """Options of the $a part, with the values that are usual."""

    name: str = "$a"
    $b: int = $n
    $c: float = 0.$k
    verbose: bool = False
    tags: list = field(default_factory=list)

    @classmethod
    def from_dict(cls, data):
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise ValueError(f"unknown keys of $a: {', '.join(unknown)}")
        return cls(**data)

    def merged(self, **changes):
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        values.update((k, v) for k, v in changes.items() if v is not None)
        return type(self)(**values)
''',
    '''
def ${a}_request(session, url, retries=$k, timeout=$n):
    """Fetches the $a of a service; raises the last error when all tries failed."""
    error = None
    for attempt in range(1, retries + 1):
        try:
            response = session.get(url, timeout=timeout, headers={"x-$b": "$c"})
            if response.status == 200:
                payload = json.loads(response.read())
                return payload["$a"] if "$a" in payload else payload
            if response.status in (429, 503):
                time.sleep(2**attempt)
                continue
            raise RuntimeError(f"$a: status {response.status}")
        except (OSError, ValueError) as problem:
            error = problem
            logger.warning("attempt %d of %d for %s: %s", attempt, retries, url, problem)
    raise error
''',
    '''
def group_${a}(items, key="$b", *, minimum=$k):
    """Groups items by a key and leaves out groups that are too small."""
    groups = collections.defaultdict(list)
    for item in items:
        groups[item.get(key) if isinstance(item, dict) else getattr(item, key, None)].append(item)
    kept = {k: v for k, v in groups.items() if k is not None and len(v) >= minimum}
    sizes = sorted(((len(v), str(k)) for k, v in kept.items()), reverse=True)
    total = sum(size for size, _ in sizes)
    shares = [(name, size / total) for size, name in sizes] if total else []
    return kept, shares
''',
    '''
class ${A}Handler(BaseHandler):
    """Answers requests for $a."""

    routes = {"/$a": "index", "/$a/new": "create", "/$a/<id>": "show"}
    page_size = $n

    def index(self, request):
        page = int(request.args.get("page", 1))
        query = self.session.query(self.model).order_by(self.model.created.desc())
        if "$b" in request.args:
            query = query.filter(self.model.$b == request.args["$b"])
        rows = query.offset((page - 1) * self.page_size).limit(self.page_size).all()
        return self.render("$a/index.html", rows=rows, page=page)

    def create(self, request):
        form = self.form_class(request.form)
        if not form.validate():
            return self.render("$a/new.html", form=form, errors=form.errors), 400
        row = self.model(**form.data)
        self.session.add(row)
        self.session.commit()
        return self.redirect(f"/$a/{row.id}")

    def show(self, request, id):
        row = self.session.get(self.model, id)
        return self.render("$a/show.html", row=row) if row else self.missing(id)
''',
    """
class Test${A}(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def test_empty(self):
        self.assertEqual(count_${a}([]), {})

    def test_${b}_is_counted(self):
        rows = [{"$a": i % $k, "$b": str(i)} for i in range($n)]
        counted = count_${a}(rows)
        self.assertEqual(sum(counted.values()), $n)
        for value in counted.values():
            self.assertGreaterEqual(value, 0)

    def test_wrong_${c}(self):
        with self.assertRaises(ValueError):
            count_${a}([{"$c": None}], strict=True)


def count_${a}(rows, strict=False):
    counted = {}
    for row in rows:
        if strict and "$a" not in row:
            raise ValueError(f"no $a in {row}")
        counted[row.get("$a")] = counted.get(row.get("$a"), 0) + 1
    return counted
""",
    '''
def walk_${a}(root, suffixes=(".$b", ".$c"), depth=$k):
    """Files below a folder with their sizes, the largest first."""
    found = []
    start = root.rstrip(os.sep).count(os.sep)
    for folder, names, files in os.walk(root):
        if folder.count(os.sep) - start >= depth:
            names[:] = []
        for name in files:
            if name.endswith(suffixes):
                path = os.path.join(folder, name)
                try:
                    found.append((os.path.getsize(path), path))
                except FileNotFoundError:
                    pass
    return [path for _, path in sorted(found, reverse=True)[:$n]]
''',
)

IMPORTS = {
    "collections.": "import collections",
    "json.": "import json",
    "logging.": "import logging",
    "os.": "import os",
    "shutil.": "import shutil",
    "tempfile.": "import tempfile",
    "time.": "import time",
    "unittest.": "import unittest",
    "@dataclass": "from dataclasses import dataclass, field, fields",
    "np.": "\nimport numpy as np",
    "tf.": "import tensorflow as tf",
    "keras.": "from tensorflow import keras",
    "BaseHandler": "\nfrom .handlers import BaseHandler",
}
"""What a file imports where it holds such a word."""

TENSORFLOW = (
    '''
class ${A}Block(keras.layers.Layer):
    """A residual block of $a."""

    def __init__(self, units=$n, rate=0.$k, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.first = keras.layers.Dense(units, activation="relu")
        self.second = keras.layers.Dense(units)
        self.norm = keras.layers.LayerNormalization(epsilon=1e-6)
        self.drop = keras.layers.Dropout(rate)

    def call(self, inputs, training=False):
        x = self.norm(inputs)
        x = self.first(x)
        x = self.drop(x, training=training)
        return inputs + self.second(x)

    def get_config(self):
        return {**super().get_config(), "units": self.units}
''',
    '''
def build_${a}(shape=($n, $n, 3), classes=$k, width=$n):
    """A convolutional network for $a."""
    inputs = keras.Input(shape)
    x = keras.layers.Rescaling(1.0 / 255)(inputs)
    for filters in (width, 2 * width, 4 * width):
        shortcut = keras.layers.Conv2D(filters, 1, strides=2, padding="same")(x)
        x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.MaxPooling2D(3, strides=2, padding="same")(x)
        x = keras.layers.add([x, shortcut])
    x = keras.layers.GlobalAveragePooling2D()(x)
    outputs = keras.layers.Dense(classes, activation="softmax")(x)
    return keras.Model(inputs, outputs, name="$a")
''',
    '''
def ${a}_dataset(folder, batch_size=$n, shuffle=True):
    """The $a records of a folder, in batches."""
    files = tf.data.Dataset.list_files(os.path.join(folder, "*.tfrecord"), shuffle=shuffle)

    def parse(record):
        features = {
            "$b": tf.io.FixedLenFeature([$n], tf.float32),
            "$c": tf.io.FixedLenFeature([], tf.int64),
        }
        example = tf.io.parse_single_example(record, features)
        return example["$b"], tf.one_hot(example["$c"], $k)

    data = files.interleave(tf.data.TFRecordDataset, num_parallel_calls=tf.data.AUTOTUNE)
    data = data.map(parse, num_parallel_calls=tf.data.AUTOTUNE)
    if shuffle:
        data = data.shuffle(16 * batch_size)
    return data.batch(batch_size, drop_remainder=True).prefetch(tf.data.AUTOTUNE)
''',
    '''
class ${A}Loss(keras.losses.Loss):
    """Weighted $a: large errors count linearly."""

    def __init__(self, delta=0.$k, weight=$k, name="$a"):
        super().__init__(name=name)
        self.delta, self.weight = delta, weight

    def call(self, y_true, y_pred):
        error = tf.cast(y_true, y_pred.dtype) - y_pred
        small = tf.abs(error) <= self.delta
        squared = 0.5 * tf.square(error)
        linear = self.delta * (tf.abs(error) - 0.5 * self.delta)
        return self.weight * tf.reduce_mean(tf.where(small, squared, linear), axis=-1)


def ${a}_score(y_true, y_pred, threshold=0.$k):
    hits = np.mean((np.asarray(y_pred) > threshold) == np.asarray(y_true))
    return {"$a": float(hits), "$b": float(np.std(y_pred))}
''',
    '''
def augment_${a}(images, labels, seed=$n):
    """Random flips, crops and colours for $a."""
    images = tf.image.random_flip_left_right(images, seed=seed)
    images = tf.image.random_brightness(images, 0.$k, seed=seed)
    padded = tf.image.resize_with_crop_or_pad(images, $n + 8, $n + 8)
    images = tf.image.random_crop(padded, tf.concat([tf.shape(images)[:1], [$n, $n, 3]], 0))
    mean = tf.reduce_mean(images, axis=(1, 2), keepdims=True)
    images = tf.clip_by_value((images - mean) * 1.$k + mean, 0.0, 255.0)
    return images, tf.cast(labels, tf.float32)
''',
    '''
class ${A}Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """Warms up, then decays by a cosine."""

    def __init__(self, peak=0.$k, warmup=$n, total=${n}00):
        self.peak, self.warmup, self.total = peak, warmup, total

    def __call__(self, step):
        step = tf.cast(step, tf.float32)
        rising = self.peak * step / self.warmup
        done = tf.clip_by_value((step - self.warmup) / (self.total - self.warmup), 0.0, 1.0)
        falling = 0.5 * self.peak * (1.0 + tf.cos(np.pi * done))
        return tf.where(step < self.warmup, rising, falling)

    def get_config(self):
        return {"peak": self.peak, "warmup": self.warmup, "total": self.total}
''',
    '''
def evaluate_${a}(model, data, metrics=None, limit=$n):
    """Runs a model over the $a data and sums up."""
    metrics = metrics or [keras.metrics.Mean("$a"), keras.metrics.CategoricalAccuracy("$b")]
    for number, (features, labels) in enumerate(data):
        if number >= limit:
            break
        outputs = model(features, training=False)
        metrics[0].update_state(tf.reduce_mean(keras.losses.categorical_crossentropy(labels, outputs)))
        metrics[1].update_state(labels, outputs)
    result = {m.name: float(m.result()) for m in metrics}
    logger.info("$a: %s", ", ".join(f"{k}={v:.4f}" for k, v in result.items()))
    return result
''',
)

FITTED = '''
def train_${a}(epochs=$k):
    """Fits a small network to noise, for $a."""
    model = keras.Sequential([keras.layers.Dense($n, activation="relu"), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    features = np.random.normal(size=($n, 8))
    model.fit(features, features.sum(axis=1), epochs=epochs, validation_split=0.2)
    return model
'''

_WORDS = """account archive batch beacon branch budget bundle cable canvas carrier census channel chapter circuit client
cluster column contract corpus counter cursor customer daemon dealer delta detail device dialog digest domain driver
editor engine entry event export factor feature fiber figure filter folder forecast format frame garden gateway grain
graph group harbor header holder image index invoice island journal kernel label ladder layer ledger letter
linker list loader locale logger lookup market marker matrix medium member meter method mirror module monitor network
node notice object option orbit order outlet packet page panel parcel parser patch pattern payment phase pilot planner
plugin policy portal prefix price printer probe profile project proxy queue quota radar record region relay report
river route runner sample scanner schema section sensor server service shard signal socket source spool stage station
status storage stream studio switch symbol tariff task tenant thread ticket token topic tracker trade transport
update vector vendor version vessel viewer volume voyage walker warehouse weather widget window worker zone"""
WORDS = tuple(_WORDS.split())
