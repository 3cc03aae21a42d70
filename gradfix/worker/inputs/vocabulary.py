"""What names stand for: of functions, of methods, of values."""

from __future__ import annotations

import ast
import re


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


KEEPS = _set_of(
    "cast convert_to_tensor identity asarray array constant stop_gradient ensure_shape clip_by_value square abs exp "
    "log ones_like zeros_like Variable float32 float64 maximum minimum relu sigmoid softmax tanh sign copy numpy "
    "astype softplus pow sqrt where normalize l2_normalize log_softmax float add subtract multiply divide Tensor "
    "take shuffle batch repeat prefetch clip py_function numpy_function as_numpy_iterator "
)
BUILTINS = (
    r"(tf\.)?print|len|range|int|float|str|repr|isinstance|max|min|sum|abs|sorted|list|tuple|dict|set|type|round|bool"
)
MODEL_METHODS = ("predict", "predict_on_batch", "call", "__call__", "predict_step", "apply")
MODEL_TRAITS = _set_of(
    "trainable_variables trainable_weights variables weights predict predict_on_batch get_layer layers losses "
    "inputs get_weights set_weights outputs trainable non_trainable_variables summary output_shape input_shape "
)
DATASET_TRAITS = {"shuffle", "take", "batch", "prefetch", "repeat", "as_numpy_iterator", "cardinality", "skip"}
ARRAY_TRAITS = {name for kind in (float, list, dict) for name in dir(kind)} | _set_of(
    "shape dtype ndim size numpy astype reshape T mean std sum max min ravel flatten get_shape assign assign_add "
    "assign_sub rank set_shape argmax transpose tolist any all squeeze name device value read_value "
)
MODEL_NAMES = re.compile(
    r"model|net(work)?\b|generator|discriminator|encoder|decoder|critic|actor|teacher|student|policy"
)
SCALAR_NAMES = re.compile(
    r"^(n|k|lr|eps|epsilon|seed|gamma|beta|alpha|tau|scale|epochs?|(inner_|outer_)?steps?|iterations?|temperature|training|verbose)$"
    r"|^(n|num|max|min)_|_(size|rate|weight|dim|dims|epochs|steps|iterations|factor|coef|lambda|shape|index|idx|lr)$|^learning_rate"
)
IMAGES = re.compile(r"image|img|photo|picture|frame|face|pixel|^pic")
WHOLE = re.compile(r"(^|_)(ids?|tokens?|users?|items?|words?|seqs?|sequences?|ind(ex|ices)|idx|actions?|class(es)?)$")
LABELS = re.compile(r"label|target|^y$|^ys?_|y_true|truth|class|answer|actual|_y$")
OPERATIONS = {kind.__name__ for kind in (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult)} | {"compare", "+"}
ROWS = re.compile(r"mask|weight|reward|done|length|rating|advantage|score")


def words(name: str) -> set[str]:
    """What a name is made of, without case, plurals and numbers."""
    split = re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
    return {word.rstrip("s") for word in re.split(r"[_\W\d]+", split) if word} - {"make", "build", "get", "create"}
