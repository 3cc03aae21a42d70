"""Packages that are not there: a last finder on the path of imports gives the user's files something in their place."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Sequence
from types import FrameType, ModuleType
from typing import Any

from . import guards, inert, progress
from .files import Files
from .notes import words

CALM = frozenset(
    words(
        "matplotlib mpl_toolkits pylab seaborn plotly bokeh altair pyecharts plotnine ggplot visdom "
        "cufflinks pygal mplcyberpunk scienceplots SciencePlots umap_plot tqdm progressbar progressbar2 "
        "alive_progress fastprogress rich wandb mlflow tensorboardX tensorboard comet_ml neptune loguru "
        "clearml aim sacred_logger livelossplot coloredlogs colorlog colorama termcolor tabulate "
        "prettytable texttable pyfiglet icecream IPython ipywidgets notebook psutil GPUtil pynvml gputil "
        "memory_profiler line_profiler pyinstrument codecarbon dotenv telegram slack_sdk pydot pydotplus "
        "graphviz visualkeras keras_visualizer netron imgaug_vis streamlit gradio dash tkinter easygui "
        "google.colab winsound playsound plyer knockknock sentry_sdk ptflops keras_flops torchsummary setproctitle nni"
    )
)
"""Packages that show, log or measure: nothing that they give can get into a result."""
STRICT = frozenset(
    words(
        "tensorflow_hub tensorflow_probability tensorflow_addons tensorflow_text "
        "tensorflow_model_optimization tensorflow_federated tensorflow_recommenders tensorflow_ranking "
        "tensorflow_graphics tensorflow_gnn transformers torch torchvision jax flax einops sonnet trax "
        "keras_cv keras_nlp keras_hub keras_tuner kerastuner tf_agents librosa scipy nltk spacy gensim "
        "statsmodels xgboost lightgbm tf_keras tf_slim tflearn stable_baselines3"
    )
)
"""Packages that compute: a call into one already needs the real thing."""


def special(package: str, files: Files) -> dict[str, Any] | None:
    """The names of a package that has a stand-in of its own, the same in all of its modules.

    Each is imported only when it is wanted: that is paid for in every run.
    """
    if package in ("gym", "gymnasium"):
        from . import environments

        return environments.names(five=package == "gymnasium")
    if package == "sklearn":
        from . import learn

        return learn.names()
    if package == "pandas":
        from . import tables_module

        return tables_module.names(files.notes)
    if package == "tensorflow_datasets":
        from . import tfds

        return tfds.names(files.notes)
    if package == "joblib":
        from . import pickles

        return pickles.names(files)
    if package == "scipy":
        from . import mat_files

        return mat_files.names(files)
    if package in ("yaml", "omegaconf", "hydra"):
        from . import settings

        if package == "yaml":
            return settings.yaml_names()
        return settings.omegaconf_names(files) if package == "omegaconf" else settings.hydra_names(files)
    if package == "click":
        from . import commands

        return commands.click_names()
    if package == "typer":
        from . import typer_apps

        return typer_apps.typer_names()
    if package in ("PIL", "cv2", "imageio"):
        from . import pictures

        return {"PIL": pictures.pil_names, "cv2": pictures.cv2_names, "imageio": pictures.imageio_names}[package]()
    if package == "wandb":
        return progress.wandb_names(inert.Inert("wandb", "wandb.run", True))
    return progress.NAMES.get(package)


COLAB = "google.colab"


def parted(fullname: str) -> tuple[str, str]:
    """The package that a module belongs to, and its name below that. Only one of Google's is a stand-in's."""
    if fullname == COLAB or fullname.startswith(f"{COLAB}."):
        return COLAB, fullname[len(COLAB) + 1 :]
    package, _, below = fullname.partition(".")
    return package, below


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Asked last, for what no other finder knows."""

    def __init__(self, files: Files) -> None:
        self.files, self.notes = files, files.notes
        self.names: dict[str, dict[str, Any] | None] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec where a stand-in is due."""
        package, below = parted(fullname)
        if package in sys.modules:
            if not below or not isinstance(sys.modules[package], inert.Module):
                return None  # a real package that lacks a module
        elif below or not self.due(package):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def due(self, package: str) -> bool:
        """Whether a top-level name is a package that a file of the user's needs and is not ready to miss."""
        if package.startswith("_") or (package in sys.stdlib_module_names and package != "tkinter"):
            return False
        frame = self.importer()
        if frame is None or self.is_own(package, frame):
            return False
        return not guards.ready(self.notes, frame, guards.IMPORT)

    def importer(self) -> FrameType | None:
        """The frame of the user's that imports, None where somebody else does, or only asks whether it could."""
        frame: FrameType | None = sys._getframe(3)
        while frame is not None:
            if self.notes.owns(frame):
                return frame
            name = str(frame.f_globals.get("__name__", ""))
            if name == "importlib.util" or not name.startswith(("importlib", "_frozen_importlib")):
                return None
            frame = frame.f_back
        return None

    def is_own(self, name: str, frame: FrameType) -> bool:
        """Whether a name is of the user's own project: then it is missing, not absent."""
        folders = {os.path.dirname(frame.f_code.co_filename), self.notes.places.root, os.getcwd()}
        folders |= {os.path.join(folder, "src") for folder in folders}
        return any(os.path.exists(os.path.join(f, name + end)) for f in folders for end in ("", ".py"))

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """The stand-in."""
        package, below = parted(spec.name)
        if package not in self.names:
            self.names[package] = special(package, self.files)
        names, calm = self.names[package], package in CALM
        if not below:
            if names is not None:
                given, needed = "a small stand-in", False
            else:
                given = "nothing, harmlessly" if calm else "nothing, as long as no value of it is needed"
                needed = not calm
            self.notes.say(f"the package {package}", given, package=package, needed=needed)
        # the rest of a package with a stand-in of its own is there to compute with
        strict = package in STRICT or package in ("sklearn", "pandas", "PIL", "cv2", "imageio", "tensorflow_datasets")
        return inert.Module(spec.name, calm, strict, names or {})

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to do."""


def install(files: Files) -> None:
    """Puts the finder last."""
    inert.install()
    sys.meta_path.append(Finder(files))
