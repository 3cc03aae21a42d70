"""Packages that are not there: inert ones, small stand-ins, and honest errors."""

from __future__ import annotations

import importlib.util
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from gradfix.run.lab import Lab, subject_of
from gradfix.run.messages import Entry, Limits, Run
from gradfix.run.pool import Pool

Scripted = Callable[..., Run]


def absent(*names: str) -> pytest.MarkDecorator:
    """For tests of stand-ins: the real package would be used."""
    there = [name for name in names if importlib.util.find_spec(name) is not None]
    return pytest.mark.skipif(bool(there), reason=f"{', '.join(there)} is installed")


@pytest.fixture
def scripted(pool: Pool, tmp_path: Path) -> Scripted:
    """Runs a text as a script in a worker."""

    def run(text: str, **modules: str) -> Run:
        for name, content in modules.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(content))
        path, text = str(tmp_path / "train.py"), textwrap.dedent(text)
        Path(path).write_text(text)
        lab = Lab(pool, subject_of(path), Limits(()))
        done = lab.run(Entry(), {path: text})
        assert not done.death
        return done

    return run


@absent("matplotlib", "seaborn")
def test_plots_are_drawn_nowhere(scripted: Scripted) -> None:
    done = scripted("""\
        import matplotlib.pyplot as plt
        import seaborn as sns
        from matplotlib import cm
        fig, ax = plt.subplots()
        figure, ((a, b), (c, d)) = plt.subplots(2, 2)
        first, *rest = plt.subplots(1, 2)
        with plt.style.context("dark"):
            ax.plot([1, 2], label=f"{ax:>10}", color=cm.viridis(0.5))
        for axis in ax.flatten():
            axis.set_title("never")
        sns.heatmap([[1]], ax=ax).get_figure().savefig("x.png")
        plt.gca().set_xlim(0, 1 + ax.get_xlim()[1])
        print("done")
        """)
    assert done.output == "done\n", done.trouble
    assert [e["what"] for e in done.others] == ["the package matplotlib", "the package seaborn"]
    assert [e["place"][1] for e in done.others] == [1, 2]


@absent("tqdm")
@pytest.mark.parametrize("place", ["tqdm", "tqdm.auto", "tqdm.notebook"])
def test_progress_bars_iterate(scripted: Scripted, place: str) -> None:
    done = scripted(f"""\
        from {place} import tqdm, trange
        total = sum(tqdm([1, 2, 3], desc="x")) + sum(trange(4))
        bar = tqdm(enumerate("ab"), total=2)
        for i, letter in bar:
            bar.set_postfix(loss=1.0)
            total += i
        with tqdm(total=10) as progress:
            progress.update(3)
            progress.set_description("y")
        print(total, len(tqdm([1, 2])), progress.n)
        """)
    assert done.output == "13 2 3\n", done.trouble


@absent("wandb")
def test_settings_given_to_a_logger_can_be_read_back(scripted: Scripted) -> None:
    done = scripted("""\
        import wandb
        wandb.init(project="p", config={"rate": 0.5})
        config = wandb.config
        wandb.log({"loss": 1.0})
        print(config.rate, config["rate"])
        wandb.finish()
        """)
    assert done.output == "0.5 0.5\n", done.trouble


READY = [
    "try:\n    import {0}\nexcept ImportError:\n    {0} = None",
    "try:\n    import {0}\nexcept ModuleNotFoundError:\n    {0} = None",
    "try:\n    from {0} import x as {0}\nexcept (ImportError, ValueError):\n    {0} = None",
    "try:\n    import {0}\nexcept Exception:\n    {0} = None",
    "try:\n    import {0}\nexcept:\n    {0} = None",
    "import contextlib\n{0} = None\nwith contextlib.suppress(ImportError):\n    import {0}",
]


@pytest.mark.parametrize("text", READY, ids=range(len(READY)))
def test_code_that_is_ready_for_a_missing_package_misses_it(scripted: Scripted, text: str) -> None:
    done = scripted(f"{text.format('nosuchpackage')}\nprint(nosuchpackage)\n")
    assert done.output == "None\n"
    assert not done.others


def test_a_caller_that_is_ready_counts_too(scripted: Scripted) -> None:
    done = scripted(
        """\
        try:
            import helper
        except ImportError:
            helper = None
        print(helper)
        """,
        helper="import nosuchpackage\n",
    )
    assert done.output == "None\n"


