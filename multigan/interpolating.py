"""Between latents: on the sphere that normal ones lie near, so that what is between two is as likely as they are."""

from __future__ import annotations

import torch
from torch import Tensor

_ALIKE = 1e-4
"""Radians: between latents nearer than this, or as near to opposite, the way is straight."""


def between(start: Tensor, end: Tensor, share: Tensor | float) -> Tensor:
    """Latents [N, Z] a share [N, 1] of the way from start to end, by the angle between them (arXiv:1609.04468)."""
    angle = torch.nn.functional.cosine_similarity(start, end).clamp(-1, 1).acos()[:, None]
    sine = torch.sin(angle)
    curved = (torch.sin((1 - share) * angle) * start + torch.sin(share * angle) * end) / sine
    return torch.where(sine > _ALIKE, curved, start + share * (end - start))
