"""SeqGAN's synthetic experiment over seeds and objectives: one table and one plot of runs that are done.

    python benchmarks/oracle.py NAME=RUN,RUN,... [NAME=RUN,...] --out benchmarks/results/text

Each RUN is a folder that `multigan recipe run seqgan-oracle` wrote (with its `oracle.json`); those of one NAME differ in
their seed alone.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
from itertools import cycle
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

COLOURS = (
    "#c44e52", "#55a868", "#8172b3", "#ccb974", "#937860", "#da8bc3", "#64b5cd", "#4d4d4d", "#e69f00", "#009e73",
    "#d55e00", "#cc79a7", "#1b1b7a", "#a6d854",
)  # fmt: skip


def points_of(folders, model):
    """temperature -> the points (NLL-oracle, NLL-gen, share of sequences with repeats) of each run."""
    found = {}
    for folder in folders:
        for point in json.loads((folder / "oracle.json").read_text())["points"]:
            if point["model"] == model:
                # runs of before repeats were counted have none
                held = point["nll_oracle"], point["nll_gen"], point.get("repeated", math.nan)
                found.setdefault(point["temperature"], []).append(held)
    return found


def mean_and_spread(values):
    spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{statistics.fmean(values):.3f}{spread}"


def table(groups):
    every = [folder for folders in groups.values() for folder in folders]
    lines = [
        "| model | temperature | runs | NLL-oracle | NLL-gen | with repeats |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    rows = [
        ("oracle itself", "oracle", every),
        ("uniform", "uniform", every),
        ("likelihood", "likelihood", every),
    ]
    rows += [(name, "adversarial", folders) for name, folders in groups.items()]
    for name, model, folders in rows:
        for temperature, pairs in sorted(points_of(folders, model).items()):
            # branches of one likelihood model count once
            qualities, own, repeats = zip(*sorted(set(pairs)), strict=True)
            counted = [share for share in repeats if not math.isnan(share)]
            cells = (
                name,
                f"{temperature:g}",
                str(len(qualities)),
                mean_and_spread(qualities),
                mean_and_spread(own),
                ", ".join(f"{share:.1%}" for share in counted),
            )
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def draw(groups, path):
    figure = Figure(figsize=(8, 8), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    every = [folder for folders in groups.values() for folder in folders]
    curves = [("likelihood", "likelihood", every, "#4c72b0")]
    curves += [
        (name, "adversarial", folders, colour)
        for (name, folders), colour in zip(groups.items(), cycle(COLOURS), strict=False)
    ]
    for name, model, folders, colour in curves:
        sweep = sorted(points_of(folders, model).items())
        sweep = [(temperature, {pair[:2] for pair in pairs}) for temperature, pairs in sweep]
        means = [[statistics.fmean(part) for part in zip(*pairs, strict=True)] for _, pairs in sweep]
        axes.plot(*zip(*means, strict=True), "-", color=colour, alpha=0.7, label=name)
        for temperature, pairs in sweep:
            size = 40 if temperature == 1 else 10
            axes.scatter(*zip(*pairs, strict=True), s=size, color=colour)
        if name == "likelihood":  # the others lie too close together for numbers
            for (temperature, _), place in zip(sweep, means, strict=True):
                axes.annotate(
                    f"{temperature:g}", place, textcoords="offset points", xytext=(-16, -9), fontsize=8
                )
    best = next(pair for pairs in points_of(every, "oracle").values() for pair in pairs)
    axes.plot(*best[:2], "k*", markersize=12, label="the oracle itself")
    axes.set_xlabel("NLL-oracle of samples (nats a token): lower is better")
    axes.set_ylabel("NLL-gen on held-out oracle sequences: lower is better")
    axes.set_title(
        "SeqGAN's synthetic experiment: means of runs at temperatures from 0.6 (top left) to 1.2\n"
        "(numbers, the same on every line); large dots: single runs at temperature 1",
        fontsize=10,
    )
    axes.grid(alpha=0.3)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    figure.savefig(path, metadata={"Software": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="+", metavar="NAME=RUN,RUN")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    groups = {}
    for item in arguments.groups:
        name, _, folders = item.partition("=")
        groups[name] = [Path(folder) for folder in folders.split(",")]
    arguments.out.mkdir(parents=True, exist_ok=True)
    lines = table(groups)
    (arguments.out / "oracle.md").write_text("\n".join(lines) + "\n")
    for name, folders in groups.items():
        for folder in folders:
            held = json.loads((folder / "oracle.json").read_text())
            target = arguments.out / f"oracle-{name.replace(' ', '-')}-seed{held['seed']}.json"
            target.write_text(json.dumps(held, indent=1) + "\n")
            lines.append(f"{name}, seed {held['seed']}: {held['verdict']}")
    draw(groups, arguments.out / "oracle.png")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
