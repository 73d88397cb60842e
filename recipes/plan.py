"""What a run would take: a few real steps on random samples, timed and extrapolated."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch

from multigan.modality import Modality
from multigan.protocols import Batch, is_tensor
from multigan.training.assemble import assemble
from multigan.training.augmenting import always_augmented
from multigan.training.schedules import schedule_of
from multigan.training.settings import RunSettings
from multigan.training.trainer import Stage, Trainer

_STEPS = 3


class RandomSamples:
    """A data set of noise in the shape of the real one; ``condition``: the shape of one sample's."""

    def __init__(
        self, n: int, modality: Modality, sample_shape: tuple[int, ...], condition: tuple[int, ...]
    ) -> None:
        n_labels = condition[0] if len(condition) == 1 else 0
        self.labels = tuple(f"label-{i}" for i in range(n_labels))
        self.sample_shape, self.condition_shape = sample_shape, condition
        self._n, self._modality = n, modality

    def __len__(self) -> int:
        return self._n

    def batch(self, indices: object) -> Batch:
        n = len(np.asarray(indices))
        condition = torch.eye(len(self.labels))[torch.arange(n) % len(self.labels)] if self.labels else None
        if is_tensor(self.condition_shape):
            condition = torch.rand(n, *self.condition_shape) * 2 - 1
        return Batch(self._modality.random_samples(n, self.sample_shape), condition)


def plan_lines(
    modality: Modality, run: RunSettings, sample_shape: tuple[int, ...], n_labels: int = 8
) -> list[str]:
    """Samples, parameters, and expected time and memory, measured on this machine as it is now."""
    training = run.training
    assumed = f"; {n_labels} labels assumed" if modality.condition_shape is None else ""
    trainer, seconds = timed(modality, run, sample_shape, n_labels)
    whole = sum(seconds.values())
    stages = ", ".join(f"{name} {value / 60:.1f}" for name, value in seconds.items())
    steps = sum(
        -(-stage.samples // ((stage.batch or training.batch) * stage.n_batches)) for stage in trainer.stages
    )
    sizes = {name: sum(p.numel() for p in network.parameters()) for name, network in trainer.networks.items()}
    if trainer.device.type == "cuda":
        memory, where = torch.cuda.max_memory_allocated(), "GPU memory"
    else:
        memory, where = (
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            "memory",
        )
    return [
        f"Plan on {trainer.device.type} (timed over {_STEPS} steps on random samples{assumed}):",
        f"  samples to see  {trainer.total_samples:,} in {steps:,} steps",
        f"  parameters      generator {sizes['generator']:,}, discriminator {sizes['discriminator']:,}",
        f"  training time   about {whole / 60:.1f} min ({trainer.total_samples / whole:.0f} samples/s)"
        + (f": {stages}" if len(seconds) > 1 else "")
        + ", evaluation besides",
        f"  peak {where:<11}{memory / 2**30:.1f} GiB",
    ]


def timed(
    modality: Modality,
    run: RunSettings,
    sample_shape: tuple[int, ...],
    n_labels: int = 8,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Trainer, dict[str, float]]:
    """A trainer of the run on random samples, and what each of its stages would take by the clock, in seconds."""
    trainer = _trainer(modality, run, sample_shape, n_labels)
    seconds, ends = {}, accumulate(stage.samples for stage in trainer.stages)
    for stage, end in zip(trainer.stages, ends, strict=True):
        trainer.samples_seen = end - 1
        seconds[stage.name] = _seconds(trainer, stage, clock)
    return trainer, seconds


def samples_of_a_step(
    modality: Modality, run: RunSettings, sample_shape: tuple[int, ...], n_labels: int = 8
) -> int:
    """How many training samples the largest step takes, which the data must have."""
    trainer = _trainer(modality, run, sample_shape, n_labels)
    return max(
        (stage.batch or trainer.batch_size) * max(stage.n_batches, trainer.play.n_batches)
        for stage in trainer.stages
    )


def _trainer(modality: Modality, run: RunSettings, sample_shape: tuple[int, ...], n_labels: int) -> Trainer:
    # how many training samples there will be is not known: with the augmentation, which takes longer
    run = replace(run, training=always_augmented(run.training))
    schedule, own = schedule_of(run.training)
    n = 16 * max(run.training.batch, *schedule.batches(own).values(), 1)
    labels = (n_labels,) if n_labels else ()
    condition = labels if modality.condition_shape is None else modality.condition_shape(run.data)
    data = RandomSamples(n, modality, sample_shape, condition)
    with tempfile.TemporaryDirectory() as folder:
        return assemble(modality, run, data, Path(folder))


def _seconds(trainer: Trainer, stage: Stage, clock: Callable[[], float]) -> float:
    """What a stage would take as it is at its end, by the median of a few steps of each of its updates."""
    a_step = 0.0
    for update in stage.updates:
        times = []
        for _ in range(_STEPS + 1):
            begun = clock()
            trainer.clear((update,))
            trainer.gradients(update, trainer.begin(stage)[0], 0)
            trainer.step((update,))
            if trainer.device.type == "cuda":
                torch.cuda.synchronize()
            times.append(clock() - begun)
        a_step += sorted(times[1:])[_STEPS // 2] * update.repeat / update.every
    return a_step * stage.samples / ((stage.batch or trainer.batch_size) * stage.n_batches)
