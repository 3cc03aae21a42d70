"""What the functions of libraries do to gradients, by name."""

from __future__ import annotations

import functools

from gradfix.scan.suspects.kinds import CHOICE, COMPARISON, ROUNDING, SAMPLING, Kind


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


LEAVING = ("numpy", "scipy", "sklearn", "pandas", "math", "cmath", "statistics", "cv2", "skimage", "PIL")
"""Packages that know nothing of TensorFlow's tapes."""

SHAPES = words("""
    shape size rank ndim zeros ones zeros_like ones_like full full_like fill eye range linspace arange empty
    empty_like int_shape shape_n get_static_value assert_equal print random_uniform_like
    """)
"""What depends on shapes and dtypes only."""

WITHOUT_GRADIENT: dict[str, Kind] = {
    **dict.fromkeys(
        words("""
    equal not_equal greater greater_equal less less_equal logical_and logical_or logical_not logical_xor
    is_nan isnan is_finite isfinite is_inf in_top_k isclose approximate_equal any all reduce_any reduce_all
    """),
        COMPARISON,
    ),
    **dict.fromkeys(
        words("""
    round rint floor ceil sign trunc floordiv floor_div bucketize histogram_fixed_width
    """),
        ROUNDING,
    ),
    **dict.fromkeys(
        words("""
    argmax argmin arg_max arg_min argsort one_hot bincount count_nonzero searchsorted confusion_matrix
    ctc_greedy_decoder ctc_beam_search_decoder
    """),
        CHOICE,
    ),
    **dict.fromkeys(["categorical", "multinomial"], SAMPLING),
}

TO_NUMPY = words("""
    tensorflow.keras.backend.get_value tensorflow.keras.backend.eval keras.backend.get_value
    keras.backend.eval keras.ops.convert_to_numpy tensorflow.keras.ops.convert_to_numpy
    tensorflow.make_ndarray tensorflow.get_static_value
    """)

NUMPY_METHODS = words("""
    numpy item tolist eval __array__ __float__
    """)

FIRST_ONLY = words("""
    gather gather_nd embedding_lookup boolean_mask take take_along_axis batch_gather
    """)
"""Functions whose further arguments are indices."""

WITH_FUNCTIONS = words("""
    map_fn vectorized_map while_loop cond switch_case case scan foldl foldr nest.map_structure map_structure
    associative_scan fori_loop rnn parallel_for
    """)
"""Functions of TensorFlow that call functions of the user's, on the tape."""

WRAPPERS = words("""
    function recompute_grad do_not_convert wraps partial lru_cache cache register_keras_serializable jit
    to_graph
    """)
"""What hands back the function that it gets."""

ASKING = frozenset({"gradient", "jacobian", "batch_jacobian"})

VARIABLES = {
    "trainable_variables": True,
    "trainable_weights": True,
    "variables": False,
    "weights": False,
}

PREDICT = frozenset({"predict", "predict_on_batch", "predict_proba"})

FLOATS = words("""
    float16 float32 float64 bfloat16 half single double floatx float complex64 complex128
    """)
INTEGERS = words("""
    int8 int16 int32 int64 uint8 uint16 uint32 uint64 int bool bool_ intp long integer int_
    """)

_MODEL_PARTS = ("layers", "applications", "hub", "models")


@functools.lru_cache(4096)
def short(name: str) -> str:
    """A dotted name without the ways by which Keras is reached: `keras.layers.Dense` for each of them."""
    for prefix in ("tensorflow.python.keras.", "tensorflow.compat.v2.keras.", "tensorflow.keras.", "tf_keras."):
        if name.startswith(prefix):
            return "keras." + name[len(prefix) :]
    for prefix in ("tensorflow.compat.v2.", "tensorflow.compat.v1."):
        if name.startswith(prefix):
            return "tensorflow." + name[len(prefix) :]
    return name


@functools.lru_cache(4096)
def makes_model(name: str) -> bool:
    """Whether a call makes a layer or a model (`keras.layers.Dense`, `keras.applications.VGG16`)."""
    parts = name.split(".")
    last = parts[-1]
    if parts[0] == "keras" and len(parts) > 2 and parts[1] in _MODEL_PARTS:
        return last[:1].isupper() or last in ("load_model", "clone_model", "model_from_json")
    return (parts[0] == "tensorflow_hub" and last in ("KerasLayer", "load")) or name == "tensorflow.saved_model.load"


@functools.lru_cache(4096)
def makes(name: str) -> str:
    """The package of Keras whose object a call makes, "" for none: `losses` for `keras.losses.Huber`."""
    parts = name.split(".")
    last = parts[-1]
    if parts[0] != "keras" or last in _FUNCTIONS or not (last[:1].isupper() or last == "get"):
        return ""
    return next((package for package in _PACKAGES if package in parts[1:-1]), "")


@functools.lru_cache(4096)
def ends(name: str) -> tuple[str, str]:
    """The first and the last part of a dotted name."""
    return name.split(".")[0], name.rpartition(".")[2]


_PACKAGES = ("metrics", "optimizers", "losses", "activations", "regularizers", "initializers", "callbacks")
_FUNCTIONS = ("MSE", "MAE", "MAPE", "MSLE", "KLD")
"""Losses that are called at once, for all their capitals."""
