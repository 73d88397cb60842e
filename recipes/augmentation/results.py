"""What the trials of a study come to: accuracies over seeds, paired gains, and both in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recipes.augmentation.arms import ALL, ARMS, CLASSICAL, GENERATED, REAL, Arm
from recipes.several.seeds import over_seeds

GAINS = ((GENERATED, REAL), (ALL, CLASSICAL))
"""What generated samples add: the arm with them, and the one without."""
OTHERS = ((CLASSICAL, REAL), (ALL, REAL))


@dataclass(frozen=True)
class Result:
    """A trial that has ended: arm -> the share of held-out samples that its classifier reads, as the mean over labels."""

    n: int
    seed: int
    accuracy: Mapping[str, float]


Interval = tuple[float, float, float]
"""Mean, and the ends of its 95% interval over seeds."""


def counts(results: Sequence[Result]) -> list[int]:
    """The numbers of real samples per label, rising."""
    return sorted({result.n for result in results})


def accuracy_of(results: Sequence[Result], n: int, arm: Arm) -> Interval:
    """Over the seeds of one number of real samples; an interval ends at 0 or 1 where it would go beyond."""
    mean, low, high = over_seeds([result.accuracy[arm.name] for result in results if result.n == n])
    return mean, max(low, 0.0) if math.isfinite(low) else low, min(high, 1.0) if math.isfinite(high) else high


def gain_of(results: Sequence[Result], n: int, arm: Arm, beside: Arm) -> Interval:
    """What an arm reads beyond another one, paired by seeds: both had the same real samples."""
    return over_seeds(
        [result.accuracy[arm.name] - result.accuracy[beside.name] for result in results if result.n == n]
    )


def sign_of(gain: Interval) -> int:
    """1 or -1 where the interval of a gain lies on one side of 0; 0 where it does not."""
    _, low, high = gain
    return int(low > 0) - int(high < 0)


def sentences(results: Sequence[Result]) -> list[str]:
    """In words: whether generated samples help, up to how many real ones, and by how much."""
    if not results:
        return ["No trial came to an end."]
    if max(sum(result.n == n for result in results) for n in counts(results)) < 2:
        return ["With one seed nothing can be told: figures have no interval."]
    said = [_until(results, arm, beside) for arm, beside in GAINS]
    return said + [_at(results, n) for n in counts(results)]


_BESIDE = {REAL: "real samples alone", CLASSICAL: "real samples with classical augmentation"}


def _until(results: Sequence[Result], arm: Arm, beside: Arm) -> str:
    """One sentence: from how many real samples on generated ones stop helping."""
    every = counts(results)
    signs = {n: sign_of(gain_of(results, n, arm, beside)) for n in every}
    helped = [n for n, sign in signs.items() if sign > 0]
    harmed = [n for n, sign in signs.items() if sign < 0]
    begun = f"Beside {_BESIDE[beside]}, generated samples"
    if not helped:
        whole = f"{begun} are not seen to help at any number of real samples here"
    elif helped == every:
        whole = f"{begun} help at every number of real samples here"
    elif helped == every[: len(helped)]:
        whole = f"{begun} help with {helped[-1]} real ones per label, and are not seen to from {every[len(helped)]} on"
    else:
        whole = f"{begun} help with {_and(helped)} real ones per label, and not with the other numbers"
    return whole + (f"; with {_and(harmed)} they harm." if harmed else ".")


def _at(results: Sequence[Result], n: int) -> str:
    own = {arm: accuracy_of(results, n, arm)[0] for arm in ARMS}
    parts = []
    for arm, beside in GAINS:
        gain = gain_of(results, n, arm, beside)
        verdict = {1: "they help", -1: "they harm", 0: "no difference can be told"}[sign_of(gain)]
        parts.append(
            f"{beside.name} reads {own[beside]:.3f}, {arm.name} {own[arm]:.3f} ({signed(gain)}: {verdict})"
        )
    return f"With {n} real samples per label: {'; '.join(parts)}."


def signed(gain: Interval) -> str:
    """ "+0.021, -0.004 to +0.046"."""
    value, low, high = gain
    shown = f"{value:+.3f}"
    return f"{shown}, {low:+.3f} to {high:+.3f}" if math.isfinite(low) else shown


def _and(numbers: Sequence[int]) -> str:
    from recipes.several.seeds import listed

    return listed([str(number) for number in numbers])


def as_json(results: Sequence[Result]) -> dict[str, object]:
    """Accuracies and paired gains of each number of real samples, and every trial."""
    every = counts(results)

    def interval(values: Interval) -> dict[str, float | None]:
        named = zip(("mean", "low", "high"), values, strict=True)
        return {name: value if math.isfinite(value) else None for name, value in named}

    return {
        "accuracy": [
            {"n": n, "arm": arm.name, **interval(accuracy_of(results, n, arm))} for n in every for arm in ARMS
        ],
        "gains": [
            {"n": n, "arm": arm.name, "beside": beside.name, **interval(gain_of(results, n, arm, beside))}
            for n in every
            for arm, beside in (*GAINS, *OTHERS)
        ],
        "trials": [
            {"n": result.n, "seed": result.seed, "accuracy": dict(result.accuracy)} for result in results
        ],
    }
