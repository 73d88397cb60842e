"""What the measurements of a game say, in words: pure functions of ``monitors.jsonl`` and of the run's settings.

No verdict comes from a raw loss, and none from what the generator could still win alone (the maximin half): good GANs sit at
saddles of the generator (arXiv:1906.04848). Every threshold is here, and in docs/equilibrium.md.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from multigan.config import to_dict
from multigan.losses import LOSSES
from multigan.penalties import PENALTIES, SlopePenalty
from multigan.training.settings import TrainingSettings

Record = Mapping[str, Any]
Records = Mapping[str, Sequence[Record]]
"""Monitor -> its measurements in their order."""

NAME = "distance to equilibrium (local, estimated)"
LARGE_STEP = 0.1
"""A step of more than this share of the weights: 0.001 is usual, 0.1 forgets what was learnt in some ten steps."""
RESTS = 1e-7
"""A step of less than this share of the weights: below what float32 adds to a weight."""
GROWN = 100.0
"""Times the median of what a gradient was before."""
FAINT = 1e-7
"""The generator's gradient as a share of its weights."""
FAR = 0.1
"""Nats of Jensen-Shannon divergence that are more than a detail."""
OVERFITS = 0.5
"""r_v: held-out samples look to the discriminator more as fakes do than as training samples do."""
HALF = 0.5
"""What is left of the coverage that there was."""
RETURNS, N_TURNS = 0.5, 3
"""So near to an earlier point, as a share of the way between, in so many of the last measurements."""
BACK, N_BACK = -0.1, 5
"""The mean cosine between a move and the one before it, over so many of the last ones: they go back and forth."""
N_LOST = 3
"""Measurements in a row in which modes are missing."""
N_STILL, STILL = 6, 0.1
"""Measurements in which progress of more than this share of the distance is ruled out."""
Z, T_STILL = 1.959964, 2.776445
"""Of a 95% interval: of the normal law, and Student's with two degrees of freedom fewer than ``N_STILL``."""


@dataclass(frozen=True)
class Verdict:
    """What is the case, on which evidence, and what to change."""

    name: str
    sentence: str
    """With figures and intervals."""
    samples: int
    """Samples seen at the measurement that it rests on."""
    source: str
    change: tuple[str, ...] = ()
    """Arguments of ``--set``, to be tried one after another."""
    good: bool = False

    def in_words(self) -> str:
        """The sentence, and what to try."""
        tries = " or ".join(f"--set {argument!r}" for argument in self.change)
        return f"{self.sentence} Try {tries}." if tries else self.sentence


@dataclass(frozen=True)
class Facts:
    """Of the run: its settings of training, and the augmentations that its modality has."""

    training: TrainingSettings
    augmentations: tuple[str, ...] = ()


def by_monitor(records: Sequence[Record]) -> dict[str, list[Record]]:
    """The measurements of each monitor in their order."""
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record["monitor"], []).append(record)
    return found


def verdicts(records: Sequence[Record], facts: Facts) -> list[Verdict]:
    """All that hold of a run as it was measured so far; those that ask for a change first."""
    own = by_monitor(records)
    found = [verdict for rule in RULES for verdict in [rule(own, facts)] if verdict is not None]
    return sorted(found, key=lambda verdict: verdict.good)


def number(record: Record, name: str) -> float:
    """A value of a record; NaN where it has none (what was not finite is null there)."""
    value = record.get(name)
    return float(value) if isinstance(value, int | float) else math.nan


def _column(records: Sequence[Record], name: str) -> np.ndarray:
    return np.array([number(record, name) for record in records])


def _shown(record: Record, name: str) -> str:
    """ "0.21 [0.18, 0.24]"."""
    value, low, high = (number(record, f"{name}{end}") for end in ("", "_low", "_high"))
    return f"{value:.3g} [{low:.3g}, {high:.3g}]"


# ---- steps and gradients ----


