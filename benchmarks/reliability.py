"""What kills, full disks and second processes do to a run, as figures in benchmarks/results/reliability/.

    python benchmarks/reliability.py kills [--n 50] [--seed 0]    # SIGKILL at random moments of training, per modality
    python benchmarks/reliability.py disk                         # writes that find no room, at many places
    python benchmarks/reliability.py lock [--n 10]                # two processes at one run folder

Each run is a tiny one on one thread. ``kills`` compares the last checkpoint (every tensor and plain value) and
``metrics.jsonl``, but for what the clock says, with those of a run that nobody stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from multigan import checkpoint

RESULTS = Path(__file__).parent / "results" / "reliability"
ROOT = Path(__file__).parents[1]
EVERY = {
    "device": "cpu",
    "training.batch": 8,
    "training.log_every": 16,
    "training.keep_checkpoints": 2,
    "sampling.per_label": 1,
    "evaluation.n": 64,
}
RUNS = {
    "image": ("emotive-images", 1_600, {
        "data.drawn": 256, "data.drawn_held_out": 64, "data.resolution": 16, "architecture.channel_base": 128,
        "architecture.channel_max": 16, "training.samples": 1_600, "training.checkpoint_every": 160,
        "training.preview_every": 320, "evaluation.validation": 32,
    }),
    "audio": ("emotive-audio", 800, {
        "data.drawn": 128, "data.drawn_held_out": 48, "data.sample_rate_hz": 8_000, "data.n_samples": 4_096,
        "architecture.channel_max": 16, "architecture.window": 128, "architecture.stride": 256,
        "training.samples": 800, "training.checkpoint_every": 80, "training.preview_every": 160,
        "evaluation.validation": 32,
    }),
    "text": ("emotive-text", 976, {
        "data.drawn": 256, "data.drawn_held_out": 64, "architecture.hidden_size": 16,
        "architecture.discriminator.embedding_size": 8, "architecture.discriminator.widths": "[1,2,3]",
        "architecture.discriminator.filters": "[8,8,8]", "training.schedule.likelihood_samples": 640,
        "training.schedule.discriminator_samples": 16, "training.samples": 320,
        "training.schedule.discriminator_repeat": 1, "training.schedule.objective.n_rollouts": 2,
        "training.checkpoint_every": 48, "training.preview_every": 480, "evaluation.validation": 0,
    }),
}  # fmt: skip
"""Modality -> recipe, samples that the whole run sees, settings."""


def words(modality: str, folder: Path, resume: bool) -> list[str]:
    recipe, _, chosen = RUNS[modality]
    sets = [] if resume else [f"--set={name}={value}" for name, value in (EVERY | chosen).items()]
    return ["recipe", "run", recipe, "--out", str(folder), *(["--resume"] if resume else sets)]


def begin(command: list[str], cache: Path, limit_bytes: int | None = None) -> subprocess.Popen[str]:
    """``multigan`` in a process of its own, whose files may be so long."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "MULTIGAN_CACHE": str(cache),
    }  # fmt: skip

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        if limit_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    return subprocess.Popen(
        [sys.executable, "-m", "multigan", *command],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=limited,
    )  # fmt: skip


def until(process: subprocess.Popen[str], done) -> bool:
    """Wait for ``done()``, or the end of the process; whether it is done."""
    while process.poll() is None and not done():
        time.sleep(0.005)
    return done()


def end(process: subprocess.Popen[str]) -> str:
    process.kill()
    return process.communicate()[0]


def write(name: str, report: dict[str, object]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


# ---- kills ----


def state_of(folder: Path, n_samples: int) -> dict[str, object]:
    """Every value of the last checkpoint, and the lines of the log, but for what the clock says."""

    def leaves(value: object, path: str = "") -> dict[str, object]:
        if isinstance(value, dict):
            return {k: v for key, held in value.items() for k, v in leaves(held, f"{path}/{key}").items()}
        if isinstance(value, list):
            return {k: v for i, held in enumerate(value) for k, v in leaves(held, f"{path}/{i}").items()}
        return {} if path.endswith(("metrics/seconds", "metrics/last_line/1")) else {path: value}

    root = folder / "checkpoints"
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    clock = ("seconds", "processor_seconds", "samples_per_second")
    log = [{key: value for key, value in line.items() if key not in clock} for line in lines]
    best = checkpoint.best(root)
    return {
        **leaves(checkpoint.load(root / f"{n_samples:09d}")),
        "log": log,
        "best": best.name if best else None,
        "meta": checkpoint.read_meta(root / f"{n_samples:09d}"),
    }


def differences(one: dict[str, object], other: dict[str, object]) -> list[str]:
    odd = list(one.keys() ^ other.keys())
    for name in one.keys() & other.keys():
        a, b = one[name], other[name]
        tensors = isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor)
        same = a.dtype == b.dtype and torch.equal(a, b) if tensors else a == b
        odd += [] if same else [name]
    return sorted(odd)


