"""What samples tell: whether the discriminator knows its training samples, and whether fakes cover the real ones."""

from __future__ import annotations

import math
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from multigan.game import Game
from multigan.objectives import per_sample
from multigan.training.chance import seed_all
from multigan.training.monitors.watch import Watch, Z, mean_and_error, wilson, with_interval

N_SEEN = 1000
"""Samples of each kind that are looked at."""
N_FEATURES = 64
"""Random directions that samples are seen along."""
NEIGHBOUR = 5
"""The ball around a real sample reaches to its so many-th neighbour among real ones (arXiv:2002.09797)."""
N_GROUPS = 10
"""Groups of samples, each left out once, for the interval of a distance (jackknife)."""


@runtime_checkable
class Mixture(Protocol):
    """A distribution whose modes are known."""

    def good_of_modes(self, points: np.ndarray) -> np.ndarray: ...


def overfitting(game: Game, watch: Watch) -> dict[str, float]:
    """r_v = (E D(train) - E D(held-out)) / (E D(train) - E D(fake)); arXiv:2006.06676 eq. 1.

    0: held-out samples look to the discriminator as training samples do; 1: as fakes do. Its interval is Fieller's (1954),
    infinite where training samples and fakes cannot be told apart.
    """
    players = game.players(samples_seen=watch.samples_seen)
    logits: dict[str, Tensor] = {}
    for name, data in (("train", watch.train), ("held_out", watch.held_out), ("fake", watch.train)):
        rows = np.random.default_rng((watch.seed, 29)).permutation(len(data))[:N_SEEN]
        found = []
        for start in range(0, len(rows), watch.batch_size):
            batch = data.batch(rows[start : start + watch.batch_size]).to(watch.device)
            seed_all(watch.seed, watch.samples_seen, "overfitting", start)
            with torch.no_grad():
                seen = players.fake(batch) if name == "fake" else players.augment(batch.real)
                found.append(per_sample(players.logits(seen, batch.condition)))
        logits[name] = torch.cat(found).cpu().double()
    means = {name: mean_and_error(values) for name, values in logits.items()}
    low, high = fieller(means["train"], means["held_out"], means["fake"])
    (train, _), (held_out, _), (fake, _) = means.values()
    apart = train - fake
    value = (train - held_out) / apart if apart else math.nan
    return {
        "r_v": value,
        "r_v_low": low,
        "r_v_high": high,
        "d_train": train,
        "d_held_out": held_out,
        "d_fake": fake,
    }


def fieller(
    train: tuple[float, float], held_out: tuple[float, float], fake: tuple[float, float]
) -> tuple[float, float]:
    """The 95% interval of (train - held_out) / (train - fake) from independent means and their errors (Fieller 1954)."""
    a, b = train[0] - held_out[0], train[0] - fake[0]
    aa, bb, ab = train[1] ** 2 + held_out[1] ** 2, train[1] ** 2 + fake[1] ** 2, train[1] ** 2
    square, middle, constant = b * b - Z * Z * bb, a * b - Z * Z * ab, a * a - Z * Z * aa
    if square <= 0:
        return -math.inf, math.inf
    reach = math.sqrt(max(middle * middle - square * constant, 0.0))
    return (middle - reach) / square, (middle + reach) / square


# ---- coverage ----


def coverage(game: Game, watch: Watch) -> dict[str, float]:
    """How many held-out samples have a fake near (arXiv:2002.09797 eq. 4), and the energy distance (Szekely & Rizzo 2013).

    Samples are seen along fixed random directions, which is simple and the same for everything: a loss of variety shows, a
    wrong detail hardly. Where the modes of the data are known they are counted too, as PacGAN does (arXiv:1712.04086).
    ``coverage_real`` is that of other held-out samples: what could be reached.
    """
    rows = np.random.default_rng((watch.seed, 31)).permutation(len(watch.held_out))[: 2 * N_SEEN]
    half = len(rows) // 2
    real, other, fake = [], [], []
    players = game.players(samples_seen=watch.samples_seen)
    for start in range(0, 2 * half, watch.batch_size):
        part = rows[start : min(start + watch.batch_size, 2 * half)]
        batch = watch.held_out.batch(part).to(watch.device)
        seed_all(watch.seed, "coverage", start)
        with torch.no_grad():
            made = players.generate(len(part), batch.condition)
        place = np.arange(start, start + len(part)) < half
        kept = torch.from_numpy(place).to(watch.device)
        real.append(batch.real[kept])
        other.append(batch.real[~kept])
        fake.append(made[kept])
    reals, others, fakes = (torch.cat(parts).cpu() for parts in (real, other, fake))
    shape = watch.held_out.sample_shape
    values = _shares(*(_features(samples, shape, watch.seed) for samples in (reals, others, fakes)))
    world = getattr(watch.held_out, "world", None)
    if isinstance(world, Mixture):
        values |= modes_of(world.good_of_modes(fakes.double().numpy()), len(fakes))
    return values


