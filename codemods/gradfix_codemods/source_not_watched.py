"""GF109: the tape was not told to watch the source, which is a tensor.

You asked for the gradient with respect to an input (a saliency map, an adversarial image, the interpolated batch of
a WGAN-GP, the coordinates of a physics-informed network) and got None, or "None values not supported". A
`tf.GradientTape` watches trainable variables by itself. Of any other tensor it records nothing, until it is told
to with `tape.watch`; and each of several nested tapes has to be told.

Bad:

```python
with tf.GradientTape() as tape:
    scores = model(image)  # The image is no variable.
    best = tf.reduce_max(scores)
grads = tape.gradient(best, image)
```

Good:

```python
with tf.GradientTape() as tape:
    tape.watch(image)
    scores = model(image)  # The image is no variable.
    best = tf.reduce_max(scores)
grads = tape.gradient(best, image)
```

A tape made with `watch_accessed_variables=False` watches no variable by itself either. There the argument goes: the
variables of a Keras 3 model cannot be handed to `watch` (their `.value` can).

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), the section "Controlling what the tape watches".

Keep the code where the None is expected, as for a tensor that is passed along with others and sorted out later.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.arguments import named, without_argument
from gradfix_codemods.asked import Asked, asked, assignments, maker_of, opened, recorded_by, scope_of, source_paths
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import with_one_replaced
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted
from gradfix_codemods.offers import offers
from gradfix_codemods.rebound import made_as_variable, rebindings
from gradfix_codemods.trees import Tree

_OF_MODELS = ("variables", "trainable_variables", "trainable_weights", "weights", "non_trainable_variables")


class SourceNotWatched(Codemod):
    """Tells the tape to watch the source; the module explains the mistake."""

    name = "source-not-watched"
    code = "GF109"
    answers = frozenset({"unwatched"})
    rewrites_step = True
    mistake = "the tape does not watch the source"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts in which the asked tape watches the sources: all of them, then each alone."""
        tree = Tree.parse(text)
        if tree is None:
            return
        for what in asked(tree, cut):
            blocks = recorded_by(tree, what)
            if what.sources is not None and blocks:
                yield from offers(tree.module, _options(tree, what, blocks[0]))


def _options(tree: Tree, what: Asked, block: cst.With) -> Iterator[tuple[cst.Module, str]]:
    maker = maker_of(tree, block, what.tape)
    choosy = named(maker, "watch_accessed_variables") if maker else None
    paths = list(dict.fromkeys(source_paths(tree, what)))
    models = [path for path in paths if path.rpartition(".")[2] in _OF_MODELS]
    # A variable that lost its name to a tensor is not to be watched, but kept: GF115 does that.
    lost = () if choosy else [r.name for r in rebindings(tree, what) if made_as_variable(tree, r.name)]
    tensors = [path for path in paths if path not in models and path not in lost]
    for group in [tensors, *([path] for path in tensors if len(tensors) > 1)]:
        if group:
            shown = _shown(tree, what, block, tensors, group)
            watch = [f"{what.tape}.watch({shown})"]
            yield opened(tree, block, watch, group), f"Watch `{shown}` on `{what.tape}`"
    if maker is not None and choosy is not None:
        all_used = with_one_replaced(tree, maker, without_argument(maker, choosy))
        yield all_used, f"Let `{what.tape}` watch the variables that are used"
        for path in models:
            values = f"{what.tape}.watch([v.value for v in {path}])"
            yield opened(tree, block, [values], [path]), f"Watch the values of `{path}` on `{what.tape}`"
    made = Imports(tree).reach("tensorflow.convert_to_tensor", what.call)
    for path in tensors:
        # an array of NumPy, a number
        lines = [f"{path} = {made}({path})", f"{what.tape}.watch({path})"]
        yield opened(tree, block, lines, [path]), f"Make `{path}` a tensor, and watch it on `{what.tape}`"


def _shown(tree: Tree, what: Asked, block: cst.With, tensors: list[str], paths: list[str]) -> str:
    """How the paths are written: the collection's own name, where it is there before the block and has no others."""
    name = dotted(what.sources.value) if what.sources else None
    if len(paths) == 1:
        return paths[0]
    if name is not None and paths == tensors:
        (made,) = assignments(tree, name, scope_of(tree, what.call))
        before = tree.places[made].start.line < tree.places[block].start.line
        if before and sorted(source_paths(tree, what)) == sorted(paths):
            return name
    return f"[{', '.join(paths)}]"