def test_asking_whether_a_package_is_there_is_answered(scripted: Scripted) -> None:
    done = scripted('import importlib.util\nprint(importlib.util.find_spec("nosuchpackage"))\n')
    assert done.output == "None\n"


def test_modules_of_the_project_are_missing_not_absent(scripted: Scripted, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "__init__.py").write_text("")
    for text in ("import models.resnet\n", "from models import resnet\n"):
        done = scripted(text)
        assert done.trouble is not None
        assert done.trouble.type in ("ModuleNotFoundError", "ImportError")
        assert not done.others


NEEDED = {
    "reaches a tensor": "tf.constant([1.0]) * thing.weights(3)",
    "is a layer's input": "tf.keras.layers.Dense(2)(thing.load())",
    "becomes an array": "np.asarray(thing.load(), dtype='float32')",
    "decides": "if thing.ready():\n    pass",
    "is counted": "range(thing.size)",
    "is gone through": "for x in thing.load():\n    pass",
}


@pytest.mark.parametrize("use", NEEDED.values(), ids=NEEDED)
def test_a_value_that_is_needed_names_the_package(scripted: Scripted, use: str) -> None:
    done = scripted(f"import numpy as np\nimport tensorflow as tf\nimport thing\nthing.setup(1)\n{use}\n")
    assert done.trouble is not None
    assert done.trouble.type in ("ModuleNotFoundError", "ValueError")  # Keras has its own for what is no tensor
    assert "needs the package thing, which is not installed in the worker's Python" in done.trouble.message
    (event,) = done.others
    assert event["needed"] is True


@absent("einops")
def test_packages_that_compute_are_named_at_their_first_call(scripted: Scripted) -> None:
    done = scripted('import einops\neinops.rearrange([1], "a -> a 1")\n')
    assert done.trouble is not None
    assert "needs the package einops" in done.trouble.message


def test_decorators_and_bases_of_absent_packages_leave_the_users_code(scripted: Scripted) -> None:
    done = scripted("""\
        import thing
        @thing.register
        def f(x):
            return x + 1
        @thing.option("--rate", default=1)
        class C(thing.Base):
            def __init__(self):
                super().__init__(1, a=2)
                self.x = 3
        print(f(1), C().x)
        """)
    assert done.output == "2 3\n", done.trouble


ENVIRONMENTS = [
    ("gym", "CartPole-v1", "(4,) 2 4 1"),
    ("gym", "MountainCar-v0", "(2,) 3 4 1"),
    ("gymnasium", "LunarLander-v3", "(8,) 4 5 2"),
    ("gymnasium", "Acrobot-v1", "(6,) 3 5 2"),
    ("gymnasium", "Unheard-v0", "(4,) 2 5 2"),
]


@absent("gym", "gymnasium")
@pytest.mark.parametrize(("package", "name", "expected"), ENVIRONMENTS)
def test_environments_have_their_spaces_and_their_api(
    scripted: Scripted, package: str, name: str, expected: str
) -> None:
    done = scripted(f"""\
        import {package} as gym
        env = gym.make("{name}")
        start = env.reset()
        step = env.step(env.action_space.sample())
        print(env.observation_space.shape, env.action_space.n, len(step), len(start) if isinstance(start, tuple) else 1)
        """)
    assert done.output == expected + "\n", done.trouble


@absent("gymnasium")
def test_the_users_own_environment_can_be_written(scripted: Scripted) -> None:
    done = scripted("""\
        import gymnasium as gym
        from gymnasium import spaces
        import numpy as np
        class Own(gym.Env):
            def __init__(self):
                self.action_space = spaces.Box(low=-2.0, high=2.0, shape=(3,), dtype=np.float32)
            def reset(self, seed=None, options=None):
                super().reset(seed=seed)
                return self.action_space.sample(), {}
        print(Own().reset(seed=1)[0].shape, gym.make("Pendulum-v1").action_space.high)
        """)
    assert done.output == "(3,) [2.]\n", done.trouble


