"""How fast WaveGAN trains and samples here, beside its plain twin.

    python benchmarks/audio.py [--quick] [--threads N]

All variants run in one process, interleaved, on the engine's own objectives and Adam; a figure is the median of
its rounds, by the wall and by the CPU (for a machine on which others work too, with one thread). A training round is
5 critic updates, 5 gradient penalties (lambda 10; in float32 whatever the precision, as in training) and 1 generator
update, at 16,384 samples and width 16; each update draws its own fakes.
"""

import argparse
import importlib.util
import json
import os
import statistics
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import torch

from multigan.audio.networks.wavegan import WAVEGAN, WaveGANSettings
from multigan.game import Players
from multigan.losses import LOSSES
from multigan.objectives.adversarial import discriminator, pathwise
from multigan.objectives.combine import regularise
from multigan.penalties import REGULARISERS
from multigan.protocols import Batch
from multigan.training.optimisers import adam

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "audio-cpu.json"
N_SAMPLES, RATE_HZ, WIDTH, LABELS = 16_384, 16_000, 16, 8
UPDATES = {"generator": 1, "critic": 5, "penalty": 5}
"""Of a round, and how often in it."""
ROUNDS = {16: 7, 64: 3}
"""By batch: the more of the short ones."""
IMPLEMENTATIONS = (
    ("plain", "float32"), ("plain", "bfloat16"), ("fast", "float32"), ("fast", "bfloat16"),
)  # fmt: skip
CLOCKS = ("wall", "cpu")
BARS = {"rounds_per_second": 1.7, "audio_seconds_per_second": 3.0}
"""At least this many times the plain twin's, both in float32."""
CLOSE = 1e-5
"""How far samples and logits of the twins may differ in float32, of their largest."""


