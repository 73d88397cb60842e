"""What is played: networks by name, which of them an update pits against each other, and how they are run."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn

from multigan.layers import HeadedDiscriminator
from multigan.normalisation import Notes
from multigan.precision import full_precision
from multigan.protocols import Batch, ClassifyingDiscriminator, Generates


class Roles(NamedTuple):
    """The names of the networks that play the two parts of an update."""

    generator: str = "generator"
    discriminator: str = "discriminator"


class Seen(NamedTuple):
    """What a discriminator says of samples: logits [N] or [N, K], all in float32."""

    logits: Tensor
    classes: Tensor | None = None
    """The auxiliary classifier's class logits [N, C]."""
    others: Tensor | None = None
    """The logits under other conditions."""


class PseudoAugment(nn.Module):
    """Real samples are replaced by generated ones of their condition, each with probability ``p``.

    Adaptive pseudo augmentation (arXiv:2111.06849): the discriminator learns that they are real, so that it
    cannot know the few real ones by heart; the generator's update sees none of it. ``p`` is a buffer, 0 at the start.
    """

    p: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("p", torch.zeros(()))

    def forward(self, players: Players, batch: Batch) -> Tensor:
        p, n = float(self.p), len(batch.real)
        if p == 0:
            return batch.real
        with torch.no_grad():
            fake = players.generate(n, batch.condition)
        replaced = torch.rand(n, device=batch.real.device) < p
        return torch.where(replaced.view(-1, *[1] * (fake.ndim - 1)), fake, batch.real)


@dataclass
class Players:
    """The two networks of one update, and how they are run.

    ``augment`` is applied to all that the discriminator sees, real and fake, and gradients flow through it;
    ``autocast()`` is the context in which networks run forward. ``networks`` are all of the game, by name.
    """

    generator: nn.Module
    discriminator: nn.Module
    augment: Callable[[Tensor], Tensor]
    autocast: Callable[[], AbstractContextManager[Any]]
    networks: Mapping[str, nn.Module] = field(default_factory=dict)
    samples_seen: int = 0
    """Real samples that the run has seen, which weights may follow."""
    pseudo: PseudoAugment | None = None
    """What presents generated samples to the discriminator as real; None: nothing does."""

    def generate(self, n: int, condition: Tensor | None) -> Tensor:
        """Fresh samples [n, ...] under ``condition``, in float32 (or tokens)."""
        latent = cast(Generates, self.generator).latent(n)
        with self.autocast():
            return full_precision(self.generator(latent, condition))

    def real(self, batch: Batch) -> Tensor:
        """What the discriminator is told is real, before augmentation: the batch, or some ``pseudo`` samples in it."""
        return batch.real if self.pseudo is None else self.pseudo(self, batch)

    def fake(self, batch: Batch) -> Tensor:
        """Fresh augmented samples, as many as the batch has and under its condition."""
        return self.augment(self.generate(len(batch.real), batch.condition))

    def logits(self, samples: Tensor, condition: Tensor | None) -> Tensor:
        """The discriminator's logits [N] or [N, K] in float32 for samples as they are (already augmented)."""
        with self.autocast():
            return full_precision(self.discriminator(samples, condition))

    def seen(
        self, samples: Tensor, condition: Tensor | None, *, label: bool = False, other: Tensor | None = None
    ) -> Seen:
        """What the discriminator says of samples as they are, in one pass where the condition comes last.

        ``label``: its reading of the label; ``other``: its logits under these conditions beside.
        """
        critic = self.discriminator
        if other is not None and isinstance(critic, HeadedDiscriminator):
            with self.autocast():
                features = critic.embed(samples, condition)
                logits, others = (full_precision(critic.head(features, each)) for each in (condition, other))
                classes = full_precision(critic.head.class_logits(features)) if label else None
            return Seen(logits, classes, others)
        others = None if other is None else self.logits(samples, other)
        if not label:
            return Seen(self.logits(samples, condition), None, others)
        with self.autocast():
            logits, classes = cast(ClassifyingDiscriminator, critic).judge(samples, condition)
            return Seen(full_precision(logits), full_precision(classes), others)


@dataclass(frozen=True)
class Game:
    """Networks by name, and how they are run; ``compiled`` are the same networks, with the same parameters, compiled."""

    networks: Mapping[str, nn.Module]
    augment: Callable[[Tensor], Tensor]
    autocast: Callable[[], AbstractContextManager[Any]]
    compiled: Mapping[str, nn.Module] = field(default_factory=dict)
    pseudo: PseudoAugment | None = None
    frozen: frozenset[str] = frozenset()
    """Parameters that no update trains: "discriminator.from_image.weight"."""

    @cached_property
    def parameters(self) -> dict[str, list[nn.Parameter]]:
        """Those of each network that are trained, gathered once: to walk through its modules takes as long as a small
        layer."""
        return {
            name: [p for own, p in network.named_parameters() if f"{name}.{own}" not in self.frozen]
            for name, network in self.networks.items()
        }

    @cached_property
    def _notes(self) -> dict[str, dict[str, Notes]]:
        return {
            owner: {
                f"{owner}.{name}": layer
                for name, layer in network.named_modules()
                if isinstance(layer, Notes)
            }
            for owner, network in self.networks.items()
        }

    def notes_of(self, networks: Iterable[str]) -> dict[str, Notes]:
        """The layers of these networks that note what they see, by name."""
        return {name: layer for owner in networks for name, layer in self._notes[owner].items()}

    def players(self, roles: Roles | None = None, eager: bool = False, samples_seen: int = 0) -> Players:
        """The players of an update (default: generator and discriminator), compiled where they are and not ``eager``."""
        roles = roles or Roles()
        networks = dict(self.networks) if eager else {**self.networks, **self.compiled}
        generator, discriminator = networks[roles.generator], networks[roles.discriminator]
        return Players(
            generator, discriminator, self.augment, self.autocast, networks, samples_seen, self.pseudo
        )

    def copy(self) -> Game:
        """The same game with networks of its own: what is done to them, such as a best response, never touches the run."""
        return replace(
            self,
            networks={name: copy.deepcopy(network) for name, network in self.networks.items()},
            augment=copy.deepcopy(self.augment),
            pseudo=copy.deepcopy(self.pseudo),
            compiled={},
        )
