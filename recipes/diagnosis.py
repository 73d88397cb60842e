"""What a run's monitors measured, in words: while it trains, afterwards, and for its page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from evaluation.figures import Advice, Equilibrium
from multigan.errors import ConfigError
from multigan.modality import Modality
from multigan.training.monitors.hook import FILE, Monitors, read_records
from multigan.training.monitors.table import MONITORS
from multigan.training.monitors.watch import FEWEST
from multigan.training.verdicts import NAME, Facts, Verdict, by_monitor, number, verdicts
from recipes.console import say
from recipes.settings import Recipe
from recipes.several.seeds import listed


@dataclass(frozen=True)
class Measure:
    """A value that is shown, how it is called, and how to read it."""

    monitor: str
    name: str
    title: str
    reading: str


MEASURES = (
    Measure("distance", "jsd", "minimax half: Jensen-Shannon divergence, nats",
            "0 where a discriminator that begins anew cannot tell fakes from held-out samples; 0.693 where it always can"),
    Measure("distance", "accuracy", "accuracy of that discriminator (two-sample test)",
            "0.5 where it cannot tell them apart"),
    Measure("gap", "gap", "duality gap, in units of the loss",
            "0 where neither player can win anything by a move of its own"),
    Measure("proximal", "proximal_gap", "proximal duality gap, in units of the loss",
            "0 where the generator cannot win, given that the discriminator answers"),
    Measure("overfitting", "r_v", "overfitting of the discriminator, r_v",
            "0: not at all; 1: it knows its samples by heart"),
    Measure("coverage", "coverage", "coverage of held-out samples",
            "along random directions; real samples reach about 0.97"),
    Measure("coverage", "modes", "modes captured", "one good sample is enough for a mode"),
    Measure("coverage", "good", "good samples", "the share within three standard deviations of a mode"),
    Measure("motion", "generator_gradient", "gradient of the generator, norm", "by its own loss"),
    Measure("motion", "discriminator_gradient", "gradient of the discriminator, norm", "by its own loss"),
    Measure("motion", "generator_update", "step of the generator, as a share of its weights", "0.001 is usual"),
    Measure("motion", "discriminator_update", "step of the discriminator, as a share of its weights", "0.001 is usual"),
    Measure("path", "angle_end", "path angle, cosine", "between the game's field and the way come; 0: it goes round"),
    Measure("spectrum", "lowest_real", "lowest real part of the Jacobian's outermost eigenvalues",
            "below 0: the game leaves along some direction"),
    Measure("spectrum", "highest_imaginary", "highest imaginary part of these", "how fast the game turns"),
)  # fmt: skip


def facts_of(recipe: Recipe, modality: Modality) -> Facts:
    """What verdicts need to know of a run."""
    return Facts(recipe.training, tuple(modality.augmentations))


def teller(console: Console, facts: Facts) -> Callable[[Path], None]:
    """Says each verdict when it first holds."""
    said: set[str] = set()

    def tell(log: Path) -> None:
        for verdict in verdicts(read_records(log), facts):
            if verdict.name not in said:
                said.add(verdict.name)
                say(console, f"{verdict.samples:,} samples: {verdict.name}. {verdict.in_words()}")

    return tell


def say_idle(console: Console, idle: Sequence[str], n_held_out: int) -> None:
    """Which monitors measure nothing, and why."""
    if not idle:
        return
    say(
        console,
        f"Note: of training.monitors {listed(idle)} {'measures' if len(idle) == 1 else 'measure'} nothing: that takes at "
        f"least {FEWEST} held-out samples, and there {'is' if n_held_out == 1 else 'are'} {n_held_out}.",
    )


def say_cost(console: Console, hooks: Sequence[Any], budget: float | None) -> None:
    """How much time monitors took, and how much they were given."""
    for hook in hooks:
        if isinstance(hook, Monitors):
            given = "no limit" if budget is None else f"budget {budget:.0%}"
            say(
                console,
                f"Monitors took {hook.seconds:.1f} s, {hook.share:.1%} of the time of training ({given}).",
            )


def refuse_unmeasured(run_folder: Path, records: Sequence[Any]) -> None:
    """ConfigError where a run was not watched."""
    if not records:
        raise ConfigError(
            f"{run_folder} has no measurements of its game (no {FILE}, or an empty one); train with "
            f"--set 'training.monitors=[all]', or some of {', '.join(MONITORS)}."
        )


def lines_of(records: Sequence[Any], facts: Facts) -> list[str]:
    """The last measurements and all verdicts, for a terminal."""
    last = {name: own[-1] for name, own in by_monitor(records).items()}
    lines = [f"{NAME[0].upper()}{NAME[1:]}:"]
    for measure in MEASURES:
        record = last.get(measure.monitor)
        if record is not None and measure.name in record:
            lines.append(f"  {measure.title}: {_value(record, measure)} ({measure.reading})")
    found = verdicts(records, facts)
    lines.append("Verdicts:" if found else "Verdicts: none.")
    for verdict in found:
        lines += [
            f"  {verdict.name} (at {verdict.samples:,} samples)",
            f"    {verdict.in_words()}",
            f"    Source: {verdict.source}.",
        ]
    return lines


def _value(record: Any, measure: Measure) -> str:
    value, low, high = (number(record, f"{measure.name}{end}") for end in ("", "_low", "_high"))
    interval = f" [{low:.3g}, {high:.3g}]" if f"{measure.name}_low" in record else ""
    steps = f"{record['steps']:.0f} steps, " if "steps" in record else ""
    n = f"n = {record['n']:.0f}, " if "n" in record else ""
    return (
        f"{value:.3g}{interval}, {steps}{n}seed {record.get('seed', '?')}, at {record['samples']:,} samples"
    )


def equilibrium_of(run_folder: Path, recipe: Recipe, modality: Modality) -> Equilibrium | None:
    """What the page of a run shows; None where it was not watched."""
    records = read_records(run_folder / FILE)
    if not records:
        return None
    own = by_monitor(records)
    curves = {
        measure.title: points
        for measure in MEASURES
        if (points := _points(own.get(measure.monitor, ()), measure.name))
    }
    advice = tuple(_advice(verdict) for verdict in verdicts(records, facts_of(recipe, modality)))
    steps = {record["monitor"]: f"{record['steps']:.0f}" for record in records if "steps" in record}
    searches = ", ".join(f"{MONITORS[name].name} {n}" for name, n in steps.items() if name in MONITORS)
    lead = (
        f"Each figure is of the game as it was at that moment, and of what a short search found (steps: {searches or '0'}; "
        f"seed {recipe.seed}). Bars are 95% intervals over held-out samples. A longer search may find more."
    )
    return Equilibrium(lead, advice, curves)


def _points(records: Sequence[Any], name: str) -> tuple[tuple[float, float, float, float], ...]:
    return tuple(
        (
            record["samples"],
            number(record, name),
            number(record, f"{name}_low"),
            number(record, f"{name}_high"),
        )
        for record in records
        if name in record
    )


def _advice(verdict: Verdict) -> Advice:
    return Advice(verdict.name, verdict.sentence, verdict.change, verdict.source, verdict.good)