def train_to_the_end(modality: str, folder: Path, cache: Path, resume: bool = False) -> float:
    """Train, and end before the report; the seconds from the first line of the log to the last checkpoint."""
    n_samples = RUNS[modality][1]
    process = begin(words(modality, folder, resume), cache)
    until(process, (folder / "metrics.jsonl").exists)
    begun = time.monotonic()
    if not until(process, (folder / "checkpoints" / f"{n_samples:09d}").exists):
        raise SystemExit(f"{modality}: the run ended early\n{end(process)}")
    seconds = time.monotonic() - begun
    end(process)
    return seconds


def kills(n: int, seed: int, place: Path) -> None:
    chance, report = random.Random(seed), {}
    for modality, (_, n_samples, _) in RUNS.items():
        cache, straight = place / "cache", place / modality / "undisturbed"
        seconds = train_to_the_end(modality, straight, cache)
        expected = state_of(straight, n_samples)
        killed, odd = [], {}
        for number in range(n):
            folder = place / modality / str(number)
            process = begin(words(modality, folder, resume=False), cache)
            until(process, (folder / "run.json").exists)
            time.sleep(chance.uniform(0, 1.2 * seconds))
            output = end(process)
            if not (folder / "run.json").exists():
                raise SystemExit(f"{modality}: the run ended by itself\n{output}")
            kept = checkpoint.checkpoint_folders(folder / "checkpoints")
            killed.append(int(kept[-1].name) if kept else 0)
            train_to_the_end(modality, folder, cache, resume=True)
            wrong = differences(expected, state_of(folder, n_samples))
            if wrong:
                odd[number] = wrong
            report[modality] = {
                "kills": number + 1,
                "resumed": number + 1,
                "equal_bits": number + 1 - len(odd),
                "last_checkpoint_at_kill": killed,
                "values_compared": len(expected),
                "differences": odd,
            }
            write(
                "kills", {"seed": seed, "torch": torch.__version__, "modalities": report}
            )  # as far as it went
            print(
                f"{modality} {number}: killed after the checkpoint of {killed[-1]} samples, {len(wrong)} differ"
            )


# ---- a full disk ----


def disk(place: Path) -> dict[str, object]:
    """Runs under a limit of the length of any file, from less than a description to more than a checkpoint."""
    cache, report = place / "cache", []
    _, n_samples, _ = RUNS["image"]
    straight = place / "undisturbed"
    train_to_the_end("image", straight, cache)
    expected = state_of(straight, n_samples)
    for limit in (100, 1_000, 4_000, 20_000, 100_000, 400_000):
        folder = place / f"limit-{limit}"
        process = begin(words("image", folder, resume=False), cache, limit)
        until(process, (folder / "checkpoints" / f"{n_samples:09d}").exists)
        if process.poll() is None:
            end(process)
            said = "it was long enough for the whole training"
        else:
            said = process.communicate()[0].strip().splitlines()[-1]
        folders = list(folder.rglob("*")) if folder.exists() else []
        rests = [path.name for path in folders if ".partial" in path.name]
        empty = [
            path.name for path in folders if path.is_file() and not path.stat().st_size and path.suffix != ""
        ]
        row = {
            "limit_bytes": limit,
            "said": said.replace(str(place), "FOLDER"),
            "stack_trace": "Traceback" in said,
            "rests": rests,
            "empty_files": empty,
        }
        if (folder / "run.json").exists():
            train_to_the_end("image", folder, cache, resume=True)
            row["equal_bits_after_resume"] = not differences(expected, state_of(folder, n_samples))
        report.append(row)
        print(row)
    return {"runs": report}


# ---- two at once ----


def lock(n: int, place: Path) -> dict[str, object]:
    """Two processes begin a run in one folder, or resume one, at the same moment."""
    cache, report = place / "cache", {}
    _, n_samples, _ = RUNS["image"]
    straight = place / "undisturbed"
    train_to_the_end("image", straight, cache)
    expected = state_of(straight, n_samples)
    for resume in (False, True):
        refused, equal = 0, 0
        for number in range(n):
            folder = place / f"{'resume' if resume else 'new'}-{number}"
            if resume:
                process = begin(words("image", folder, resume=False), cache)
                until(process, (folder / "checkpoints" / "000000320").exists)
                end(process)
            both = [begin(words("image", folder, resume), cache) for _ in range(2)]
            while all(process.poll() is None for process in both):
                time.sleep(0.01)
            loser, winner = sorted(both, key=lambda process: process.poll() is None)
            said = loser.communicate()[0].strip().splitlines()[-1]
            refused += loser.returncode == 1 and ("is at work in" in said or "holds a run already" in said)
            until(winner, (folder / "checkpoints" / f"{n_samples:09d}").exists)
            end(winner)
            equal += not differences(expected, state_of(folder, n_samples))
            print(f"{folder.name}: {said}")
        report["resumes" if resume else "new runs"] = {
            "pairs": n,
            "one_refused": refused,
            "other_equal_bits": equal,
        }
    return report


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["kills", "disk", "lock"])
    parser.add_argument("--n", type=int, help="kills per modality [50], or pairs of processes [10]")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.what == "kills":
            kills(options.n or 50, options.seed, Path(folder))
        elif options.what == "disk":
            write("disk", disk(Path(folder)))
        else:
            write("lock", lock(options.n or 10, Path(folder)))


if __name__ == "__main__":
    main()