def stands_still(records: Records, facts: Facts) -> Verdict | None:
    """A player whose steps are nothing: its rate is 0, or no gradient reaches it."""
    motion = records.get("motion", ())
    for player in ("generator", "discriminator"):
        steps = [(number(r, f"{player}_update"), r) for r in motion if number(r, f"{player}_update") >= 0]
        if len(steps) >= 2 and median(step for step, _ in steps) < RESTS:
            return Verdict(
                "a player stands still",
                f"The {player} does not move: its last step was {steps[-1][0]:.1g} of its weights (limit {RESTS:g}).",
                steps[-1][1]["samples"],
                "float32's precision",
                (f"training.optimisers.{player}.lr=0.001",),
            )
    return None


def explodes(records: Records, facts: Facts) -> Verdict | None:
    """Steps as large as weights, or a gradient that grows without end or is not finite."""
    motion = records.get("motion", ())
    for place, record in enumerate(motion):
        for player in ("generator", "discriminator"):
            step, slope = number(record, f"{player}_update"), number(record, f"{player}_gradient")
            if f"{player}_gradient" not in record:
                continue
            earlier = [number(r, f"{player}_gradient") for r in motion[:place]]
            grown = len(earlier) >= 3 and slope > GROWN * median(earlier)
            if step > LARGE_STEP or grown or not math.isfinite(slope):
                what = (
                    f"a step of it is {step:.3g} of its weights (limit {LARGE_STEP})" if step > LARGE_STEP
                    else f"its gradient is {slope:.2g}, {GROWN:.0f} times what it was and more" if grown
                    else "its gradient is not finite"
                )  # fmt: skip
                return Verdict(
                    "exploding gradients or steps",
                    f"The {player} makes leaps: {what}.",
                    record["samples"],
                    "the rule of thumb of 0.001 for a step; arXiv:1211.5063 for gradients",
                    _slower(facts, 0.1),
                )
    return None


def vanishes(records: Records, facts: Facts) -> Verdict | None:
    """Hardly any gradient reaches the generator, and the distributions are apart."""
    motion, distance = records.get("motion", ()), records.get("distance", ())
    if len(motion) < 2 or not distance or not number(distance[-1], "jsd_low") > FAR:
        return None
    shares = [number(r, "generator_gradient") / number(r, "generator_weights") for r in motion[-2:]]
    if not max(shares) < FAINT:
        return None
    return Verdict(
        "vanishing gradients",
        f"Hardly any gradient reaches the generator: {shares[-1]:.1g} of its weights (limit {FAINT:g}), while the "
        f"distributions are {_shown(distance[-1], 'jsd')} nats apart.",
        motion[-1]["samples"],
        "arXiv:1701.04862, theorem 2.4",
        ("training.loss=non_saturating",)
        if facts.training.loss == "minimax"
        else (_penalty(facts), *_slower(facts, 0.1)),
    )


# ---- samples ----


def overfits(records: Records, facts: Facts) -> Verdict | None:
    """Two measurements in a row whose r_v is above the limit for certain."""
    own = records.get("overfitting", ())[-2:]
    if len(own) < 2 or not all(
        OVERFITS < number(r, "r_v_low") <= number(r, "r_v_high") < math.inf for r in own
    ):
        return None
    # adaptive augmentation reads the sign of a logit, which not every loss gives a meaning
    adaptive = LOSSES[facts.training.loss].zero_is_undecided
    augment = [
        name for name in ("ada", "diffaugment") if name in facts.augmentations and (adaptive or name != "ada")
    ]
    own_augmentation = facts.training.augmentation
    tries = [f"training.augmentation.name={name}" for name in augment[:1] if own_augmentation.name == "none"]
    if own_augmentation.min_passes:  # it may have been left out
        tries.append("training.augmentation.min_passes=0")
    return Verdict(
        "the discriminator overfits",
        f"The discriminator knows its training samples by heart: r_v is {_shown(own[-1], 'r_v')}, where 0 is held-out "
        f"samples seen as training ones and 1 as fakes (limit {OVERFITS}).",
        own[-1]["samples"],
        "arXiv:2006.06676 eq. 1; the limit is ours",
        (*tries, _penalty(facts)),
    )


