"""The settings of one training run."""

from __future__ import annotations

import math
from dataclasses import field
from typing import Any, Literal

from multigan.config import settings


def _counts(of: object, least: int, *names: str) -> None:
    for name in names:
        if getattr(of, name) < least:
            raise ValueError(f"{name} must be at least {least}, found {getattr(of, name)}")


def _rates(of: object, *names: str) -> None:
    for name in names:
        if not 0 < getattr(of, name) < math.inf:
            raise ValueError(f"{name} must be above 0, found {getattr(of, name)}")


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
class LikelihoodSettings:
    """The stage before all others, of a generator of sequences: maximum likelihood; 0 samples: none."""

    samples: int = 0
    lr: float = 0.01
    decay: bool = False
    """Whether the rate falls on a line, to 0 at the end of the stage."""

    def __post_init__(self) -> None:
        _counts(self, 0, "samples")
        _rates(self, "lr")


@settings
class ObjectiveSettings:
    """How the generator gets its gradient in the adversarial stage.

    ``pathwise``: through the discriminator. Of sequences: ``policy_gradient`` (SeqGAN), ``importance`` (MaliGAN),
    ``relaxed`` (Gumbel-softmax).
    """

    name: Literal["pathwise", "policy_gradient", "importance", "relaxed"] = "pathwise"
    n_rollouts: int = 16
    """Of a policy gradient: completions of each prefix."""
    lag: float = 0.8
    """Of a policy gradient: how much of itself the rollout policy keeps at each update."""
    baseline: Literal["leave_one_out", "none"] = "leave_one_out"
    """Of a policy gradient."""
    temperature: float = 1.0
    """Of the relaxation."""
    likelihood: float = 0.0
    """The weight of the likelihood of real sequences beside the adversarial loss; 0: none."""

    def __post_init__(self) -> None:
        _counts(self, 1, "n_rollouts")
        _rates(self, "temperature")
        if not 0 <= self.lag < 1 or not self.likelihood >= 0:
            raise ValueError(
                f"lag is at least 0 and below 1 and likelihood at least 0, found {self.lag} and {self.likelihood}"
            )


@settings
class TrainingSettings:
    """Lengths, half-lives and intervals are in real samples seen, never in steps.

    Stages in order: ``likelihood``, the discriminator alone for ``discriminator_samples``, and both players for ``samples``.
    """

    samples: int = 100_000
    likelihood: LikelihoodSettings = field(default_factory=LikelihoodSettings)
    discriminator_samples: int = 0
    objective: ObjectiveSettings = field(default_factory=ObjectiveSettings)
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
    clip_generator_gradient: float | None = None
    """The norm that the generator's gradient is cut to; None: it is left."""
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)
    ema_half_life_samples: int = 10_000
    ema_ramp_up: float | None = 0.05
    checkpoint_every: int = 20_000
    keep_checkpoints: int = 2
    preview_every: int = 20_000
    log_every: int = 1_000

    def __post_init__(self) -> None:
        _counts(
            self, 1, "batch", "accumulate", "discriminator_repeat", "ema_half_life_samples", "checkpoint_every",
            "keep_checkpoints", "preview_every", "log_every",
        )  # fmt: skip
        _counts(self, 0, "discriminator_samples", "samples")
        if not self.samples and not self.likelihood.samples:
            raise ValueError("samples must be at least 1 where likelihood.samples is 0, found 0")
        _rates(self, "generator_lr", "discriminator_lr")
        if self.clip_generator_gradient is not None:
            _rates(self, "clip_generator_gradient")
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
