"""Whether two checkouts train, sample and measure the same bits: the check of a change that only moves things.

    python benchmarks/same_bits.py OLD NEW [--recipes emotive-images emotive-audio emotive-text] [--samples 2000]

OLD and NEW are folders of checkouts. In each, every recipe runs with the same seed on one thread and a cache of its own;
then the tensors of the newest checkpoint, the sample files and ``report.json`` (but for times, versions and paths) are
compared. Exits with 1 and names what differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

RUN = "from recipes.cli import main; main()"
CHANGING = {"command", "multigan", "python", "torch", "numpy", "sources", "notes"}
"""Keys of ``report.json`` that name versions, paths or the command."""
SETTINGS = {
    "emotive-images": ("data.drawn=2000", "data.drawn_held_out=500"),
    "emotive-audio": ("data.drawn=1000", "data.drawn_held_out=250"),
    "emotive-text": ("data.drawn=5000", "data.drawn_held_out=500", "training.discriminator_samples=1280"),
}
STAGES = {"emotive-text": ("training.likelihood.samples",)}
"""Lengths besides ``training.samples``."""


def run(checkout: Path, recipe: str, samples: int, folder: Path) -> Path:
    """Train, sample and measure a recipe with the code of a checkout; the run folder."""
    out = folder / recipe
    lengths = ("training.samples", *STAGES.get(recipe, ()))
    sets = [
        *SETTINGS.get(recipe, ()),
        *(f"{name}={samples}" for name in lengths),
        "evaluation.n=500",
        "device=cpu",
    ]
    command = [sys.executable, "-c", RUN, "recipe", "run", recipe, "--out", str(out)]
    command += [part for item in sets for part in ("--set", item)]
    environment = {
        **os.environ, "PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1", "MULTIGAN_CACHE": str(folder / "cache"),
    }  # fmt: skip
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"{checkout}: {recipe} failed\n{result.stdout}\n{result.stderr}")
    return out


def tensors(run_folder: Path) -> dict[str, str]:
    """Name of each tensor in the newest checkpoint -> a digest of its values."""
    from safetensors.numpy import load_file

    newest = max((run_folder / "checkpoints").glob("[0-9]*"))
    held = load_file(newest / "tensors.safetensors")
    return {
        f"tensor {name}": hashlib.sha256(f"{value.dtype}{value.shape}".encode() + value.tobytes()).hexdigest()
        for name, value in held.items()
    }


def plain(value: Any) -> Any:
    """A report without what changes from run to run."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in CHANGING}
    return [plain(item) for item in value] if isinstance(value, list) else value


def facts(run_folder: Path) -> dict[str, str]:
    """All that is compared of a run, by name."""
    text = (run_folder / "report.json").read_text(encoding="utf-8").replace(str(run_folder.parent), "")
    report = plain(json.loads(text))
    figures = report.pop("figures")
    parts = {f"report {key}": json.dumps(value, sort_keys=True) for key, value in report.items()}
    parts |= {f"figure {figure['name']} {figure['subject']}": json.dumps(figure) for figure in figures}
    files = list((run_folder / "samples").iterdir())
    parts |= {f"samples/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return parts | tensors(run_folder)


def compare(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """The names of what differs or is missing on a side."""
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkouts", nargs=2, type=Path)
    parser.add_argument("--recipes", nargs="+", default=list(SETTINGS))
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--keep", type=Path, help="Keep the runs of OLD here, and use those that are there.")
    options = parser.parse_args()
    different = False
    with tempfile.TemporaryDirectory() as temporary:
        folders = [options.keep or Path(temporary, "old"), Path(temporary, "new")]
        for recipe in options.recipes:
            found = []
            for checkout, folder in zip(options.checkouts, folders, strict=True):
                folder.mkdir(parents=True, exist_ok=True)
                done = folder / recipe / "report.json"
                out = (
                    folder / recipe
                    if done.exists()
                    else run(checkout.resolve(), recipe, options.samples, folder)
                )
                found.append(facts(out))
            odd = compare(*found)
            print(f"{recipe}: {len(found[0])} compared, {len(odd)} differ", *odd[:20], sep="\n  ", flush=True)
            different |= bool(odd)
    sys.exit(different)


if __name__ == "__main__":
    main()
