"""Which set of fakes is better, in one sentence: by the verdicts on the figures that lead."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable

from evaluation.figures import Difference, Report
from evaluation.report.leading import base, features_in
from evaluation.report.wording import counts, listed

TOPICS = {
    "the label asked for": ("emotion accuracy",),
    "likeness to real ones": ("C2ST", "MIND", "KD"),
    "variety": ("clipped coverage", "recall", "coverage"),
}
"""What sets are compared in -> metrics, of which the first that there is decides."""
MOST_NAMED = 8
Pair = tuple[str, str]


def comparison(report: Report, copied: Collection[str] = ()) -> tuple[str, tuple[str, ...]] | None:
    """(sentence, the figures that it rests on); None where no two sets were compared in any of ``TOPICS``.

    A set is ahead of another in a topic where a verdict of its metric says so and none, in other features, the
    contrary; and ahead as a whole where it is so in some topic and the other in none. Sets that are ``copied`` from
    training samples, which score well in all of these, are never called better.
    """
    rows = {
        pair: {topic: own for topic, metrics in TOPICS.items() if (own := _rows(report, pair, metrics))}
        for pair in itertools.combinations(report.subjects, 2)
    }
    figures = tuple(dict.fromkeys(row.figure for one in rows.values() for own in one.values() for row in own))
    if not figures:
        return None
    if len(rows) == 1:
        ((pair, own),) = rows.items()
        return _of_two(pair, own, [s for s in pair if s in copied]), figures
    ranked = tuple(s for s in report.subjects if s not in copied)
    left_out = [s for s in report.subjects if s in copied]
    sentence = _of_several(ranked, {pair: own for pair, own in rows.items() if set(pair) <= set(ranked)})
    return f"{sentence} {_as_copies(left_out)}" if left_out else sentence, figures


def _as_copies(sets: list[str]) -> str:
    verb = "is" if len(sets) == 1 else "are"
    return f"{_named(sets)} {verb} left out: copies of training samples score well in all of this."


def _rows(report: Report, pair: Pair, metrics: Iterable[str]) -> list[Difference]:
    """The differences of a pair in the first of these metrics that there is, in all features."""
    of_pair = [row for row in report.differences if (row.first, row.second) == pair]
    return next((own for m in metrics if (own := [row for row in of_pair if base(row.figure) == m])), [])


def _ahead(rows: Iterable[Difference]) -> str | None:
    """The set that all told verdicts call better; None where there is none, or they contradict each other."""
    better = {s for row in rows for s in (row.first, row.second) if row.verdict == f"{s} is better"}
    return better.pop() if len(better) == 1 else None


def _of_two(pair: Pair, rows: dict[str, list[Difference]], copied: list[str]) -> str:
    if copied:
        which = "Both are" if len(copied) == 2 else f"{copied[0]} is made of"
        return f"{pair[0]} and {pair[1]} are not ranked. {which} copies of training samples, which score well in all else."
    ahead = {s: [_topic(topic, own, s) for topic, own in rows.items() if _ahead(own) == s] for s in pair}
    level = [_topic(topic, own) for topic, own in rows.items() if _ahead(own) is None]
    n = counts(row.n for own in rows.values() for row in own)
    first, second = sorted(pair, key=lambda s: not ahead[s])
    untold = f"; in {listed(level)} no difference can be told" if level else ""
    if not ahead[first]:
        return f"No difference between {pair[0]} and {pair[1]} can be told at n = {n}, in {listed(level)}."
    if ahead[second]:
        return f"{first} is better in {listed(ahead[first])}, {second} in {listed(ahead[second])}{untold}."
    return f"{first} is better than {second} in {listed(ahead[first])}{untold}."


def _topic(topic: str, rows: list[Difference], ahead: str | None = None) -> str:
    """A topic and its metric; in which features a set is ahead, where it is not so in all."""
    told = [row.figure for row in rows if row.verdict == f"{ahead} is better"]
    where = "" if len(told) in (0, len(rows)) else f" in features of {listed(map(features_in, told))}"
    return f"{topic} ({base(rows[0].figure)}{where})"


def _of_several(subjects: tuple[str, ...], rows: dict[Pair, dict[str, list[Difference]]]) -> str:
    behind: dict[str, set[str]] = {s: set() for s in subjects}
    for pair, own in rows.items():
        ahead = {s for each in own.values() if (s := _ahead(each)) is not None}
        if len(ahead) == 1:
            (winner,) = ahead
            behind[pair[1] if winner == pair[0] else pair[0]].add(winner)
    if len(subjects) < 2:
        return "There are no two sets to rank."
    best = [s for s in subjects if not behind[s]]
    others = [s for s in subjects if behind[s]]
    if not others:
        return "No set is clearly better than another in what leads."
    if not best:
        return "No set is better than all others: each is behind some other in what leads."
    if len(best) == 1:
        whole = all(best[0] in behind[s] for s in others)
        return f"{best[0]} is {'better than every other set' if whole else 'behind no other set'}."
    return f"{_named(best)} are behind no other set; {_named(others)} {'is' if len(others) == 1 else 'are'}."


def _named(subjects: list[str]) -> str:
    more = len(subjects) - MOST_NAMED
    return listed([*subjects[:MOST_NAMED], f"{more} more"] if more > 0 else subjects)