def loses_modes(records: Records, facts: Facts) -> Verdict | None:
    """Modes without their share for certain, three times in a row, or coverage at half of what it was, twice in a row.

    While a generator learns a mode or two come and go: a healthy run of the ring had 1 and then 2 too few, and then none.
    """
    own = records.get("coverage", ())
    if len(own) < 2:
        return None
    last = own[-1]
    lost = min(number(r, "modes_lost") for r in own[-N_LOST:]) if len(own) >= N_LOST else 0.0
    best = max((number(r, "coverage_low") for r in own[:-2]), default=0.0)
    fell = all(number(r, "coverage_high") < HALF * best for r in own[-2:])
    if not (lost >= 1 or fell):
        return None
    said = (
        f"{lost:.0f} of {number(last, 'modes_of'):.0f} modes have less than a quarter of their share of the good samples"
        if lost >= 1
        else f"coverage of held-out samples is {_shown(last, 'coverage')}, and was {best:.3g} or more"
    )
    return Verdict(
        "modes are being lost",
        f"Modes are missing: {said}.",
        last["samples"],
        "arXiv:1712.04086, section 4.1; arXiv:2002.09797 eq. 4; the limits are ours",
        _calmer(facts),
    )


# ---- the path ----


def cycles(records: Records, facts: Facts) -> Verdict | None:
    """The players come back to where they were, or go back and forth while the distributions stay apart.

    Around an equilibrium they go back and forth too, by noise: there it is none.
    """
    own, distance = records.get("path", ()), records.get("distance", ())
    shares = [number(record, "return") for record in own[-N_TURNS:]]
    turns = [number(record, "turn") for record in own[-N_BACK:]]
    if len(shares) == N_TURNS and all(share < RETURNS for share in shares):
        said = (
            f"come back to where they were: to {shares[-1]:.2g} of the way that lies between (limit {RETURNS}, in "
            f"{N_TURNS} measurements)"
        )
    elif len(turns) == N_BACK and sum(turns) / N_BACK < BACK and _stay_apart(distance[-N_BACK:]):
        said = (
            f"go back and forth: the mean cosine between a move and the next is {sum(turns) / N_BACK:.2g} (limit {BACK}, "
            f"over {N_BACK} measurements), while the distributions are {_shown(distance[-1], 'jsd')} nats apart"
        )
    else:
        return None
    return Verdict(
        "the game cycles",
        f"The players {said}.",
        own[-1]["samples"],
        "arXiv:1906.04848, section 4; the limits are ours",
        _calmer(facts),
    )


def _stay_apart(distance: Sequence[Record]) -> bool:
    return bool(distance) and all(number(record, "jsd_low") > FAR for record in distance)


def may_orbit(records: Records, facts: Facts) -> Verdict | None:
    """The Wasserstein loss without anything that keeps the critic Lipschitz."""
    training, own = facts.training, records.get("motion", ())
    if training.loss != "wasserstein" or not own:
        return None
    critic = training.optimisers.get("discriminator", {})
    slopes = [item for item in training.penalties if _is_slope(item.name)]
    if slopes or critic.get("clip_weights") is not None:
        return None
    norms = _column(own, "discriminator_weights")
    grew = f"; its weights have grown {norms[-1] / norms[0]:.2g}-fold" if len(norms) > 1 else ""
    return Verdict(
        "unregularised Wasserstein may orbit",
        f"The Wasserstein loss is played without a penalty on the critic's slope and without clipped weights{grew}. Such a "
        "game goes round its equilibrium and does not come to it.",
        own[-1]["samples"],
        "arXiv:1801.04406, lemmas 2.3 and 2.4; arXiv:1704.00028",
        (_penalty(facts), "training.optimisers.discriminator.clip_weights=0.01"),
    )


def _is_slope(name: str) -> bool:
    penalty = PENALTIES[name]()
    return isinstance(penalty, SlopePenalty) or name == "finite_difference_r1"


# ---- progress ----


def converged(records: Records, facts: Facts) -> Verdict | None:
    """Twice in a row a discriminator that begins anew cannot tell held-out samples from fakes, and that they are far apart
    is ruled out: of few samples nothing is."""
    own = records.get("distance", ())[-2:]
    if len(own) < 2 or not all(
        number(r, "accuracy_low") <= 0.5 and number(r, "jsd_low") <= FAR / 10 and number(r, "jsd_high") <= FAR
        for r in own
    ):
        return None
    last = own[-1]
    return Verdict(
        "converged within noise",
        f"Within noise fakes cannot be told from held-out samples: accuracy {_shown(last, 'accuracy')}, "
        f"{_shown(last, 'jsd')} nats apart ({number(last, 'steps'):.0f} steps, n = {number(last, 'n'):.0f}, seed "
        f"{number(last, 'seed'):.0f}). A stronger discriminator may still tell them apart.",
        last["samples"],
        "arXiv:1610.06545",
        good=True,
    )


