"""SeqGAN's synthetic experiment: how good and how varied sequences are, by the oracle that wrote the real ones.

Quality alone rewards a collapse, so that each model is a point of two figures, both in nats a token and lower is better:
NLL-oracle of its samples (arXiv:1609.05473, eq. 9) and NLL-gen, its own on held-out sequences of the oracle
(arXiv:1802.01886, section 3.3). Beside the trained generator stands the likelihood model that it began as, at several
temperatures: unless a point lies below that line, the adversarial stage has won nothing (arXiv:1811.02549).
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
import torch
from torch import nn

from evaluation.extractors.oracle import LstmOracle
from evaluation.metrics.likelihood import estimate_nll
from multigan.checkpoint import load
from multigan.errors import ConfigError
from multigan.modality import Splits
from multigan.outputs import publishing
from multigan.protocols import DescribedDataset
from multigan.sampling import TrainedGenerator, generate, latents
from multigan.sequences.decoding import Decoding
from multigan.writing import replacing, write_text
from recipes.reports.records import Evidence, Findings, RunReport

TEMPERATURES = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)
LIKELIHOOD, FINAL, ALONE, ITSELF, UNIFORM = "likelihood", "adversarial", "generator", "oracle", "uniform"
"""ALONE: the generator of a run of one stage, be it likelihood or another."""
_STREAM = 3
"""Beside the seed of a run's pictures, its validation and its evaluation."""


class Oracle(Protocol):
    """The network that wrote a data set."""

    @property
    def tensors(self) -> dict[str, torch.Tensor]:
        """As ``LstmOracle`` reads them."""
        ...

    @property
    def name(self) -> str:
        """Where it is from."""
        ...


@runtime_checkable
class WrittenByOracle(Protocol):
    """A data set that knows the oracle that wrote it."""

    @property
    def oracle(self) -> Oracle: ...


@dataclass(frozen=True)
class Point:
    """A model at a temperature, in nats a token with 95% intervals of half the widths given."""

    model: str
    temperature: float
    nll_oracle: float
    nll_oracle_error: float
    nll_gen: float
    nll_gen_error: float
    repeated: float
    """The share of its samples in which a pair of tokens stands twice; loops raise it, and NLL-gen hardly sees them."""
    n: int


def measure_points(
    trained: TrainedGenerator, likelihood: nn.Module | None, held_out: DescribedDataset, n: int, seed: int
) -> list[Point]:
    """The trained generator, the likelihood model (where there was such a stage), the oracle itself and a uniform one.

    ``n`` samples each; NLL-gen is of ``n`` of the held-out sequences at most.
    """
    oracle = LstmOracle(cast(WrittenByOracle, held_out).oracle.tensors)
    real = held_out.batch(np.arange(min(n, len(held_out)))).real
    word = int(np.random.SeedSequence((seed, _STREAM)).generate_state(1)[0])
    networks = (
        {ALONE: trained.network} if likelihood is None else {LIKELIHOOD: likelihood, FINAL: trained.network}
    )
    points = []
    for name, network in networks.items():
        device = next(network.parameters()).device
        latent = latents(network, word, range(n))
        for temperature in TEMPERATURES:
            fakes = generate(network, latent, None, decoding=Decoding(temperature))
            own = _own_log_prob(network, real.to(device), temperature)
            points.append(_point(name, temperature, oracle, fakes.numpy(), own, real.shape[1]))
    of_real = oracle.log_prob(real.numpy())
    points.append(_point(ITSELF, 1.0, oracle, real.numpy(), of_real, real.shape[1]))
    uniform = np.random.default_rng((seed, _STREAM)).integers(0, oracle.n_tokens, real.shape)
    of_uniform = np.full(len(real), -real.shape[1] * math.log(oracle.n_tokens))
    return [*points, _point(UNIFORM, 1.0, oracle, uniform, of_uniform, real.shape[1])]


@torch.no_grad()
def _own_log_prob(network: Any, tokens: torch.Tensor, temperature: float) -> np.ndarray:
    parts = [network.log_prob(part, None, temperature).double().sum(1) for part in tokens.split(256)]
    return torch.cat(parts).cpu().numpy()


def _point(
    model: str, temperature: float, oracle: LstmOracle, tokens: np.ndarray, own: np.ndarray, length: int
) -> Point:
    quality, diversity = estimate_nll(oracle.log_prob(tokens), length), estimate_nll(own, length)
    errors = [(each.interval.high - each.interval.low) / 2 for each in (quality, diversity)]
    again = repeated(tokens)
    return Point(model, temperature, quality.value, errors[0], diversity.value, errors[1], again, quality.n)


def repeated(tokens: np.ndarray) -> float:
    """The share of sequences [N, T] in which some pair of neighbouring tokens stands more than once."""
    pairs = np.sort(tokens[:, :-1].astype(np.int64) << 32 | tokens[:, 1:], 1)
    return float((pairs[:, 1:] == pairs[:, :-1]).any(1).mean())


def likelihood_network(trained: TrainedGenerator, run_folder: Path) -> nn.Module | None:
    """The generator as it was at the end of the likelihood stage; None where the run has none."""
    folder = run_folder / "stages" / LIKELIHOOD
    if not folder.exists():
        return None
    network = copy.deepcopy(trained.network)
    network.load_state_dict(load(folder))
    return network


