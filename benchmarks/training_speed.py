"""How fast two checkouts train the three emotive recipes, in turn on one machine, and how much memory that takes.

    python benchmarks/training_speed.py OLD NEW [--rounds 3] [--json benchmarks/results/training-speed.json]

OLD and NEW are folders of checkouts. Each recipe trains in a fresh process on one thread, by either in turn; samples
per second of processor time and the peak of resident memory when training ends are compared by their medians. What comes
after training is left out. The first round fills the caches and is not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TIMED = """
import json, os, resource, time
from multigan.training.trainer import Trainer
train = Trainer.run
def timed(self):
    start = time.process_time()
    train(self)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("TIMED " + json.dumps([self.samples_seen / seconds, peak]), flush=True)
    os._exit(0)
Trainer.run = timed
from recipes.cli import main
main()
"""
PRECISION = (
    "training.precision=float32"  # so that no checkout has units of the processor that the other leaves alone
)
SETTINGS = {
    "emotive-images": (PRECISION, "training.samples=3200"),
    "emotive-audio": (PRECISION, "training.samples=1600"),
    # as many samples of each stage as the recipe has, in hundredths
    "emotive-text": (
        "data.drawn=10000", "training.samples=320", "training.likelihood.samples=4032", "training.discriminator_samples=320",
    ),
}  # fmt: skip


def train(checkout: Path, recipe: str, folder: Path) -> tuple[float, float]:
    """Samples per second of processor time, and the peak of memory in MiB."""
    command = [sys.executable, "-c", TIMED, "recipe", "run", recipe, "--set", "device=cpu"]
    command += [part for item in SETTINGS[recipe] for part in ("--set", item)]
    with tempfile.TemporaryDirectory() as out:
        command += ["--out", str(Path(out, "run"))]
        environment = {
            **os.environ, "PYTHONPATH": str(checkout.resolve()), "OMP_NUM_THREADS": "1",
            "MULTIGAN_CACHE": str(folder / checkout.resolve().name),
        }  # fmt: skip
        result = subprocess.run(
            command, cwd=out, env=environment, capture_output=True, text=True, check=False
        )
    line = next((line for line in result.stdout.splitlines() if line.startswith("TIMED ")), None)
    if line is None:
        raise SystemExit(f"{checkout}: {recipe} failed\n{result.stdout}\n{result.stderr}")
    speed, peak = json.loads(line.removeprefix("TIMED "))
    return speed, peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkouts", nargs=2, type=Path, metavar=("OLD", "NEW"))
    parser.add_argument("--recipes", nargs="+", default=list(SETTINGS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for recipe in options.recipes:
            rounds = [
                [train(checkout, recipe, Path(folder)) for checkout in options.checkouts]
                for _ in range(options.rounds + 1)
            ][1:]
            medians = [
                [statistics.median(values) for values in zip(*(pair[side] for pair in rounds), strict=True)]
                for side in (0, 1)
            ]
            (old, before), (new, after) = medians
            found[recipe] = {
                "samples_per_cpu_second": [old, new],
                "peak_mib": [before, after],
                "rounds": rounds,
            }
            print(
                f"{recipe}: {old:.1f} and {new:.1f} samples per second of the processor ({new / old - 1:+.1%}), "
                f"peak {before:,.0f} and {after:,.0f} MiB ({after / before - 1:+.1%})",
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
