"""GF122: of two tapes the wrong one is asked.

A generator and a discriminator have a tape each, and one line was copied without changing its tape: the tape that is
asked has recorded nothing of this target, so all gradients are None; or it has given its one answer already, and raises
"A non-persistent GradientTape can only be used to compute one set of gradients".

Bad:

```python
with tf.GradientTape() as area_tape:
    area = w * w
with tf.GradientTape() as rim_tape:
    rim = 4.0 * w
area_grad = area_tape.gradient(area, w)
rim_grad = area_tape.gradient(rim, w)
```

Good:

```python
with tf.GradientTape() as area_tape:
    area = w * w
with tf.GradientTape() as rim_tape:
    rim = 4.0 * w
area_grad = area_tape.gradient(area, w)
rim_grad = rim_tape.gradient(rim, w)
```

See "Advanced automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/advanced_autodiff), the section "Multiple tapes".

Keep the name where one tape is to answer twice, and make that tape persistent.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.asked import Asked, asked, idle_tapes
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import with_one_replaced
from gradfix_codemods.offers import offers
from gradfix_codemods.trees import Tree


class WrongTape(Codemod):
    """Asks the other tape; the module explains the mistake."""

    name = "wrong-tape"
    code = "GF122"
    answers = frozenset({"outside-tape", "tape-used-up", "wrong-tape"})
    rewrites_step = True
    mistake = "of two tapes the wrong one is asked"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts that ask another tape of the same function, one that nothing asks."""
        tree = Tree.parse(text)
        if tree is not None:
            yield from offers(tree.module, (option for what in asked(tree, cut) for option in _options(tree, what)))


def _options(tree: Tree, what: Asked) -> Iterator[tuple[cst.Module, str]]:
    assert isinstance(what.call.func, cst.Attribute)
    for tape in idle_tapes(tree, what):
        new = cst.parse_expression(tape)
        yield with_one_replaced(tree, what.call.func.value, new), f"Ask `{tape}`, not `{what.tape}`"
