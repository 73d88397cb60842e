"""Small runs of every modality and penalty, to train on one process or several.

As a script, one process of several: ``ranks.py FOLDER RUN ...`` trains each run and saves what became of it.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from multigan import checkpoint
from multigan.audio.modality import AUDIO
from multigan.config import load
from multigan.image.modality import IMAGE
from multigan.protocols import Batch
from multigan.text.modality import TEXT
from multigan.training.assemble import assemble
from multigan.training.settings import RunSettings
from multigan.training.world import World, join, leave

STEPS, BATCH = 10, 6
STYLE = {"channel_base": 64, "channel_max": 8, "latent_size": 8, "style_size": 8, "minibatch_group": 1}
"""Groups of one sample: a statistic of a minibatch would depend on how it is cut."""
SEQUENCE = {"name": "sequence", "objective": {"name": "policy_gradient", "n_rollouts": 2, "lag": 0.5}}
RUNS = {
    "image-r1-path-ada": ("image", {"name": "stylegan2", **STYLE}, {
        "penalties": [{"name": "r1", "weight": 1.0}, {"name": "path_length", "weight": 2.0, "every": 2}],
        "augmentation": {"name": "ada", "p": {"target": 0.0, "interval": 2, "speed_samples": 200}}, "classification": 0.1,
    }),
    "image-r1-r2": ("image", {"name": "wavelet-stylegan2", **STYLE}, {
        "loss": "relativistic", "penalties": [{"name": "r1", "weight": 1.0}, {"name": "r2", "weight": 1.0}],
    }),
    "image-spectral-apa-lecam": ("image", {
        "name": "r3gan", "channel_base": 128, "channel_max": 16, "blocks": 1, "group_channels": 4, "latent_size": 8,
    }, {
        "loss": "hinge", "spectral_normalisation": True, "penalties": [{"name": "lecam", "weight": 0.3}],
        "pseudo": {"interval": 2, "speed_samples": 120, "target": -0.9},
    }),
    "audio-wgan-gp": ("audio", {"name": "wavegan", "width": 2, "latent_size": 4, "post_filter": 16}, {
        "loss": "wasserstein", "penalties": [{"name": "wgan_gp", "weight": 10.0}],
    }),
    "audio-r2-path": ("audio", {"name": "spectral", **STYLE, "window": 128}, {
        "penalties": [{"name": "r2", "weight": 1.0, "every": 2}, {"name": "path_length", "weight": 1.0}],
    }),
    "text-policy-gradient": ("text", {
        "name": "lstm-cnn", "embedding_size": 4, "hidden_size": 8,
        "discriminator": {"widths": [1, 2], "filters": [4, 4]},
    }, {"schedule": {**SEQUENCE, "likelihood_weight": 1.0}}),
    "text-likelihood": ("text", {
        "name": "lstm-multihead", "embedding_size": 4, "hidden_size": 8,
        "discriminator": {"n_heads": 2, "head_size": 4, "widths": [1, 2], "filters": [4, 4]},
    }, {"schedule": {**SEQUENCE, "likelihood_samples": BATCH * STEPS}, "samples": BATCH * 2}),
}  # fmt: skip
SHAPES = {"image": (3, 16, 16), "audio": (1, 1024), "text": (6, 12)}
MODALITIES = {"image": IMAGE, "audio": AUDIO, "text": TEXT}


class Noise:
    """Random samples of a modality with three labels, in float64, so that sums in another order change no choice."""

    labels = ("a", "b", "c")

    def __init__(self, name, n=48):
        torch.manual_seed(1)
        self.sample_shape = SHAPES[name]
        samples = MODALITIES[name].random_samples(n, self.sample_shape)
        self.samples = samples.double() if samples.is_floating_point() else samples
        self.conditions = torch.eye(3, dtype=torch.float64)[torch.arange(n) % 3]

    def __len__(self):
        return len(self.samples)

    def batch(self, indices):
        rows = torch.as_tensor(np.asarray(indices))
        return Batch(self.samples[rows], self.conditions[rows])


def build(name, folder, world=None, accumulate=1):
    """The trainer of a run, its networks in float64."""
    modality, architecture, training = RUNS[name]
    raw = {
        "modality": modality, "device": "cpu", "architecture": architecture,
        "training": {"samples": BATCH * STEPS, "batch": BATCH, "accumulate": accumulate, "ema": {"half_life_samples": 20},
                     **training},
    }  # fmt: skip
    torch.set_default_dtype(torch.float32)
    data = Noise(modality)
    trainer = assemble(MODALITIES[modality], load(RunSettings, raw, name), data, folder, world=world)
    for network in trainer.networks.values():
        network.double()
    trainer.game.augment.double()
    next(hook for hook in trainer.hooks if hook.name == "ema_generator").network.double()
    return trainer


def stop_at(trainer, step):
    """Run as if a stop had been asked for in the step before ``step``."""
    stop = SimpleNamespace(name="stop", after_step=lambda t: setattr(t, "interrupted", t.n_steps == step))
    trainer.hooks.append(stop)
    trainer.run()
    trainer.hooks.pop()


def start(size, folder, *runs):
    """Train ``runs`` in ``size`` processes; ``resume:RUN`` goes on from what FOLDER holds of it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root), str(root / "tests"), os.environ.get("PYTHONPATH", "")])
    common = {
        **os.environ,
        "PYTHONPATH": path,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "WORLD_SIZE": str(size),
    }
    command = [sys.executable, __file__, str(folder), *runs]
    processes = [
        subprocess.Popen(
            command, env={**common, "RANK": str(rank), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for rank in range(size)
    ]  # fmt: skip
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * size, "\n".join(outputs)


def main(folder, *runs):
    world: World = join()
    for run in runs:
        name = run.removeprefix("resume:")
        trainer = build(name, folder, world)
        if run == name:
            stop_at(trainer, STEPS // 2)
            if world.leads:
                checkpoint.save(folder / f"half-{name}", trainer.state_dict())
        trainer = build(name, folder, world)
        trainer.load_state_dict(checkpoint.load(folder / f"half-{name}")) if run != name else None
        trainer.run()
        if world.leads:
            checkpoint.save(folder / f"{world.size}-{run.replace(':', '-')}", trainer.state_dict())
        world.barrier()
    leave()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
