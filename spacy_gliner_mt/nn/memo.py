"""Memo: a result that is kept as long as the weights stay what it was computed from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from torch import Tensor

T = TypeVar("T")


class Memo(Generic[T]):
    """Keeps the last result, and computes it again once a weight has changed, whatever changed it:
    an optimizer, `load_state_dict`, `to`. Threads may share it.
    """

    def __init__(self) -> None:
        # The result and what it was computed from. One attribute, so that no thread sees halves.
        self._kept: tuple[T, list[tuple], list[Tensor]] | None = None

    def get(self, weights: Sequence[Tensor], key: Any, compute: Callable[[], T]) -> T:
        """The result for these weights.

        weights: all that it is computed from.
        key: what else it depends on.
        compute: is called if there is no such result yet.
        """
        if any(weight.is_inference() for weight in weights):
            # Made in inference mode: nobody counts how often those change.
            return compute()
        states = [(key, *_state(weight)) for weight in weights]
        kept = self._kept
        if kept is None or kept[1] != states:
            # Holding on to the weights keeps others from taking their place in memory.
            kept = self._kept = (compute(), states, [weight.detach() for weight in weights])
        return kept[0]


def _state(weight: Tensor) -> tuple:
    """What differs once a weight has changed. thinc's optimizers change it through NumPy, unseen by
    torch, but then clear its gradient, which is seen."""
    gradient = weight.grad
    return weight.data_ptr(), weight._version, None if gradient is None else gradient._version
