"""How fast StyleGAN2 trains and samples here, beside its plain twin, and in how much memory.

    python benchmarks/images.py [--quick] [--threads N]

All variants run in one process, interleaved, on the engine's own objectives and Adam; a figure is the median of
its rounds. A training step is one generator and one discriminator update, a path-length penalty every 4 steps
and R1 every 16 (both in float32 whatever the precision, as in training). Memory is the peak of a process of its
own that takes one step of everything, less what it held before it built the networks.
"""

import argparse
import importlib.util
import json
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch

from multigan.config import load, read_yaml
from multigan.game import Players
from multigan.image.modality import IMAGE
from multigan.image.networks.stylegan2 import StyleGAN2Settings
from multigan.losses import LOSSES
from multigan.objectives.adversarial import discriminator, pathwise
from multigan.objectives.combine import penalise
from multigan.penalties import PENALTIES
from multigan.protocols import Batch
from multigan.training.optimisers import adam

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "images-cpu.json"
RECIPE = "recipes/catalogue/emotive-images.yaml"
BATCH, LABELS, ROUNDS = 16, 8, 3
EVERY = {"generator": 1, "path_length": 4, "discriminator": 1, "r1": 16}
IMPLEMENTATIONS = (("plain", "float32"), ("fast", "float32"), ("fast", "bfloat16"))


@dataclass(frozen=True)
class Case:
    """One pair of networks to be measured: an architecture with its widths, at a resolution."""

    title: str
    architecture: str
    settings: dict[str, object]
    resolution: int


def cases():
    """The widths of StyleGAN2's own comparison, and those of the default recipe, at 32 and 64 pixels."""
    recipe = dict(read_yaml(ROOT / RECIPE)["architecture"])
    recipe_name = str(recipe.pop("name"))
    widths = {"channel_base": 4096, "channel_max": 128}
    return [
        Case(f"{name} {label} {resolution}px", name, chosen, resolution)
        for label, name, chosen in (("4096/128", "stylegan2", widths), ("recipe", recipe_name, recipe))
        for resolution in (32, 64)
    ]


def build(case, implementation):
    options = load(StyleGAN2Settings, case.settings, f"architecture {case.architecture}")
    shape = (3, case.resolution, case.resolution)
    torch.manual_seed(0)
    fast = tuple(IMAGE.architectures[case.architecture].build(options, shape, (LABELS,)).values())
    if implementation == "fast":
        return fast
    path = ROOT / "tests" / "worlds" / "plain_stylegan2.py"
    specification = importlib.util.spec_from_file_location("plain_stylegan2", path)
    assert specification is not None
    assert specification.loader is not None
    plain_stylegan2 = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(plain_stylegan2)
    wavelet = [network.wavelet for network in fast]
    plain = plain_stylegan2.build(options, shape, LABELS, wavelet)
    for slow, quick in zip(plain, fast, strict=True):
        slow.load_state_dict(quick.state_dict())
    return plain


class Contestant:
    """One implementation of a case in one precision: its updates, and sampling."""

    def __init__(self, case, implementation, precision):
        self.name = f"{implementation} {precision}"
        half = precision == "bfloat16"
        self.autocast = (lambda: torch.autocast("cpu", torch.bfloat16)) if half else nullcontext
        generator, critic = build(case, implementation)
        self.players = Players(generator, critic, lambda images: images, self.autocast)
        condition = torch.eye(LABELS)[torch.arange(BATCH) % LABELS] * torch.rand(BATCH, 1)
        self.batch = Batch(torch.rand(BATCH, 3, case.resolution, case.resolution) * 2 - 1, condition)
        loss = LOSSES["non_saturating"]
        self.updates = {
            "generator": (generator, pathwise(loss)),
            "path_length": (generator, penalise(PENALTIES["path_length"](), 2.0)),
            "discriminator": (critic, discriminator(loss)),
            "r1": (critic, penalise(PENALTIES["r1"](), 1.0)),
        }
        self.optimisers = {
            generator: adam(generator, 0.002, (0.0, 0.99), [EVERY["path_length"]]),
            critic: adam(critic, 0.002, (0.0, 0.99), [EVERY["r1"]]),
        }

    def run(self, task):
        """One update by its name, or ``sampling``: one batch."""
        if task == "sampling":
            self.sample()
            return
        network, objective = self.updates[task]
        for other in self.optimisers:
            other.train().requires_grad_(other is network)
        self.optimisers[network].zero_grad(set_to_none=True)
        (objective(self.players, self.batch).loss.mean() * EVERY[task]).backward()
        self.optimisers[network].step()

    @torch.no_grad()
    def sample(self):
        generator = self.players.generator.eval()
        with self.autocast():
            generator(generator.latent(BATCH), self.batch.condition)

    def seconds(self, task):
        start = time.perf_counter()
        self.run(task)
        return time.perf_counter() - start


