"""What `multigan sample --reject` does to fidelity and to coverage: plain samples beside those of each way.

    python benchmarks/rejecting.py RUN [--n 2000] [--seed 0]

RUN is one with labels. Samples are drawn under the conditions of training samples, as a run's report draws them, and
compared with training samples; figures that read labels are left out, since the filter goes by the same reader.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from evaluation.options import Options
from evaluation.pipeline import evaluate_samples
from evaluation.sources import of_media
from multigan.runs import read_run
from multigan.sampling import load_generator
from recipes.conditions import conditions_of
from recipes.measure import real_samples
from recipes.rejection import rejecting

WAYS = (None, "discriminator", "label")
METRICS = ("FD", "precision", "recall", "density", "coverage", "authenticity")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--n", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    trained = load_generator(given.run, torch.device("cpu"))
    folder = read_run(given.run).get("data")
    splits = trained.modality.open_data(trained.data, Path(folder) if folder else None, lambda *told: None)
    train, kind = splits.train, trained.modality.kind
    rows = np.random.default_rng((given.seed, 0)).permutation(train.n_originals)[: given.n]
    fakes, told = {}, {}
    for way in WAYS:
        started = time.process_time()
        name, drawn, said = way or "plain", *draw(trained, given, way, conditions_of(train, rows))
        own = rows[list(drawn.rows)]
        media = trained.modality.media(drawn.tensor, trained.data)
        labels = [train.labels[number] for number in train.classes[own]]
        fakes[name] = of_media(
            kind,
            [f"{name}-{row:05d}" for row in drawn.rows],
            media.__getitem__,
            source=name,
            labels=labels,
            intensities=train.conditions[own].max(1),
        )
        told[name] = {"drawn": said, "processor_seconds": round(time.process_time() - started, 1)}
    real, held_out = (real_samples(kind, data, "real") for data in (train, splits.held_out))
    options = Options(metrics=METRICS, n=given.n, seed=given.seed)
    report, _ = evaluate_samples(real, fakes, held_out, options)
    for figure in report.figures:
        ends = [round(end, 4) for end in (figure.value, figure.low, figure.high)]
        told.setdefault(figure.subject, {})[figure.name] = ends
    told["differences"] = [
        f"{one.figure}, {one.first} - {one.second}: {one.difference:.4f} [{one.low:.4f}, {one.high:.4f}]"
        for one in report.differences
    ]
    print(json.dumps(told, indent=2))


def draw(trained, given, way, conditions):
    """Samples under conditions, and what is said of them."""
    options = trained.sampling.settings(reject=way)
    said = f"{given.n} of {given.n}"
    rejection = None
    if way:
        trained, rejection = rejecting(trained, given.run, options)
    drawn = trained.sampling.draw(trained, conditions, given.seed, given.n, options)
    return drawn, rejection.tally.sentence() if rejection else said


if __name__ == "__main__":
    main()