@absent("pandas", "sklearn")
def test_a_table_is_cleaned_split_and_scaled(scripted: Scripted) -> None:
    done = scripted("""\
        import pandas as pd
        import numpy as np
        import tensorflow as tf
        from sklearn.model_selection import train_test_split
        from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler
        from sklearn import metrics
        df = pd.read_csv("heart.csv").dropna()
        df["sex"] = df["sex"].map({"male": 0, "female": 1})
        df["pulse"] = (df["pulse"] - df["pulse"].mean()) / df["pulse"].std()
        y = df.pop("target").values
        x_train, x_test, y_train, y_test = train_test_split(df.values, y, test_size=0.25, random_state=0)
        scaler = StandardScaler()
        x_train = scaler.fit_transform(x_train)
        print(x_train.shape, scaler.transform(x_test).shape, sorted(set(map(int, y))), abs(x_train.mean()) < 1e-6)
        print(metrics.accuracy_score(y, y), df.isnull().sum().sum())
        for kind in (StandardScaler, MinMaxScaler, MaxAbsScaler):
            s = kind().fit(df.values)
            shift = getattr(s, "min_", 0.0) / s.scale_ if kind is MinMaxScaler else -getattr(s, "mean_", 0.0)
            back = df.values / s.scale_ - shift if kind is MinMaxScaler else df.values * s.scale_ - shift
            print(np.allclose(s.inverse_transform(df.values), back), np.allclose(s.transform(back), df.values))
        model = tf.keras.Sequential([tf.keras.Input((9,)), tf.keras.layers.Dense(1, activation="sigmoid")])
        """)
    assert done.output.splitlines() == [
        "(192, 9) (64, 9) [0, 1] True",
        "1.0 0",
        *["True True"] * 3,
    ], done.trouble
    assert any("heart.csv" in e["what"] for e in done.others)


@absent("pandas")
def test_a_real_table_is_read_without_its_package(scripted: Scripted, tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("a,b,c\n1,2.5,x\n2,3.5,y\n")
    done = scripted("""\
        import pandas as pd
        df = pd.read_csv("real.csv")
        print(df.shape, df["a"].sum(), df["b"].mean(), df["c"].tolist())
        """)
    assert done.output == "(2, 3) 3 3.0 ['x', 'y']\n", done.trouble
    assert len(done.others) == 1


@absent("tensorflow_datasets")
def test_data_sets_come_as_pipelines(scripted: Scripted) -> None:
    done = scripted("""\
        import tensorflow_datasets as tfds
        (train, test), info = tfds.load("mnist", split=["train", "test"], as_supervised=True, with_info=True)
        print(train.element_spec[0].shape, info.features["label"].num_classes)
        print(sorted(tfds.load("cifar10", split="train[:80%]").element_spec))
        """)
    assert done.output.splitlines() == ["(28, 28, 1) 10", "['image', 'label']"], done.trouble


@absent("PIL", "cv2")
def test_pictures_are_opened_and_resized(scripted: Scripted) -> None:
    done = scripted("""\
        import numpy as np
        import cv2
        from PIL import Image
        print(np.array(Image.open("cat.jpg").convert("RGB").resize((20, 10))).shape)
        print(cv2.resize(cv2.cvtColor(cv2.imread("cat.jpg"), cv2.COLOR_BGR2GRAY), (5, 7)).shape)
        """)
    assert done.output.splitlines() == ["(10, 20, 3)", "(7, 5)"], done.trouble


@absent("tqdm", "matplotlib")
def test_graphs_are_traced_through_them(scripted: Scripted) -> None:
    done = scripted("""\
        import matplotlib.pyplot as plt
        import tensorflow as tf
        from tqdm import tqdm
        @tf.function
        def step(x):
            plt.plot([1])
            for i in tqdm(range(3)):
                x = x + 1.0
            return x
        print(float(step(tf.constant(1.0))))
        """)
    assert done.output == "4.0\n", done.trouble


@absent("pandas")
def test_keras_takes_tables(scripted: Scripted) -> None:
    done = scripted("""\
        import pandas as pd
        import tensorflow as tf
        df = pd.read_csv("flowers.csv")
        y = df.pop("label")
        model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        model.fit(df[["width", "height"]], y, validation_split=0.2)
        data = tf.data.Dataset.from_tensor_slices((dict(df[["width"]]), y)).batch(4)
        print(next(iter(data))[0]["width"].shape)
        """)
    assert done.output == "(4,)\n", done.trouble
    (request,) = done.requests[:1]
    assert request.missing == ()


@absent("numba", "horovod")
def test_packages_for_speed_leave_the_code_as_it_is(scripted: Scripted) -> None:
    done = scripted("""\
        import horovod.tensorflow as hvd
        import numba
        hvd.init()
        @numba.njit
        def f(x):
            return x + hvd.size()
        @numba.jit(nopython=True)
        def g(x):
            return x + hvd.rank()
        print(f(1), g(1))
        """)
    assert done.output == "2 1\n", done.trouble
