"""What people answered: which emotion a sample has, or which of two is better, with intervals and how far raters agree."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.figures import Figure
from evaluation.statistics.estimate import groups, n_groups_of
from evaluation.statistics.intervals import Interval, jackknife, wilson, wilson_effective
from multigan.errors import DataError
from multigan.reading.files import named
from multigan.reading.tables import open_table

TIE = ("tie", "both", "equal", "same", "neither", "none")
"""Answers that prefer none of two."""
_FORMS = {
    "answer": ("item", "rater", "asked", "answer"),
    "better": ("item", "rater", "first", "second", "better"),
}
"""The column that tells what was asked -> the columns that a table of it has."""
_SET = "set"


@dataclass(frozen=True)
class Answer:
    """One rater's answer about one item."""

    item: str
    rater: str
    given: str
    """The label that was read, or the set that is better, "" for none of two."""
    about: tuple[str, ...]
    """(set, label asked for), or the two sets in the order of their names."""


def read_answers(path: Path) -> tuple[str, tuple[Answer, ...]]:
    """("answer" or "better", the answers) of a table (.csv, .tsv, .jsonl or .parquet).

    Which label people read: the columns ``item``, ``rater``, ``asked`` (the label asked for), ``answer``, and ``set`` where
    there are several. Which of two is better: ``item``, ``rater``, ``first`` and ``second`` (names of sets), ``better`` (one
    of these, or "tie"). DataError names what is missing, odd, or given twice by one rater.
    """
    table = open_table(path)
    form = next((name for name in _FORMS if table.matching(name)), None)
    if form is None:
        raise DataError(
            f"{path} has neither a column 'answer' (which label was read) nor 'better' (which of two); its columns are "
            f"{named(table.columns)}. See docs/evaluation.md for both forms."
        )
    columns = {name: table.matching(name) for name in _FORMS[form]}
    absent = [name for name, column in columns.items() if column is None]
    if absent:
        raise DataError(
            f"{path} has a column {form!r} and lacks {named(absent)}; add {'it' if len(absent) == 1 else 'them'}."
        )
    sets = table.matching(_SET) if form == "answer" else None
    answers: dict[tuple[str, ...], Answer] = {}
    for row in table.rows(table.columns):
        if row.blank:
            continue
        if row.flaw:
            raise DataError(f"{path}, {row.place}: {row.flaw}; mend or remove the row.")
        cells = {
            name: str(row.values.get(column) or "").strip() for name, column in columns.items() if column
        }
        empty = [name for name, cell in cells.items() if not cell]
        if empty:
            raise DataError(f"{path}, {row.place}: {named(empty)} is empty; fill it or remove the row.")
        answer = _answer(
            form, cells, str(row.values.get(sets) or "").strip() if sets else "", f"{path}, {row.place}"
        )
        key = (answer.item, answer.rater, *answer.about[: 2 if form == "better" else 1])
        if key in answers:
            raise DataError(
                f"{path}, {row.place}: {answer.rater} answers about {answer.item} a second time; keep one answer."
            )
        answers[key] = answer
    if not answers:
        raise DataError(f"{path} has no answers; give a row for each.")
    return form, tuple(answers.values())


def _answer(form: str, cells: Mapping[str, str], of_set: str, where: str) -> Answer:
    if form == "answer":
        return Answer(
            cells["item"], cells["rater"], cells["answer"].casefold(), (of_set, cells["asked"].casefold())
        )
    pair, better = (cells["first"], cells["second"]), cells["better"]
    if pair[0] == pair[1]:
        raise DataError(f"{where}: first and second are both {pair[0]!r}; name two sets.")
    if better not in pair and better.casefold() not in TIE:
        raise DataError(f"{where}: better is {better!r}, and it must be {pair[0]!r}, {pair[1]!r} or tie.")
    first, second = sorted(pair)
    return Answer(cells["item"], cells["rater"], better if better in pair else "", (first, second))


def human_figures(path: Path) -> tuple[Figure, ...]:
    """The figures of a table of answers (``read_answers``)."""
    form, answers = read_answers(path)
    return _preferences(answers) if form == "better" else _accuracies(answers)


def _accuracies(answers: Sequence[Answer]) -> tuple[Figure, ...]:
    figures = []
    n_labels = len({answer.about[1] for answer in answers})
    for subject in dict.fromkeys(answer.about[0] for answer in answers):
        own = [answer for answer in answers if answer.about[0] == subject]
        hits = np.array([answer.given == answer.about[1] for answer in own], float)
        note = f"{_counts(own)} Guessing among {n_labels} labels is right for {1 / n_labels:.3f}."
        figures += [
            _share(
                "human accuracy",
                hits,
                own,
                subject,
                True,
                note,
                "The share of answers that name the emotion asked for.",
            ),
            *_agreement(own, subject),
        ]
    return tuple(figures)


