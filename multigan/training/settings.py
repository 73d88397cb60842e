"""The settings of one training run."""

from __future__ import annotations

import math
from dataclasses import field
from typing import Any, Literal

from multigan.config import settings


@settings
class RegulariserSettings:
    """A penalty by its name in ``REGULARISERS``, its weight, and how often it is applied (1: at every step)."""

    name: str
    weight: float
    every: int = 1

    def __post_init__(self) -> None:
        if self.every < 1 or not self.weight >= 0:
            raise ValueError(
                f"every must be at least 1 and weight at least 0, found {self.every} and {self.weight}"
            )


@settings
class AugmentationSettings:
    """``none``, or a name in the modality's augmentations; a target makes the probability adaptive (ADA)."""

    name: str = "none"
    target: float = 0.6
    interval: int = 4
    speed_samples: int = 500_000


@settings
class TrainingSettings:
    """Lengths, half-lives and intervals are in real samples seen, never in steps."""

    samples: int = 100_000
    batch: int = 16
    accumulate: int = 1
    precision: Literal["float32", "bfloat16"] = "float32"
    compile: bool = False
    loss: str = "non_saturating"
    classification: float = 0.0
    generator_lr: float = 0.002
    discriminator_lr: float = 0.002
    beta1: float = 0.0
    beta2: float = 0.99
    discriminator_repeat: int = 1
    regularisers: list[RegulariserSettings] = field(default_factory=list)
    clip_discriminator: float | None = None
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)
    ema_half_life_samples: int = 10_000
    ema_ramp_up: float | None = 0.05
    checkpoint_every: int = 20_000
    keep_checkpoints: int = 2
    preview_every: int = 20_000
    log_every: int = 1_000

    def __post_init__(self) -> None:
        counts = (
            "samples", "batch", "accumulate", "discriminator_repeat", "ema_half_life_samples", "checkpoint_every",
            "keep_checkpoints", "preview_every", "log_every",
        )  # fmt: skip
        for name in counts:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")
        for name in ("generator_lr", "discriminator_lr"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be above 0, found {getattr(self, name)}")
        for name in ("beta1", "beta2"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} is at least 0 and below 1, found {getattr(self, name)}")
        if not self.classification >= 0:
            raise ValueError(f"classification is a weight of at least 0, found {self.classification}")
        names = [item.name for item in self.regularisers]
        if len(set(names)) < len(names):
            raise ValueError(f"each regulariser is given once, found {', '.join(names)}")
        if self.batch % self.accumulate:
            raise ValueError(
                f"batch {self.batch} cannot be cut into {self.accumulate} equal parts (accumulate)"
            )


@settings
class RunSettings:
    """What is trained, on what, and how; ``data`` and ``architecture`` are checked against the modality's own settings."""

    modality: str
    seed: int = 0
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    data: dict[str, Any] = field(default_factory=dict)
    architecture: dict[str, Any] = field(default_factory=dict)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"seed must be at least 0, found {self.seed}")
