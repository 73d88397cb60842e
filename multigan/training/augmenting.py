"""The augmentation of a run, from its settings."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace

from torch import nn

from multigan.errors import ConfigError
from multigan.losses import LOSSES
from multigan.modality import Modality
from multigan.penalties import PENALTIES, Consistency
from multigan.training.schedules import losses_with
from multigan.training.settings import AdaptiveSettings, AugmentationSettings, TrainingSettings


def settled(training: TrainingSettings, n_samples: int) -> TrainingSettings:
    """The settings for ``n_samples`` training samples: without an augmentation that so many make needless.

    Few samples are known by heart, and an augmentation prevents that (arXiv:2006.06676, 2006.10738); of samples that are
    seen a few times there is nothing to prevent, and variety is lost. ``min_passes`` says where that is. It stays where a
    penalty (cr, bcr) compares samples with their augmented ones.
    """
    own = training.augmentation
    if own.name == "none" or training.samples >= own.min_passes * n_samples or _is_compared(training):
        return training
    return replace(training, augmentation=AugmentationSettings())


def always_augmented(training: TrainingSettings) -> TrainingSettings:
    """The settings with their augmentation however many samples there are."""
    return replace(training, augmentation=replace(training.augmentation, min_passes=0.0))


def _is_compared(training: TrainingSettings) -> bool:
    """Whether a penalty takes the run's augmentation for the change that logits shall not follow."""
    return any(
        isinstance(PENALTIES[each.name](), Consistency) and not each.transform for each in training.penalties
    )


def augmentation_of(modality: Modality, training: TrainingSettings) -> nn.Module:
    """What all samples go through before the discriminator; ConfigError for settings that do not go together."""
    own = training.augmentation
    if own.name == "none":
        for value, what in (
            (own.p, "p is of an augmentation with a probability"),
            (own.kinds, "kinds are of an augmentation"),
            (own.min_passes or None, "min_passes is of an augmentation"),
        ):
            if value is not None:
                raise ConfigError(f"training.augmentation.{what}; give its name too.")
        return nn.Identity()
    augment = _of_kinds(own.name, modality.augmentations[own.name], own.kinds)
    if own.p is not None and not hasattr(augment, "p"):
        raise ConfigError(
            f"The augmentation {own.name} has no probability p to set; leave training.augmentation.p out."
        )
    if hasattr(augment, "p") and (own.p is None or isinstance(own.p, AdaptiveSettings)):
        require_undecided_zero(
            f"Adaptive augmentation ({own.name})", training,
            "choose augmentation.name=diffaugment, a number for augmentation.p",
        )  # fmt: skip
    return augment


def require_undecided_zero(what: str, training: TrainingSettings, remedy: str) -> None:
    """ConfigError where the run's loss gives the sign of a logit no meaning, which ``what`` reads."""
    if not LOSSES[training.loss].zero_is_undecided:
        raise ConfigError(
            f"{what} reads the sign of the logits of real samples, in which the {training.loss} loss has no undecided zero; "
            f"{remedy}, or one of the losses {losses_with('zero_is_undecided')}."
        )


def _of_kinds(name: str, augmentation: Callable[..., nn.Module], kinds: Sequence[str] | None) -> nn.Module:
    if kinds is None:
        return augmentation()
    if "kinds" not in inspect.signature(augmentation).parameters:
        raise ConfigError(
            f"The augmentation {name} has no kinds to choose among; leave training.augmentation.kinds out."
        )
    return augmentation(kinds=tuple(kinds))
