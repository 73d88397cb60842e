"""The settings of one training run."""

from __future__ import annotations

import math
from dataclasses import field
from typing import Any, Literal

from multigan.config import settings
from multigan.precision import Precision
from multigan.ramps import Number, ends_of


def _counts(of: object, least: int, *names: str) -> None:
    for name in names:
        if getattr(of, name) < least:
            raise ValueError(f"{name} must be at least {least}, found {getattr(of, name)}")


def _rates(of: object, *names: str) -> None:
    for name in names:
        if not 0 < getattr(of, name) < math.inf:
            raise ValueError(f"{name} must be above 0, found {getattr(of, name)}")


@settings
class PenaltySettings:
    """A penalty by its name in ``PENALTIES``, its weight, and how often it is applied."""

    name: str
    weight: Number
    """A number, or a ramp of it over samples seen."""
    every: int = 1
    """1: at every step, in the loss of its network; k: an update of its own at every k-th step, weighing k times as much."""
    through: bool = False
    """Of slopes (r1, r2, wgan_gp, dragan): by the sample before its augmentation, not by the augmented one."""
    transform: str | None = None
    """Of cr and bcr: the transform that logits shall not follow, by a name in the modality's augmentations; null: the run's
    augmentation."""

    def __post_init__(self) -> None:
        if self.every < 1 or not all(end >= 0 for end in ends_of(self.weight)):
            raise ValueError(
                f"every must be at least 1 and weight at least 0, found {self.every} and {self.weight}"
            )


@settings
class AdaptiveSettings:
    """The probability of an augmentation follows how far the discriminator overfits (arXiv:2006.06676)."""

    target: float = 0.6
    """The mean sign of the logits of real samples that is aimed at."""
    interval: int = 4
    """Steps between two moves."""
    speed_samples: int = 500_000
    """Samples in which the probability can go from 0 to 1."""


@settings
class AugmentationSettings:
    """What real and fake samples go through before the discriminator sees them."""

    name: str = "none"
    """``none``, or a name in the modality's augmentations."""
    kinds: tuple[str, ...] | None = None
    """Which of its transforms it has; null: all."""
    p: Number | AdaptiveSettings | None = None
    """Of ADA, its probability: a number, a ramp, or {target, interval, speed_samples}; null: adaptive."""
    min_passes: float = 0.0
    """It is left out of a run that sees each training sample fewer times than this."""

    def __post_init__(self) -> None:
        if not 0 <= self.min_passes < math.inf:
            raise ValueError(f"min_passes is a number from 0 on, found {self.min_passes}")
        if self.kinds is not None and not self.kinds:
            raise ValueError("kinds is empty; leave it out for all of them, or name none")
        number = None if isinstance(self.p, AdaptiveSettings) else self.p
        if number is not None and not all(0 <= end <= 1 for end in ends_of(number)):
            raise ValueError(f"p is a probability in [0, 1], found {number}")


@settings
class EmaSettings:
    """The average of the generator's weights, which sampling and evaluation use (arXiv:1710.10196)."""

    half_life_samples: Number = 10_000
    """Real samples after which half of what the average held is forgotten; may be a ramp."""
    ramp_up: float | None = 0.05
    """Early on the half-life is at most this share of the samples seen (StyleGAN2-ADA's code); null: off."""

    def __post_init__(self) -> None:
        if not min(ends_of(self.half_life_samples)) > 0 or (
            self.ramp_up is not None and not self.ramp_up > 0
        ):
            raise ValueError(
                f"half_life_samples and ramp_up are above 0 (or ramp_up null), found {self.half_life_samples} "
                f"and {self.ramp_up}"
            )


@settings
class TrainingSettings:
    """How networks are trained. Lengths, half-lives and intervals are in real samples seen, never in steps."""

    samples: int = 100_000
    """Real samples seen in the adversarial stage, in which both players learn."""
    batch: int = 16
    """Real samples of a step, of all processes together."""
    accumulate: int = 1
    """Parts that a process cuts its share of a batch into, one after the other, for want of memory."""
    precision: Precision = "float32"
    """The numbers of the networks' forward passes: float32, bfloat16, or auto, which is bfloat16 where the device has units
    for it, else float32; penalties stay in float32."""
    compile: bool = False
    """Whether networks are compiled by torch.compile, where they are not differentiated twice."""
    loss: str = "non_saturating"
    """An adversarial loss by its name in ``LOSSES``."""
    classification: Number = 0.0
    """The weight of the label in both players' losses (AC-GAN's auxiliary classifier), a number or a ramp; 0: none."""
    schedule: dict[str, Any] = field(default_factory=lambda: {"name": "adversarial"})
    """Which stages and updates there are: {name: adversarial | sequence, ...its own settings}."""
    play: str = "alternating"
    """The order of the players' moves in a step: alternating, simultaneous, extragradient or lookahead."""
    optimisers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """generator, discriminator, ... -> {name: adam | adamw | rmsprop | sgd | optimistic_adam, ...its own settings}."""
    penalties: list[PenaltySettings] = field(default_factory=list)
    """Penalties on the discriminator or the generator, such as R1."""
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)
    """What real and fake samples go through before the discriminator sees them."""
    pseudo: Number | AdaptiveSettings = 0.0
    """The probability that a generated sample is presented to the discriminator as a real one (APA, arXiv:2111.06849): a
    number, a ramp, or {target, interval, speed_samples} to follow how far the discriminator overfits; 0: none."""
    spectral_normalisation: bool = False
    """Whether every layer of the discriminator is divided by its spectral norm (arXiv:1802.05957)."""
    freeze_d: int = 0
    """How many of the discriminator's first layers stay as they began, where a trained network is tuned on few samples
    (arXiv:2002.10964)."""
    ema: EmaSettings = field(default_factory=EmaSettings)
    """The average of the generator's weights."""
    checkpoint_every: int = 20_000
    """Samples between two checkpoints."""
    keep_checkpoints: int = 2
    """How many of the newest checkpoints stay, beside the best."""
    preview_every: int = 20_000
    """Samples between two preview pictures."""
    log_every: int = 1_000
    """Samples between two lines of metrics.jsonl."""
    monitors: list[str] = field(default_factory=list)
    """What is measured of the game in ``monitors.jsonl``, by names in ``MONITORS``; all: every one."""
    monitor_every: int = 20_000
    """Samples between two measurements of each monitor."""
    monitor_budget: float | None = 0.05
    """The most time that monitors take, as a share of the time of training; null: no limit."""

    def __post_init__(self) -> None:
        _counts(
            self, 1, "batch", "accumulate", "checkpoint_every", "keep_checkpoints", "preview_every", "log_every",
            "monitor_every",
        )  # fmt: skip
        _counts(self, 0, "samples", "freeze_d")
        if not all(end >= 0 for end in ends_of(self.classification)):
            raise ValueError(f"classification is a weight of at least 0, found {self.classification}")
        if not isinstance(self.pseudo, AdaptiveSettings) and not all(
            0 <= p <= 1 for p in ends_of(self.pseudo)
        ):
            raise ValueError(f"pseudo is a probability in [0, 1], found {self.pseudo}")
        if self.monitor_budget is not None:
            _rates(self, "monitor_budget")
        if len(set(self.monitors)) < len(self.monitors):
            raise ValueError(f"each of monitors is given once, found {', '.join(self.monitors)}")
        names = [item.name for item in self.penalties]
        if len(set(names)) < len(names):
            raise ValueError(f"each penalty is given once, found {', '.join(names)}")
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
