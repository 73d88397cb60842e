"""A report's figures -> three to six sentences for whoever knows no metric, by the rules of ``rules`` and ``versus``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.figures import GENERATED, Report
from evaluation.report import rules
from evaluation.report.leading import leading
from evaluation.report.rules import BAD, UNTOLD, WORST_FIRST, Look, Rule, Told
from evaluation.report.versus import comparison
from evaluation.report.wording import counts, listed

MIXED, COMPARED = "mixed", "compared"
MOST = 6
"""Sentences; the least bad are left out beyond that."""
MOST_VALUES = 3
"""Sets whose values stand in one sentence."""
MOST_NAMED = 8
"""Sets that one sentence names."""
_SINGULAR = {
    "are": "is",
    "lie": "lies",
    "show": "shows",
    "have": "has",
    "repeat": "repeats",
    "resemble": "resembles",
    "move": "moves",
    "flicker": "flickers",
    "follow": "follows",
}


@dataclass(frozen=True)
class Answer:
    """One sentence at the top of a report."""

    about: str
    """"comparison", one of ``TOPICS``, or "unclear"."""
    verdict: str
    """"good", "fair", "bad", "mixed" where sets differ, "compared", or "unclear" where more samples are needed."""
    sentence: str
    figures: tuple[str, ...]
    """The names of the figures that it rests on; "closest" are the closest pairs."""


@dataclass(frozen=True)
class _Topic:
    rules: tuple[Rule, ...]
    question: str
    """What cannot be told, after "whether"."""
    together: bool = False
    """Whether all that is equally bad is said, and not the first alone."""


TOPICS = {
    "label": _Topic((rules.label,), "the label asked for comes through"),
    "likeness": _Topic(
        (rules.told_apart, rules.among_real, rules.apart_as_a_whole), "they can be told from real ones"
    ),
    "variety": _Topic((rules.covering, rules.repeating), "they are as varied as real ones"),
    "copies": _Topic(
        (rules.copied, rules.at_no_distance, rules.nearer_than_real), "they are copies of training samples"
    ),
    "defects": _Topic(
        (rules.fine_detail, rules.silent, rules.overdriven), "they are noisy, soft or broken", True
    ),
    "motion": _Topic((rules.flickering, rules.following), "they move as real ones do", True),
}


def answers(report: Report) -> tuple[Answer, ...]:
    """The sentences in the order of a page: which set is better, each topic, and what cannot be told.

    What no figure tells of has no sentence.
    """
    told = {about: _told(report, topic) for about, topic in TOPICS.items()}
    found = [_answer(about, by_subject) for about, by_subject in told.items()]
    kept = [answer for answer in found if answer is not None]
    copied = [subject for subject, each in told["copies"].items() if each.verdict == BAD]
    compared, unclear = _compared(report, copied), _unclear(report, told)
    room = MOST - sum(each is not None for each in (compared, unclear))
    while len(kept) > room:
        kept.remove(max(reversed(kept), key=_mildness))
    return tuple(each for each in (compared, *kept, unclear) if each is not None)


def first_shown(report: Report) -> tuple[str, ...]:
    """The names of the figures that are shown before all others: those that lead, and those that a sentence rests on."""
    measured = {figure.name for figure in report.figures}
    of_sets = (answer for answer in answers(report) if answer.verdict != COMPARED)
    named = (name for answer in of_sets for name in answer.figures if name in measured)
    return tuple(dict.fromkeys((*leading(report), *named)))


def _mildness(answer: Answer) -> int:
    return -1 if answer.verdict == MIXED else WORST_FIRST.index(answer.verdict)


def _told(report: Report, topic: _Topic) -> dict[str, Told]:
    """Subject -> what the topic's rules say of it, the worst alone or all that is as bad."""
    by_subject = {}
    for subject in report.subjects:
        found = [told for rule in topic.rules if (told := rule(Look(report, subject))) is not None]
        worst = rules.worst(found)
        if worst is None:
            continue
        same = [told for told in found if told.verdict == worst.verdict]
        by_subject[subject] = _joined(same) if topic.together and len(same) > 1 else worst
    return by_subject


def _joined(several: Sequence[Told]) -> Told:
    first, *rest = several
    words = listed([first.words, *(told.words.removeprefix("{who} ") for told in rest)])
    shown = "; ".join(told.shown.replace("{value}", told.value) for told in several)
    return Told(first.verdict, words, shown, "", tuple(name for told in several for name in told.figures))


def _answer(about: str, by_subject: dict[str, Told]) -> Answer | None:
    """One sentence of one topic: sets of which the same is said stand together."""
    groups: dict[str, dict[str, Told]] = {}
    for subject, told in by_subject.items():
        if told.verdict != UNTOLD:
            groups.setdefault(told.words, {})[subject] = told
    if not groups:
        return None
    sentence = "; ".join(_clause(words, group) for words, group in groups.items())
    verdicts = {told.verdict for group in groups.values() for told in group.values()}
    figures = tuple(
        dict.fromkeys(n for group in groups.values() for told in group.values() for n in told.figures)
    )
    return Answer(about, verdicts.pop() if len(verdicts) == 1 else MIXED, f"{sentence}.", figures)


def _clause(words: str, group: dict[str, Told]) -> str:
    many = len(group) > 1 or GENERATED in group
    verbs = {verb: verb if many else singular for verb, singular in _SINGULAR.items()}
    clause = words.format(who=_who(list(group)), **verbs)
    (shown, *others), values = (
        {told.shown for told in group.values()},
        [told.value for told in group.values()],
    )
    if others or len(values) > MOST_VALUES:
        return clause
    return f"{clause} ({shown.replace('{value}', listed(values))})"


def _who(subjects: Sequence[str]) -> str:
    if GENERATED in subjects and len(subjects) == 1:
        return "They"
    more = len(subjects) - MOST_NAMED
    return listed([*subjects[:MOST_NAMED], f"{more} more"] if more > 0 else subjects)


def _unclear(report: Report, told: dict[str, dict[str, Told]]) -> Answer | None:
    """What the intervals leave open, in one sentence."""
    questions, figures = [], []
    for about, by_subject in told.items():
        open_ = {subject: each for subject, each in by_subject.items() if each.verdict == UNTOLD}
        if open_:
            of = "" if list(open_) == [GENERATED] else f" ({_who(list(open_))})"
            questions.append(f"whether {TOPICS[about].question}{of}")
            figures += [name for each in open_.values() for name in each.figures]
    if not questions:
        return None
    n = counts(f.n for f in report.figures if f.name in figures and f.subject in report.subjects)
    sentence = f"With {n or 'so few'} samples it cannot be told {' or '.join(questions)}: more may tell."
    return Answer("unclear", UNTOLD, sentence, tuple(dict.fromkeys(figures)))


def _compared(report: Report, copied: Sequence[str]) -> Answer | None:
    found = comparison(report, copied)
    return None if found is None else Answer("comparison", COMPARED, *found)