def modes_of(counts: np.ndarray, n: int) -> dict[str, float]:
    """Modes captured, good samples, and the modes that hold less than a quarter of their share, for certain."""
    fair = counts.sum() / len(counts)
    lost = (
        [wilson(float(count), n)[1] * n < fair / 4 for count in counts]
        if counts.sum()
        else [True] * len(counts)
    )
    return {
        "modes": float((counts > 0).sum()),
        "modes_of": float(len(counts)),
        "modes_lost": float(sum(lost)),
        "good": float(counts.sum() / n),
    }


def _features(samples: Tensor, shape: tuple[int, ...], seed: int) -> Tensor:
    """[N, F] float64: flat samples along random directions, or as they are where they are few numbers.

    Of tokens it is how often each comes that is seen along these directions.
    """
    if not samples.is_floating_point():
        n_tokens = shape[-1]
        counts = torch.zeros(len(samples), n_tokens, dtype=torch.float64)
        samples = counts.scatter_add_(1, samples, torch.ones_like(samples, dtype=torch.float64))
    wide = samples.reshape(len(samples), -1).double()
    wide = wide.nan_to_num(nan=1e6, posinf=1e6, neginf=-1e6).clamp(-1e6, 1e6)
    if wide.shape[1] <= N_FEATURES:
        return wide
    source = torch.Generator().manual_seed(seed)
    directions = torch.randn(wide.shape[1], N_FEATURES, generator=source, dtype=torch.float64)
    return wide @ directions / math.sqrt(wide.shape[1])


def _shares(real: Tensor, other: Tensor, fake: Tensor) -> dict[str, float]:
    n = min(len(real), len(other), len(fake))
    real, other, fake = real[:n], other[:n], fake[:n]
    within = torch.cdist(real, real)
    nearest = min(NEIGHBOUR + 1, n)
    reach = within.kthvalue(nearest, dim=1).values  # the first is the sample itself
    values: dict[str, float] = {"n": float(n)}
    for name, samples in (("coverage", fake), ("coverage_real", other)):
        covered = (torch.cdist(real, samples) <= reach[:, None]).any(1)
        low, high = wilson(float(covered.sum()), n)
        values |= {name: float(covered.double().mean()), f"{name}_low": low, f"{name}_high": high}
    energy, error = energy_distance(real, fake, within)
    values |= with_interval("energy", energy, error)
    values["energy_real"] = energy_distance(real, other, within)[0]
    return values


def energy_distance(real: Tensor, fake: Tensor, within: Tensor | None = None) -> tuple[float, float]:
    """2 E|X - Y| - E|X - X'| - E|Y - Y'| without the pairs of a sample with itself, and its jackknife error."""
    n = len(real)
    n_groups = min(N_GROUPS, n)
    within = torch.cdist(real, real) if within is None else within
    member = torch.nn.functional.one_hot(torch.arange(n) % n_groups, n_groups).double()
    # sums over pairs of groups: leaving one out is then nothing
    sums = [
        member.T @ matrix @ member for matrix in (torch.cdist(real, fake), within, torch.cdist(fake, fake))
    ]
    sizes = member.sum(0)

    def statistic(kept: Tensor) -> float:
        m = float(sizes[kept].sum())
        parts = [float(each[kept][:, kept].sum()) for each in sums]
        return 2 * parts[0] / m**2 - (parts[1] + parts[2]) / max(m * (m - 1), 1.0)

    numbers = torch.arange(n_groups)
    whole = statistic(numbers >= 0)
    left_out = np.array([statistic(numbers != number) for number in range(n_groups)])
    spread = (n_groups - 1) / n_groups * float(((left_out - left_out.mean()) ** 2).sum())
    return whole, math.sqrt(spread)