def measure(case, rounds):
    """Contestant -> task -> median seconds; a round runs each task once with every contestant in turn."""
    contestants = [Contestant(case, *which) for which in IMPLEMENTATIONS]
    taken = {one.name: {task: [] for task in (*EVERY, "sampling")} for one in contestants}
    for number in range(rounds + 1):
        for task in (*EVERY, "sampling"):
            for one in contestants:
                seconds = one.seconds(task)
                if number:  # the first round warms up
                    taken[one.name][task].append(seconds)
    return {
        name: {task: statistics.median(values) for task, values in tasks.items()}
        for name, tasks in taken.items()
    }


def peak_memory(case, implementation, precision, threads):
    """MiB above the libraries; meant for a fresh process."""
    torch.set_num_threads(threads)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    one = Contestant(case, implementation, precision)
    for task in (*EVERY, "sampling", *EVERY):
        one.run(task)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / unit


def peak_memories(case, threads):
    """``peak_memory`` of every contestant, each in a process of its own."""
    found = {}
    for implementation, precision in IMPLEMENTATIONS:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found[f"{implementation} {precision}"] = pool.apply(
                peak_memory, (case, implementation, precision, threads)
            )
    return found


def figures(seconds, memory):
    """Rows of one case: samples a second, each beside the plain float32 twin of the same run."""
    rows = {}
    for name, tasks in seconds.items():
        step = sum(tasks[task] / every for task, every in EVERY.items())
        rows[name] = {
            "milliseconds": {task: 1000 * value for task, value in tasks.items()},
            "training_samples_per_second": BATCH / step,
            "sampling_samples_per_second": BATCH / tasks["sampling"],
            "peak_memory_mib": memory[name],
        }
    plain = rows["plain float32"]
    for row in rows.values():
        for kind in ("training", "sampling"):
            key = f"{kind}_samples_per_second"
            row[f"{kind}_ratio"] = row[key] / plain[key]
    return rows


def print_rows(title, rows):
    print(f"\n{title}, batch {BATCH}")
    titles = ("G ms", "PL ms", "D ms", "R1 ms", "train/s", "ratio", "sample/s", "ratio", "MiB")
    print(f"{'':16}" + "".join(f"{text:>9}" for text in titles))
    for name, row in rows.items():
        values = [*(row["milliseconds"][task] for task in EVERY)]
        values += [row["training_samples_per_second"], row["training_ratio"]]
        values += [row["sampling_samples_per_second"], row["sampling_ratio"], row["peak_memory_mib"]]
        print(f"{name:16}" + "".join(f"{value:9.2f}" if value < 10 else f"{value:9.1f}" for value in values))


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="32 pixels only; writes no file")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="default: all (%(default)s)")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    report = {
        "processor": processor(),
        "threads": arguments.threads,
        "torch": torch.__version__,
        "batch": BATCH,
        "rounds": ROUNDS,
        "cases": {},
    }
    chosen = [case for case in cases() if case.resolution == 32 or not arguments.quick]
    # all before this process itself grows: the peak that a child starts with is that of its parent
    memory = {case.title: peak_memories(case, arguments.threads) for case in chosen}
    for case in chosen:
        rows = figures(measure(case, report["rounds"]), memory[case.title])
        report["cases"][case.title] = {"settings": case.settings, "rows": rows}
        print_rows(case.title, rows)
    if not arguments.quick:
        RESULTS.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        print(f"\nWritten to {RESULTS.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