def plain_module():
    path = ROOT / "tests" / "worlds" / "plain_wavegan.py"
    specification = importlib.util.spec_from_file_location("plain_wavegan", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def build(options, implementation):
    torch.manual_seed(0)
    fast = tuple(WAVEGAN.build(options, (1, N_SAMPLES), (LABELS,)).values())
    if implementation == "fast":
        return fast
    module = plain_module()
    plain = module.build(options, (1, N_SAMPLES), LABELS)
    for slow, quick, generates in zip(plain, fast, (True, False), strict=True):
        transposed = generates and options.upsampling == "transposed"
        slow.load_state_dict(module.plain_weights(quick.state_dict(), transposed))
    return plain


class Contestant:
    """One implementation in one precision: its updates, and sampling."""

    def __init__(self, options, batch, implementation, precision):
        self.name = f"{implementation} {precision}"
        half = precision == "bfloat16"
        self.autocast = (lambda: torch.autocast("cpu", torch.bfloat16)) if half else nullcontext
        generator, critic = build(options, implementation)
        self.players = Players(generator, critic, lambda sounds: sounds, self.autocast)
        random_state = torch.Generator().manual_seed(0)
        condition = torch.eye(LABELS)[torch.arange(batch) % LABELS]
        real = torch.rand(batch, 1, N_SAMPLES, generator=random_state) * 2 - 1
        self.latent = torch.rand(batch, options.latent_size, generator=random_state) * 2 - 1
        self.batch = Batch(real, condition)
        loss = LOSSES["wasserstein"]
        self.updates = {
            "generator": (generator, pathwise(loss)),
            "critic": (critic, discriminator(loss)),
            "penalty": (critic, regularise(REGULARISERS["wgan_gp"](), 10.0)),
        }
        self.optimisers = {network: adam(network, 1e-4, (0.5, 0.9)) for network in (generator, critic)}

    def run(self, task):
        """One update by its name, or ``sampling``: one batch."""
        if task == "sampling":
            self.sample()
            return
        network, objective = self.updates[task]
        for other in self.optimisers:
            other.train().requires_grad_(other is network)
        self.optimisers[network].zero_grad(set_to_none=True)
        objective(self.players, self.batch).loss.mean().backward()
        self.optimisers[network].step()

    @torch.no_grad()
    def sample(self):
        generator = self.players.generator.eval()
        with self.autocast():
            return generator(self.latent, self.batch.condition)

    @torch.no_grad()
    def judge(self):
        critic = self.players.discriminator.eval()
        with self.autocast():
            return critic(self.batch.real, self.batch.condition)

    def seconds(self, task):
        """By the wall and by the CPU."""
        start = time.perf_counter(), time.process_time()
        self.run(task)
        return time.perf_counter() - start[0], time.process_time() - start[1]


def measure(contestants, rounds):
    """Contestant -> task -> median (wall, CPU) seconds; a round runs each task once with every contestant in turn."""
    tasks = (*UPDATES, "sampling")
    taken = {one.name: {task: [] for task in tasks} for one in contestants}
    for number in range(rounds + 1):
        for task in tasks:
            for one in contestants:
                seconds = one.seconds(task)
                if number:  # the first round warms up
                    taken[one.name][task].append(seconds)
    return {
        name: {
            task: tuple(statistics.median(column) for column in zip(*values, strict=True))
            for task, values in found.items()
        }
        for name, found in taken.items()
    }


def differences(contestants):
    """Contestant -> how far samples and logits are from the first's, of its largest, before any training."""
    first, *others = contestants
    found = {}
    for one in others:
        pairs = ((first.sample(), one.sample()), (first.judge(), one.judge()))
        found[one.name] = max(
            float((ours - wanted).abs().max() / wanted.abs().max()) for wanted, ours in pairs
        )
    return found


def figures(seconds, batch):
    """Rows of one case by each clock, beside the plain float32 twin of the same run."""
    return {
        name: {clock: row(tasks, i, batch) for i, clock in enumerate(CLOCKS)}
        for name, tasks in seconds.items()
    }


def row(tasks, clock, batch):
    of_round = {task: tasks[task][clock] * n for task, n in UPDATES.items()}
    whole = sum(of_round.values())
    return {
        "milliseconds": {task: 1000 * values[clock] for task, values in tasks.items()},
        "share_of_round": {task: value / whole for task, value in of_round.items()},
        "rounds_per_second": 1 / whole,
        "audio_seconds_per_second": batch * N_SAMPLES / RATE_HZ / tasks["sampling"][clock],
    }


def ratio(rows, name, clock, key):
    return rows[name][clock][key] / rows["plain float32"][clock][key]


def print_rows(title, rows, apart):
    print(f"\n{title}")
    titles = (
        "G ms",
        "D ms",
        "GP ms",
        "rounds/s",
        "ratio",
        "by CPU",
        "audio s/s",
        "ratio",
        "by CPU",
        "off by",
    )
    print(f"{'':16}" + "".join(f"{text:>10}" for text in titles))
    for name, clocks in rows.items():
        wall = clocks["wall"]
        values = [wall["milliseconds"][task] for task in UPDATES]
        for key in ("rounds_per_second", "audio_seconds_per_second"):
            values += [wall[key], *(ratio(rows, name, clock, key) for clock in CLOCKS)]
        numbers = "".join(f"{value:10.2f}" if value < 10 else f"{value:10.1f}" for value in values)
        print(f"{name:16}{numbers}{apart.get(name, 0.0):10.0e}", flush=True)


def missed(title, rows, apart):
    """Sentences of the bars that float32 does not reach, by the wall."""
    found = {key: ratio(rows, "fast float32", "wall", key) for key in BARS}
    short = [f"{title}: {key} {found[key]:.2f} of {bar}" for key, bar in BARS.items() if found[key] < bar]
    if apart["fast float32"] > CLOSE:
        short.append(f"{title}: results differ by {apart['fast float32']:.1e}")
    return short


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "unknown")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="batch 16, transposed, 2 rounds; writes no file")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="default: all (%(default)s)")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    report = {
        "processor": processor(), "threads": arguments.threads, "torch": torch.__version__,
        "n_samples": N_SAMPLES, "width": WIDTH, "labels": LABELS, "load_before": os.getloadavg()[0], "cases": {},
    }  # fmt: skip
    short = []
    for upsampling in ("transposed",) if arguments.quick else ("transposed", "nearest"):
        options = WaveGANSettings(width=WIDTH, upsampling=upsampling)
        for batch in (16,) if arguments.quick else (16, 64):
            title = f"{upsampling}, batch {batch}"
            contestants = [Contestant(options, batch, *which) for which in IMPLEMENTATIONS]
            apart = differences(contestants)
            rounds = 2 if arguments.quick else ROUNDS[batch]
            rows = figures(measure(contestants, rounds), batch)
            report["cases"][title] = {"rounds": rounds, "differences": apart, "rows": rows}
            print_rows(title, rows, apart)
            short += missed(title, rows, apart)
    report["load_after"] = os.getloadavg()[0]
    if not arguments.quick:
        RESULTS.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        print(f"\nWritten to {RESULTS.relative_to(ROOT)}.")
    print("\n".join(short) or "\nAll bars are met.")
    sys.exit(bool(short))


if __name__ == "__main__":
    main()
