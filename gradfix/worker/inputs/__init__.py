"""Makes up inputs for a function that nothing calls, until it gets as far as asking a tape for gradients.

* What is read off the text: `definitions.py`, `uses.py` and `following.py` (what a parameter flows into), `roles.py`
  (what kind of thing it is), `words.py` (docstrings and comments), `vocabulary.py` (names).
* What the module offers: `module.py`, `objects.py` (models and other objects), `receivers.py`, `losses.py`,
  `variables.py`, `scalars.py`, `module_data.py`; `layers.py` says what a model takes.
* Candidates for a tensor, given all that (`scene.py`): `candidates.py`, `feeds.py`, `targets.py`, `bounds.py`.
* The search: `search.py` over the choices of objects (`frames.py`, `choices.py`), `tensors.py` over tensors
  (`structures.py`), with `attempts.py`, `watching.py`, `repairs.py` and `neighbours.py` for what an attempt teaches.
* What is found: `plans.py`, in `specs.py`, which `building.py` makes and `telling.py` puts into words.
"""

from .plans import Outcome, Plan, Stuck, perform
from .search import invent

__all__ = ["Outcome", "Plan", "Stuck", "invent", "perform"]
