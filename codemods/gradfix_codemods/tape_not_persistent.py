"""GF111: a tape that is not persistent is asked twice.

"A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)": after its first
answer a tape throws away what it has recorded. A tape that is asked more than once, as for the two networks of a
GAN, is made with `persistent=True`.

Bad:

```python
with tf.GradientTape() as tape:
    area = w * h
    rim = 2.0 * (w + h)
area_grad = tape.gradient(area, w)
rim_grad = tape.gradient(rim, w)
```

Good:

```python
with tf.GradientTape(persistent=True) as tape:
    area = w * h
    rim = 2.0 * (w + h)
area_grad = tape.gradient(area, w)
rim_grad = tape.gradient(rim, w)
```

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff): a persistent tape holds what it recorded until it is collected, so
`del tape` after the last question frees memory.

Keep a tape as it is that is asked once; where memory is short, use one tape for each target.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.arguments import keyword, named, with_argument
from gradfix_codemods.asked import Asked, asked, idle_tapes, maker_of, recorded_by
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import with_one_replaced
from gradfix_codemods.naming import dotted
from gradfix_codemods.offers import offers
from gradfix_codemods.trees import Tree

_TRUE = cst.Name("True")
_MOST = 4


class TapeNotPersistent(Codemod):
    """Makes the tape persistent; the module explains the mistake."""

    name = "tape-not-persistent"
    code = "GF111"
    answers = frozenset({"tape-used-up"})
    rewrites_step = True
    mistake = "a tape that is not persistent is asked twice"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields the text with a persistent tape; where the tape came from elsewhere, one for each that it may be."""
        tree = Tree.parse(text)
        if tree is not None:
            options = (_persistent(tree, maker) for what in asked(tree, cut) for maker in _makers(tree, what))
            yield from offers(tree.module, ((module, "Make the tape persistent") for module in options))


def _makers(tree: Tree, what: Asked) -> list[cst.Call]:
    if idle_tapes(tree, what):
        return []  # one of those was meant: GF122
    makers = [maker for block in recorded_by(tree, what)[:1] if (maker := maker_of(tree, block, what.tape))]
    return makers or [node for node in tree.places if isinstance(node, cst.Call) and _makes_tape(node)][:_MOST]


def _makes_tape(call: cst.Call) -> bool:
    return (dotted(call.func) or "").rpartition(".")[2] == "GradientTape"


def _persistent(tree: Tree, maker: cst.Call) -> cst.Module:
    old = named(maker, "persistent") or next((a for a in maker.args[:1] if a.keyword is None and not a.star), None)
    if old is not None:
        return with_one_replaced(tree, old.value, _TRUE)
    return with_one_replaced(tree, maker, with_argument(maker, keyword("persistent", _TRUE), 0))
