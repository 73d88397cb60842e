"""What a run would take: a few real steps on random samples, timed and extrapolated."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from multigan.modality import Batch, Modality
from multigan.training.assemble import assemble
from multigan.training.settings import RunSettings

_STEPS = 3


class RandomSamples:
    """A data set of noise in the shape of the real one."""

    def __init__(self, n: int, sample_shape: tuple[int, ...], n_labels: int) -> None:
        self.labels = tuple(f"label-{i}" for i in range(n_labels))
        self.sample_shape = sample_shape
        self._n = n

    def __len__(self) -> int:
        return self._n

    def batch(self, indices: object) -> Batch:
        n = len(np.asarray(indices))
        condition = torch.eye(len(self.labels))[torch.arange(n) % len(self.labels)] if self.labels else None
        return Batch(torch.rand(n, *self.sample_shape) * 2 - 1, condition)


def plan_lines(
    modality: Modality, run: RunSettings, sample_shape: tuple[int, ...], n_labels: int = 8
) -> list[str]:
    """Samples, parameters, and expected time and memory, measured on this machine as it is now."""
    training = run.training
    data = RandomSamples(4 * training.batch * training.discriminator_repeat, sample_shape, n_labels)
    with tempfile.TemporaryDirectory() as folder:
        trainer = assemble(modality, run, data, Path(folder))
    stage = trainer.stages[0]
    seconds_a_step = 0.0
    for update in stage.updates:
        times = []
        for _ in range(_STEPS + 1):
            begun = time.perf_counter()
            trainer.apply(update, trainer.next_batch())
            if trainer.device.type == "cuda":
                torch.cuda.synchronize()
            times.append(time.perf_counter() - begun)
        seconds_a_step += sorted(times[1:])[_STEPS // 2] * update.repeat / update.every
    steps = trainer.total_samples / (training.batch * stage.n_batches)
    sizes = {name: sum(p.numel() for p in network.parameters()) for name, network in trainer.networks.items()}
    if trainer.device.type == "cuda":
        memory, where = torch.cuda.max_memory_allocated(), "GPU memory"
    else:
        memory, where = (
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            "memory",
        )
    return [
        f"Plan on {trainer.device.type} (timed over {_STEPS} steps on random samples; {n_labels} labels assumed):",
        f"  samples to see  {trainer.total_samples:,} in {steps:,.0f} steps of {training.batch * stage.n_batches}",
        f"  parameters      generator {sizes['generator']:,}, discriminator {sizes['discriminator']:,}",
        f"  training time   about {steps * seconds_a_step / 60:.1f} min "
        f"({training.batch * stage.n_batches / seconds_a_step:.0f} samples/s), evaluation besides",
        f"  peak {where:<11}{memory / 2**30:.1f} GiB",
    ]