def _preferences(answers: Sequence[Answer]) -> tuple[Figure, ...]:
    figures = []
    for first, second in dict.fromkeys(answer.about for answer in answers):
        own = [answer for answer in answers if answer.about == (first, second)]
        decided = [answer for answer in own if answer.given]
        if decided:
            wins = np.array([answer.given == first for answer in decided], float)
            note = f"{_counts(own)} {len(own) - len(decided)} prefer neither, and are left out."
            name = f"human preference for {first} over {second}"
            reading = "The share of decided answers that prefer it; 0.5 is a tie."
            figures.append(_share(name, wins, decided, first, True, note, reading))
        figures += _agreement(own, f"{first} and {second}")
    return tuple(figures)


def _counts(answers: Sequence[Answer]) -> str:
    items, raters = ({getattr(answer, name) for answer in answers} for name in ("item", "rater"))
    return f"{len(answers):,} answers of {len(raters):,} raters about {len(items):,} items."


def _share(
    name: str,
    hits: np.ndarray,
    answers: Sequence[Answer],
    subject: str,
    higher_is_better: bool,
    note: str,
    reading: str,
) -> Figure:
    """A share of answers, its interval with as many answers as those about other items and of other raters tell of."""
    value, n = float(hits.mean()), len(hits)
    widest = max(
        (_by(column, hits, answers) for column in ("item", "rater")),
        key=lambda interval: interval.high - interval.low,
    )
    return Figure(
        name, value, widest.low, widest.high, n, 0, higher_is_better, "", f"Interval: {widest.method}. {note}", subject,
        reading,
    )  # fmt: skip


def _by(column: str, hits: np.ndarray, answers: Sequence[Answer]) -> Interval:
    """Wilson's interval where answers with the same item, or rater, are left out together."""
    member = _groups_of(column, answers)
    n_groups = int(member.max()) + 1
    if n_groups < 3:
        return wilson(float(hits.sum()), len(hits))
    without = [float(hits[member != group].mean()) for group in range(n_groups)]
    return wilson_effective(float(hits.mean()), len(hits), without)


def _groups_of(column: str, answers: Sequence[Answer]) -> np.ndarray:
    """[N]: the jackknife's group of each answer; all of one item, or rater, are in the same."""
    of_each = [getattr(answer, column) for answer in answers]
    names = list(dict.fromkeys(of_each))
    group = dict(zip(names, groups(len(names), n_groups_of(len(names))), strict=True))
    return np.array([group[name] for name in of_each])


def _agreement(answers: Sequence[Answer], subject: str) -> tuple[Figure, ...]:
    """Alpha, where any two answered about one item."""
    value = krippendorff_alpha(answers)
    if math.isnan(value):
        return ()
    member = _groups_of("item", answers)
    n_groups = int(member.max()) + 1
    left_out = [
        krippendorff_alpha([one for one, group in zip(answers, member, strict=True) if group != left])
        for left in range(n_groups if n_groups > 2 else 0)
    ]
    interval = (
        jackknife(value, left_out, highest=1) if left_out else Interval(-1.0, 1.0, "none; too few items")
    )
    alpha = Figure(
        "Krippendorff's alpha", value, interval.low, interval.high, len(answers), 0, None, "",
        f"Interval: {interval.method}. {_counts(answers)}", subject,
        "How far raters agree: 1 in everything, 0 no more than chance. Below 0.667 conclusions are shaky.",
    )  # fmt: skip
    return (alpha,)


def krippendorff_alpha(answers: Sequence[Answer]) -> float:
    """Krippendorff's alpha of nominal answers (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability").

    1 - D_o / D_e with D_o = sum over items of pairs of different answers / (m_u - 1), where item u has m_u > 1 answers, and
    D_e the pairs of different answers among all n of these, over n - 1. 1 where all answers are the same; nan without a
    pair.
    """
    by_item: dict[str, Counter[str]] = {}
    for answer in answers:
        by_item.setdefault(answer.item, Counter())[answer.given] += 1
    counts = [count for count in by_item.values() if count.total() > 1]
    total = sum(counts, Counter[str]())
    n = total.total()
    if n == 0:
        return float("nan")
    observed = sum(_unequal(count) / (count.total() - 1) for count in counts)
    expected = _unequal(total) / (n - 1)
    return 1.0 if expected == 0 else 1 - observed / expected


def _unequal(count: Counter[str]) -> int:
    """Ordered pairs of answers that differ."""
    return count.total() ** 2 - sum(number**2 for number in count.values())
