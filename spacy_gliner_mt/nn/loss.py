"""Loss: how far logits are from their targets."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def binary_loss(
    logits: Tensor,
    targets: Tensor,
    mask: Tensor,
    *,
    positive_weight: float = 0.75,
    negative_weight: float = 0.25,
    gamma: float = 0.0,
    smoothing: float = 0.0,
) -> Tensor:
    """Weighted binary cross-entropy (Stepanov & Shtopko 2024, section 3), with the modulating factor
    of the focal loss (Lin et al. 2017) on request.

    gliner 0.2.29 smooths targets before it weighs them, so that a positive of smoothing 0.2 weighs
    0.7 instead of 0.75, and it takes the modulating factor of smoothed targets too. Here the weights
    and the factor follow the hard target.

    logits, targets, mask (any shape): scores, 0 or 1, and whether they count.
    positive_weight, negative_weight: of targets that are 1 or 0; alpha and 1 - alpha of the focal
        loss.
    gamma: power of the modulating factor (1 - p)^gamma, p the probability of the hard target; 0 for
        none.
    smoothing: a in the target y(1 - a) + a/2.
    RETURNS: the sum over what counts, a scalar: 0 where nothing does.
    """
    logits, targets = logits[mask], targets[mask]
    soft = targets * (1 - smoothing) + smoothing / 2
    losses = F.binary_cross_entropy_with_logits(logits, soft, reduction="none")
    if gamma:
        # The probability of the other target, from logits: 1 - p loses it where p is near 1.
        losses = losses * ((1 - 2 * targets) * logits).sigmoid() ** gamma
    weights = negative_weight + (positive_weight - negative_weight) * targets
    return (losses * weights).sum()