def no_progress(records: Records, facts: Facts) -> Verdict | None:
    """In the last measurements progress of more than a tenth is ruled out in every signal of it, and the goal is far."""
    signals = {"jsd": records.get("distance", ()), "energy": records.get("coverage", ())}
    trends = {name: _trend(own[-N_STILL:], name) for name, own in signals.items() if len(own) >= N_STILL}
    if len(trends) < len(signals) or not number(signals["jsd"][-1], "jsd_low") > FAR:
        return None
    if not all(most < STILL * level for most, level in trends.values()):
        return None
    window = signals["jsd"][-N_STILL:]
    n = window[-1]["samples"] - window[0]["samples"]
    return Verdict(
        "no progress within noise",
        f"No progress in the last {n:,} samples: the distributions stay {_shown(window[-1], 'jsd')} nats apart (energy "
        f"distance {_shown(signals['energy'][-1], 'energy')}), and more than {STILL:.0%} nearer is ruled out.",
        window[-1]["samples"],
        "a straight line through the measurements; the limits are ours",
        (*_calmer(facts), *_slower(facts, 0.3)),
    )


def _trend(records: Sequence[Record], name: str) -> tuple[float, float]:
    """The most that a value fell over these records (the upper end of a line's 95% interval, Student's), and its mean."""
    y, x = _column(records, name), np.arange(len(records), dtype=float)
    x = x - x.mean()
    slope = float((x @ y) / (x @ x))
    rest = y - y.mean() - slope * x
    own = (_column(records, f"{name}_high") - _column(records, f"{name}_low")) / (2 * Z)
    spread = max(float(rest @ rest) / (len(y) - 2), float((own**2).mean()))
    return (len(y) - 1) * (-slope + T_STILL * math.sqrt(spread / float(x @ x))), abs(float(y.mean()))


# ---- what to change ----


def _penalty(facts: Facts) -> str:
    """A stronger slope penalty: R1 where there is none, four times what there is otherwise."""
    plain = [to_dict(item) for item in facts.training.penalties]
    slopes = [
        item for item in plain if item["name"] in ("r1", "r2", "wgan_gp", "dragan", "finite_difference_r1")
    ]
    if not slopes:
        own = [*plain, {"name": "r1", "weight": 1.0}]
    else:
        own = [{**item, "weight": _times(item["weight"], 4.0)} if item in slopes else item for item in plain]
    return f"training.penalties={json.dumps(own)}"


def _calmer(facts: Facts) -> tuple[str, ...]:
    """What damps a game: a slope penalty (arXiv:1801.04406), a loss that pairs samples (arXiv:2501.05441), a look ahead."""
    training = facts.training
    tries = [_penalty(facts)]
    if training.loss != "relativistic":
        tries.append("training.loss=relativistic")
    if training.play == "alternating":
        tries.append("training.play=lookahead")
    return tuple(tries)


def _slower(facts: Facts, share: float) -> tuple[str, ...]:
    """Smaller rates for both players."""
    return tuple(
        f"training.optimisers.{name}.lr={json.dumps(_times(own['lr'], share))}"
        for name, own in facts.training.optimisers.items()
        if name in ("generator", "discriminator") and "lr" in own
    )


def _times(value: Any, factor: float) -> Any:
    """A number or a ramp, that many times."""
    if isinstance(value, Mapping):
        return {key: _times(each, factor) if key in ("start", "end") else each for key, each in value.items()
                if each is not None}  # fmt: skip
    return float(f"{value * factor:.3g}")


RULES: tuple[Callable[[Records, Facts], Verdict | None], ...] = (
    stands_still, explodes, vanishes, overfits, loses_modes, cycles, may_orbit, no_progress, converged,
)  # fmt: skip