def verdict(points: Sequence[Point]) -> str:
    """Whether the trained generator lies below the line of the likelihood model's temperatures, in one sentence."""
    own = [p for p in points if p.model == LIKELIHOOD]
    line = sorted((p.nll_oracle, p.nll_gen, p.temperature) for p in own)
    final = next(p for p in points if p.model in (FINAL, ALONE) and p.temperature == 1)
    kind = "adversarial generator" if final.model == FINAL else "generator"
    said = f"The {kind} has NLL-oracle {final.nll_oracle:.3f} and NLL-gen {final.nll_gen:.3f}"
    if not line:
        return f"{said}; there was no stage of likelihood before another one to compare it with."
    if not line[0][0] <= final.nll_oracle <= line[-1][0]:
        return (
            f"{said}; no temperature of the likelihood model tried ({line[0][2]:g} to {line[-1][2]:g}) has that NLL-oracle, "
            "so that the two cannot be compared."
        )
    qualities, gens, temperatures = zip(*line, strict=True)
    gen, temperature = (
        float(np.interp(final.nll_oracle, qualities, curve)) for curve in (gens, temperatures)
    )
    gain = gen - final.nll_gen
    # an error along the line counts by its slope; both were measured on the same held-out sequences, which this leaves out
    slope = float(np.interp(final.nll_oracle, qualities, np.gradient(gens, qualities)))
    along = slope * math.hypot(final.nll_oracle_error, max(p.nll_oracle_error for p in own))
    error = math.hypot(final.nll_gen_error, max(p.nll_gen_error for p in own), along)
    if abs(gain) <= error:
        result = "the two cannot be told apart"
    else:
        result = f"adversarial training is {'better' if gain > 0 else 'worse'} by {abs(gain):.3f}"
    return (
        f"{said}; the likelihood model at temperature {temperature:.2f} has that NLL-oracle with NLL-gen "
        f"{gen:.3f}: {result} (nats a token, 95% interval about {error:.3f})."
    )


def table_lines(points: Sequence[Point]) -> list[str]:
    """The points as the lines of a table."""
    lines = [f"{'model':<13}{'temperature':>12}{'NLL-oracle':>18}{'NLL-gen':>18}{'with repeats':>14}"]
    for p in points:
        quality, own = (
            f"{value:.3f} ±{error:.3f}"
            for value, error in ((p.nll_oracle, p.nll_oracle_error), (p.nll_gen, p.nll_gen_error))
        )
        lines.append(f"{p.model:<13}{p.temperature:>12g}{quality:>18}{own:>18}{p.repeated:>14.1%}")
    return lines


def draw_points(points: Sequence[Point], path: Path, title: str = "SeqGAN's synthetic experiment") -> None:
    """A PNG: NLL-gen over NLL-oracle, the temperatures of each model joined by a line."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 5.5), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for model, marker, colour in (
        (LIKELIHOOD, "o", "#4c72b0"),
        (FINAL, "s", "#c44e52"),
        (ALONE, "o", "#4c72b0"),
    ):
        own = sorted((p for p in points if p.model == model), key=lambda p: p.temperature)
        if not own:
            continue
        axes.plot(
            [p.nll_oracle for p in own],
            [p.nll_gen for p in own],
            marker=marker,
            color=colour,
            alpha=0.8,
            label=model,
        )
        for p in own:
            bold = "bold" if p.temperature == 1 else "normal"
            place = (p.nll_oracle, p.nll_gen)
            axes.annotate(
                f"{p.temperature:g}",
                place,
                textcoords="offset points",
                xytext=(5, 5),
                fontsize=8,
                weight=bold,
                color=colour,
            )
    ideal = [p for p in points if p.model == ITSELF]
    axes.plot(
        [p.nll_oracle for p in ideal],
        [p.nll_gen for p in ideal],
        "k*",
        markersize=12,
        label="the oracle itself",
    )
    axes.set_xlabel("NLL-oracle of samples (nats a token): lower is better")
    axes.set_ylabel("NLL-gen on held-out oracle sequences: lower is better")
    axes.set_title(f"{title}; numbers are temperatures", fontsize=10)
    axes.grid(alpha=0.3)
    axes.legend()
    with replacing(path) as stream:
        figure.savefig(stream, format="png", metadata={"Software": None})


def report_oracle(
    trained: TrainedGenerator, held_out: DescribedDataset, run_folder: Path, folder: Path, n: int, seed: int
) -> list[str]:
    """Write ``oracle.json`` and ``oracle.png`` of a run to ``folder``; the lines of the table and the verdict."""
    points = measure_points(trained, likelihood_network(trained, run_folder), held_out, n, seed)
    sentence = verdict(points)
    content = {
        "checkpoint": trained.checkpoint.name,
        "oracle": cast(WrittenByOracle, held_out).oracle.name,
        "seed": seed,
        "points": [asdict(point) for point in points],
        "verdict": sentence,
    }
    with publishing(folder) as stage:
        write_text(stage.folder / "oracle.json", json.dumps(content, indent=2) + "\n")
        draw_points(points, stage.folder / "oracle.png")
    return [*table_lines(points), sentence]


def check(generator: nn.Module, splits: Splits) -> None:
    """ConfigError where no oracle wrote the data."""
    if not isinstance(splits.held_out, WrittenByOracle):
        raise ConfigError(
            "The report 'oracle' is of data that an oracle wrote, and no oracle wrote these; leave it out of the recipe's "
            "report."
        )


def _findings(evidence: Evidence) -> Findings:
    trained, held_out = evidence.trained, evidence.splits.held_out
    folders = evidence.run_folder, evidence.folder
    return Findings(lines=tuple(report_oracle(trained, held_out, *folders, evidence.n, evidence.seed)))


ORACLE = RunReport(check, _findings)
