"""How long --dry-run foretells that default runs take, beside a part of each run with its real data.

OMP_NUM_THREADS=1 python -m benchmarks.foretold                 # the family's recipes on a CPU: some 4 minutes of one thread
OMP_NUM_THREADS=1 python -m benchmarks.foretold dcgan --share 0.05

Both by processor time in one thread, so that a busy machine tells the same. A part has that share of the samples and is
scaled up; it is training alone, without checkpoints' figures, previews and the report. Writes
benchmarks/results/foretold.json and prints the table of docs/family.md.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import torch

from multigan.modality import modality_of
from multigan.training.assemble import assemble
from multigan.writing import write_text
from recipes.plan import timed
from recipes.settings import load_recipe

RESULTS = Path(__file__).parent / "results" / "foretold.json"
RECIPES = ("gan-2014", "dcgan", "wgan", "wgan-gp", "progressive-faces", "r3gan-faces", "projected-faces")


def measured(name, share):
    """Minutes of processor time: as foretold, and as a share of the run makes them."""
    whole = load_recipe(name, sets=["device=cpu", "training.monitors=[]"])
    samples = whole.training.samples
    part = load_recipe(
        name, sets=["device=cpu", "training.monitors=[]", f"training.samples={round(samples * share)}"]
    )
    modality = modality_of(whole.modality)
    data = modality.open_data(whole.data, None, lambda *facts: None).train
    _, foretold = timed(modality, whole, tuple(data.sample_shape), len(data.labels), clock=time.process_time)
    with tempfile.TemporaryDirectory() as folder:
        trainer = assemble(modality, part, data, Path(folder))
        begun = time.process_time()
        trainer.run()
        if trainer.interrupted:
            raise SystemExit("Stopped.")
        seconds = (time.process_time() - begun) * samples / trainer.samples_seen
    return {
        "samples": samples,
        "measured_on": trainer.samples_seen,
        "foretold_minutes": round(sum(foretold.values()) / 60, 2),
        "measured_minutes": round(seconds / 60, 2),
    }


def row(name, own):
    ratio = own["measured_minutes"] / own["foretold_minutes"]
    return (
        f"| `{name}` | {own['samples']:,} | {own['foretold_minutes']:.1f} | {own['measured_minutes']:.1f} | {ratio:.2f} | "
        f"{own['measured_on']:,} |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipes", nargs="*", default=RECIPES, help="recipes [default: those of the family]")
    parser.add_argument("--share", type=float, default=0.05, help="of the samples [default: 0.05]")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    known = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    print(
        "| recipe | samples | foretold, min | measured, min | ratio | measured on |\n|---|---|---|---|---|---|"
    )
    for name in arguments.recipes:
        known[name] = measured(name, arguments.share)
        write_text(RESULTS, json.dumps(known, indent=1) + "\n")
        print(row(name, known[name]), flush=True)


if __name__ == "__main__":
    main()
