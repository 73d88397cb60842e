"""What came out of a study: a page with accuracy over the number of real samples, and the same as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evaluation.exhibits.markup import Child, element
from evaluation.report import charts, exhibits
from multigan.config import to_dict
from multigan.errors import DataError
from multigan.modality import modality_of
from multigan.reading.image import read_image
from multigan.writing import write_bytes, write_text
from recipes.augmentation.arms import ARMS
from recipes.augmentation.results import (
    GAINS,
    OTHERS,
    Result,
    accuracy_of,
    as_json,
    counts,
    gain_of,
    sentences,
    signed,
)
from recipes.augmentation.runs import Outcome
from recipes.augmentation.settings import KIND, Study, classifier_of, generator_recipe
from recipes.augmentation.trials import read_result
from recipes.kinds import kind_of_modality
from recipes.several.document import document, table, with_reach
from recipes.several.folders import data_of
from recipes.several.seeds import over_seeds

_APART = 0.012
"""How far intervals of two arms stand apart, as a share of the axis, so that none hides another."""
_STYLE = """
.lines .bar { stroke-width: 1; opacity: .75; }
.lines text { font-size: 9px; }
"""


def write_page(
    study: Study, outcomes: Sequence[Outcome], folder: Path, plugins: Sequence[str] = ()
) -> list[str]:
    """Write ``report.html`` and ``report.json`` of all trials that ended; the verdicts in words."""
    ended = [outcome for outcome in outcomes if not outcome.failure]
    told = [read_result(folder, outcome.trial) for outcome in ended]
    results = [
        Result(outcome.n, outcome.seed, dict(each["accuracy"]))  # type: ignore[call-overload]
        for outcome, each in zip(ended, told, strict=True)
    ]
    said = [*sentences(results), *_failures(outcomes)]
    whole = page(study, results, outcomes, told, folder, plugins)
    write_bytes(folder / "report.html", whole.encode("utf-8", "backslashreplace"))
    report = {
        "settings": to_dict(study),
        "sentences": said,
        **as_json(results),
        "failures": _failures(outcomes),
    }
    write_text(folder / "report.json", json.dumps(report, indent=2) + "\n")
    return said


def page(
    study: Study,
    results: Sequence[Result],
    outcomes: Sequence[Outcome],
    told: Sequence[dict[str, Any]],
    folder: Path,
    plugins: Sequence[str],
) -> str:
    """The whole page: verdicts, the plot, tables, and what the generators made."""
    sections: list[tuple[str, str, Child]] = [
        ("accuracy", "Accuracy over the number of real samples", _plot(results)),
        ("figures", "Figures", _figures(results)),
        ("pictures", "What the generators make, none picked", _pictures(study, results, folder)),
        ("method", "How it was measured", _method(study, outcomes, told, folder, plugins)),
    ]
    title = f"do samples of {study.of} help a classifier?"
    lead = (
        f"{study.description}. The generator of {study.of} was trained on the same few real samples as the classifier and "
        "on nothing else. Accuracy is the share of held-out real samples whose label is read, as the mean over labels; a "
        f"figure is the mean over {len(study.seeds)} seeds with its 95% interval by Student's t."
    )
    said = [*sentences(results), *_failures(outcomes)]
    return document(study.name, title, lead, said, sections, _STYLE)


def _failures(outcomes: Sequence[Outcome]) -> list[str]:
    return [
        f"{each.n} per label, seed {each.seed}, failed: {each.failure}" for each in outcomes if each.failure
    ]


def _tone(place: int) -> str:
    return f"tone{place}" if place else "tone0"


def _plot(results: Sequence[Result]) -> Child:
    """Accuracy over the number of real samples, in powers of ten: a line per arm, with its intervals."""
    every = counts(results)
    if not every:
        return None
    at = {n: math.log10(n) for n in every}
    width = max(at.values()) - min(at.values()) or 1.0
    curves: list[tuple[str, list[tuple[float, float]]]] = []
    for place, arm in enumerate(ARMS):
        shift = (place - (len(ARMS) - 1) / 2) * _APART * width
        points = []
        for n in every:
            value, low, high = accuracy_of(results, n, arm)
            points.append((at[n] + shift, value))
            if math.isfinite(low):
                curves.append((f"{_tone(place)} bar", [(at[n] + shift, low), (at[n] + shift, high)]))
        curves.append((_tone(place), points))
    title = "Accuracy on held-out real samples over the number of real training samples per label"
    marks = [(at[n], f"{n:,}") for n in every]
    chart = charts.lines(title, curves, "real samples per label", across_marks=marks)
    names = [element("span", arm.name, class_=f"key {_tone(place)}") for place, arm in enumerate(ARMS)]
    note = "Higher is better. Vertical lines are 95% intervals over seeds; those of one number stand a little apart."
    return [
        element("p", note, class_="lead"),
        element("figure", chart, element("figcaption", names), class_="plots lines"),
    ]


def _figures(results: Sequence[Result]) -> Child:
    if not results:
        return None
    every = counts(results)
    first = table(
        ["real samples per label", *(arm.name for arm in ARMS)],
        [[f"{n:,}", *(with_reach(*accuracy_of(results, n, arm)) for arm in ARMS)] for n in every],
    )
    pairs = [*GAINS, *OTHERS]
    second = table(
        ["real samples per label", *(f"{arm.name} minus {beside.name}" for arm, beside in pairs)],
        [[f"{n:,}", *(signed(gain_of(results, n, arm, beside)) for arm, beside in pairs)] for n in every],
    )
    note = (
        "Differences of two classifiers that had the same real samples, with their 95% intervals over seeds:"
    )
    return [first, element("p", note, class_="lead"), second]


def _pictures(study: Study, results: Sequence[Result], folder: Path) -> Child:
    parts = []
    for n in counts(results):
        outcome = Outcome(n, min(result.seed for result in results if result.n == n))
        try:
            pixels = read_image(folder / outcome.trial.folder / "generator" / "grid.png")
        except (DataError, OSError):
            continue
        words = f"trained on {n:,} per label, seed {outcome.seed}"
        parts.append(
            element("figure", element("figcaption", element("b", words)), exhibits.grid(pixels, words))
        )
    return element("div", parts, class_="members") if parts else None


def _method(
    study: Study,
    outcomes: Sequence[Outcome],
    told: Sequence[dict[str, Any]],
    folder: Path,
    plugins: Sequence[str],
) -> Child:
    data = data_of(folder, KIND)
    recipe = generator_recipe(study, study.seeds[0], data is not None, plugins)
    record = classifier_of(recipe, plugins)
    noun = kind_of_modality(modality_of(recipe.modality, plugins)).noun
    seconds = [outcome.processor_seconds for outcome in outcomes if not outcome.failure]
    n_held_out = max((int(each["held_out"]) for each in told), default=0)
    items = [
        f"Data: {'your own' if data else f'the {noun} that the package draws'}; {n_held_out:,} held-out {noun}, the same "
        "for every trial.",
        f"A trial draws its real {noun} by its seed; those of a smaller number are among those of a larger one. They lie in "
        "real/ of its folder, which is all that its generator was given.",
        f"Each generator saw {recipe.training.samples:,} samples in training, repeats counted, and made {study.generated:,} "
        "per label.",
        f"Each classifier saw {study.classifier_samples:,} samples, repeats counted; with generated ones, half of these "
        "were generated.",
        f"Classical augmentation, which changes each sample whenever it is seen: {record.augmentation}."
        if record.augmentation
        else None,
        f"A trial took {over_seeds(seconds)[0] / 60:.1f} min of processor time, all {sum(seconds) / 60:.0f}."
        if seconds
        else None,
    ]
    return element("ul", [element("li", item) for item in items if item])
