"""A run folder -> its generator -> samples for an emotion, an intensity, a truncation and a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Generator as RandomState
from torch import Tensor, nn

from multigan.checkpoint import best, latest, load
from multigan.config import load as load_settings
from multigan.errors import CheckpointError, ConfigError
from multigan.modality import MODALITIES, Modality, build_networks
from multigan.protocols import Represents, StyleGenerator
from multigan.registry import unknown_name
from multigan.runs import RunFacts, read_run

_BATCH = 32
_MEAN_OF = 512


@dataclass(frozen=True)
class TrainedGenerator:
    """The averaged (EMA) generator of a run, in evaluation mode."""

    network: nn.Module
    modality: Modality
    facts: RunFacts
    checkpoint: Path

    @cached_property
    def data(self) -> Any:
        """The modality's own data settings of the run."""
        return load_settings(
            self.modality.data_settings, self.facts.data, f"the data settings of {self.checkpoint}"
        )


def load_generator(run_folder: Path, device: torch.device) -> TrainedGenerator:
    """The EMA generator of the best checkpoint by its validation figure, or of the newest where none has one."""
    content = read_run(run_folder)
    try:
        facts = RunFacts(
            modality=str(content["modality"]),
            architecture=dict(content["architecture"]),  # type: ignore[call-overload]
            labels=tuple(content["labels"]),  # type: ignore[arg-type]
            sample_shape=tuple(content["sample_shape"]),  # type: ignore[arg-type]
            data=dict(content.get("data_settings", {})),  # type: ignore[call-overload]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{run_folder / 'run.json'} lacks or misstates {error}; restore it or train again."
        ) from error
    folder = best(run_folder / "checkpoints") or latest(run_folder / "checkpoints")
    modality = MODALITIES[facts.modality]
    condition_shape = (len(facts.labels),) if facts.labels else ()
    network = build_networks(modality, facts.architecture, facts.sample_shape, condition_shape)["generator"]
    try:
        network.load_state_dict(load(folder)["parts"]["hooks.ema_generator"])
    except (KeyError, RuntimeError) as error:
        raise CheckpointError(
            f"{folder} does not fit the architecture in run.json; restore it or train again."
        ) from error
    return TrainedGenerator(network.to(device).eval().requires_grad_(False), modality, facts, folder)


def condition_for(labels: Sequence[str], label: str, intensity: float) -> Tensor:
    """[C]: the one-hot of ``label`` times ``intensity`` in [0, 1]."""
    if label not in labels:
        unlabelled = f"This run was trained without labels, so it cannot make {label!r}; leave out --emotion."
        raise ConfigError(unknown_name("emotion in this run", label, list(labels)) if labels else unlabelled)
    if not 0 <= intensity <= 1:
        raise ConfigError(f"Intensity is between 0 and 1; found {intensity}.")
    vector = torch.zeros(len(labels))
    vector[list(labels).index(label)] = intensity
    return vector


def latents(generator: nn.Module, seed: int, indices: Sequence[int]) -> Tensor:
    """[N, Z] on the CPU: sample i has its own latent, a function of (seed, i) alone, whatever else is sampled."""
    drawn = []
    for index in indices:
        word = int(np.random.SeedSequence((seed, index)).generate_state(1, np.uint64)[0] >> np.uint64(1))
        drawn.append(generator.latent(1, RandomState().manual_seed(word)))  # type: ignore[operator]
    return torch.cat(drawn).cpu()


@torch.no_grad()
def generate(
    generator: nn.Module, latent: Tensor, condition: Tensor | None, truncation: float = 1.0, **how: Any
) -> Tensor:
    """Samples [N, ...] on the CPU for latents [N, Z] and conditions [N, C] (or None), decoded where they are encoded.

    ``how`` is what else the generator's ``forward`` takes, such as the ``decoding`` of texts.
    """
    device = next(generator.parameters()).device
    centres = None if truncation == 1 else _style_means(generator, condition, len(latent))
    # every batch has the same size, padded by repeats: other sizes may take other kernels and round in another way
    rows = torch.arange(-(-len(latent) // _BATCH) * _BATCH).clamp(max=len(latent) - 1).split(_BATCH)
    samples = []
    for row in rows:
        part = latent[row].to(device)
        given = None if condition is None else condition[row].to(device)
        if centres is None:
            made = generator(part, given, **how)
        else:
            styles = generator.mapping(part, given)  # type: ignore[operator]
            made = generator.synthesis(centres[row.to(device)].lerp(styles, truncation))  # type: ignore[operator]
        samples.append(
            (generator.representation.decode(made) if isinstance(generator, Represents) else made).cpu()
        )
    return torch.cat(samples)[: len(latent)]


def require_truncation(generator: nn.Module) -> None:
    """ConfigError for a generator that cannot be truncated."""
    if not isinstance(generator, StyleGenerator):
        raise ConfigError(
            f"Truncation needs a generator with mapping and synthesis; {type(generator).__name__} has none: "
            "use truncation 1 (--truncation 1, or --set sampling.truncation=1 in a recipe)."
        )


def _style_means(generator: nn.Module, condition: Tensor | None, n: int) -> Tensor:
    """[N, L, W]: the mean style of each sample's own condition, over fixed latents (arXiv:1812.04948, appendix B).

    A mean over all conditions would pull every emotion towards the same face.
    """
    require_truncation(generator)
    assert isinstance(generator, StyleGenerator)
    device = next(generator.parameters()).device
    latent = generator.latent(_MEAN_OF, RandomState().manual_seed(0)).to(device)
    if condition is None:
        return generator.mapping(latent, None).mean(0, keepdim=True).expand(n, -1, -1)
    rows, which = condition.unique(dim=0, return_inverse=True)
    means = [generator.mapping(latent, row.to(device).expand(_MEAN_OF, -1)).mean(0) for row in rows]
    return torch.stack(means)[which.to(device)]
