"""A table and time series that a seed draws, whose dependences are known."""

from __future__ import annotations

import numpy as np

from series.cells import Sheet

JOBS = ("office", "trade", "care", "student", "retired")
REGIONS = ("north", "south", "east", "west")
OUTCOMES = ("repaid", "late", "defaulted")


def draw_table(n: int, seed: int) -> Sheet:
    """Loans: age, job, hours, income, region, children and savings, and what became of the loan as ``class``.

    The job hangs on the age, hours on the job (full time or half), income on job, hours and age, savings on income and age
    (8% are missing), and the outcome on savings, children and the job; the region hangs on nothing.
    """
    random = np.random.default_rng((seed, 0))
    young = random.random(n) < 0.4
    age = np.where(young, random.normal(26, 4, n), random.normal(52, 10, n)).clip(18, 85).round()
    job = np.where(age < 24, 3, np.where(age > 66, 4, random.choice(3, n, p=(0.5, 0.3, 0.2))))
    half = random.random(n) < np.array([0.15, 0.05, 0.5, 0.9, 1.0])[job]
    hours = np.where(half, random.normal(18, 3, n), random.normal(39, 2, n)).clip(4, 55)
    pay = (
        np.array([34.0, 27.0, 22.0, 14.0, 24.0])[job]
        * (1 + 0.008 * (age - 18))
        * random.lognormal(0, 0.15, n)
    )
    income = pay * hours * 4.3
    likely = np.array([0.2, 0.6, 0.9])[np.digitize(age, (28, 38))]
    children = random.binomial(4, 0.4 * likely)
    savings = income * (age - 15) / 10 * random.lognormal(0, 0.5, n)
    strain = 1.2 * children - 0.9 * np.log(savings / 3_000) + np.array([0, 0.4, 0.2, 0.8, -0.5])[job]
    strain += random.normal(0, 0.6, n)
    outcome = np.digitize(strain, (-0.3, 1.2))
    absent = random.random(n) < 0.08
    rows = [
        (
            f"{age[i]:.0f}",
            JOBS[job[i]],
            f"{hours[i]:.1f}",
            f"{income[i]:.2f}",
            REGIONS[random.integers(4)],
            str(children[i]),
            "" if absent[i] else f"{savings[i]:.0f}",
            OUTCOMES[outcome[i]],
        )
        for i in range(n)
    ]
    names = ("age", "job", "hours", "income", "region", "children", "savings", "class")
    return Sheet(names, rows, source=f"the loans that seed {seed} draws")


SHAPES = ("rising", "falling", "oscillating", "bursting")
CHANNELS = ("load", "temperature", "noise")
LAG = 3
"""Steps by which the temperature follows the load."""


def draw_series(n: int, length: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Machines: load, temperature and noise, float64 [n, 3, length], and the shape of each, int64 [n].

    The load rises or falls once, oscillates, or bursts now and then. The temperature follows it, smoothed, ``LAG`` steps
    later; how loud the noise is hangs on the load.
    """
    random = np.random.default_rng((seed, 1))
    shape = np.arange(n) % len(SHAPES)
    step = np.arange(length + 8) - 8
    load = np.empty((n, length + 8))
    for kind in range(len(SHAPES)):
        own = np.flatnonzero(shape == kind)
        load[own] = _load(SHAPES[kind], len(own), step, length, random)
    load += random.normal(0, 0.02, load.shape)
    kernel = np.array([0.4, 0.3, 0.2, 0.1])
    smooth = sum(weight * np.roll(load, lag, axis=1) for lag, weight in enumerate(kernel, LAG))
    temperature = 20 + 45 * smooth + random.normal(0, 3, (n, 1)) + random.normal(0, 0.5, load.shape)
    loud = np.abs(random.normal(0, 1, load.shape)) * (0.3 + 2.0 * load.clip(0, None))
    return np.stack((100 * load, temperature, loud), 1)[:, :, 8:], shape


def _load(shape: str, n: int, step: np.ndarray, length: int, random: np.random.Generator) -> np.ndarray:
    low, high = random.uniform(0.1, 0.3, (n, 1)), random.uniform(0.6, 0.9, (n, 1))
    if shape in ("rising", "falling"):
        middle, width = random.uniform(0.3, 0.7, (n, 1)) * length, random.uniform(1.5, 5, (n, 1))
        part = 1 / (1 + np.exp(-(step - middle) / width))
        return low + (high - low) * (part if shape == "rising" else 1 - part)
    if shape == "oscillating":
        period, phase = random.uniform(8, 16, (n, 1)), random.uniform(0, 2 * np.pi, (n, 1))
        return (low + high) / 2 + (high - low) / 2 * np.sin(2 * np.pi * step / period + phase)
    centres = random.uniform(4, length - 4, (n, 2))
    bumps = np.exp(-(((step - centres[..., None]) / 1.8) ** 2)).sum(1)
    return low + (high - low) * bumps.clip(0, 1)
