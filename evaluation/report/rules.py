"""The rules that turn figures of one set of fakes, beside those of real samples, into verdicts and words.

Each rule looks at figures of a few names and says nothing where they are not there. What it says of a difference rests on
intervals that do not overlap, and what it says of likeness on an interval that leaves no room for a large difference; in
between it says that it cannot be told. docs/evaluation.md states the rules for whoever reads a report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evaluation.figures import HELD_OUT, Figure, Report
from evaluation.report.leading import base, features_of_labels
from evaluation.report.wording import with_interval

GOOD, FAIR, BAD, UNTOLD = "good", "fair", "bad", "unclear"
WORST_FIRST = (BAD, FAIR, GOOD, UNTOLD)

FAR = 0.5
"""Below this share of what real samples score something is far off: half is more than features, k or n are worth."""
LITTLE = 0.9
"""From this share on, a certain difference is small: real samples drawn again differ by as much where n is a few hundred."""
ROOM = 0.75
"""Likeness is claimed only where the interval leaves no room below this share: a quarter less would be seen by eye."""
THROUGH, HARDLY = 0.9, 0.25
"""Of the way from guessing to what the classifier reads in real samples: nearly all, and hardly any."""
GUESSING, HARD, EASY = 0.5, 0.6, 0.8
"""Shares told from real ones: by guessing; so little more that it hardly counts; four in five."""
RARE, OFTEN = 0.02, 0.1
"""A share of spoilt samples that matters beyond real ones, and one that whoever looks at ten of them meets."""
MANY_COPIES = 0.05
"""No more copies than of real samples is claimed only where the interval leaves no room for more than one in twenty."""
COPIED, NEARER = 0.5, 0.9
"""Distances to training samples beside those of real ones: half is what near-copies have, and a tenth less is nearer."""
TWICE_DB, NOTICED_DB = 3.0, 1.0
"""Decibels of energy: twice as much, which is plain to see or hear, and about the least that is noticed."""
EXACT = 2.0
"""A distance without a unit is called none where its interval is at most so many times as wide as that of real samples."""
OF_N = 0.4
"""Real samples at fewer than this share of the fakes' n are no scale for figures of neighbours, which depend on n."""


@dataclass(frozen=True)
class Told:
    """What a rule says of one set of fakes."""

    verdict: str
    words: str
    """With {who} ("They", "A", "A and B") and verbs that agree: {are}, {lie}, {show}, {have}, {repeat}, {resemble}, {move},
    {flicker}, {follow}."""
    shown: str
    """The figure in plain words, with {value} for the set's own."""
    value: str
    figures: tuple[str, ...]

    @property
    def rank(self) -> int:
        return WORST_FIRST.index(self.verdict)


@dataclass(frozen=True)
class Look:
    """The figures of one set of fakes, and of real samples beside them."""

    report: Report
    subject: str

    def pairs(self, *metrics: str) -> list[tuple[Figure, Figure | None]]:
        """The figures of the first of these metrics that the set has, in all features, each with that of real samples.

        Those in the features of the classifier of labels, which see little but labels, come last.
        """
        labels = features_of_labels(self.report.kind)
        for metric in metrics:
            own = [f for f in self._of(self.subject) if base(f.name) == metric]
            if own:
                own.sort(key=lambda figure: figure.features == labels)
                real = {f.name: f for f in self._of(HELD_OUT)}
                return [(f, real.get(f.name)) for f in own]
        return []

    def beside_real(self, *metrics: str) -> list[tuple[Figure, Figure]]:
        """The same, without figures that real samples do not have."""
        return [(own, real) for own, real in self.pairs(*metrics) if real is not None]

    def beside_as_many(self, *metrics: str) -> list[tuple[Figure, Figure]]:
        """The same, without those whose real samples are far fewer than the fakes."""
        return [(own, real) for own, real in self.beside_real(*metrics) if real.n >= OF_N * own.n]

    def _of(self, subject: str) -> Iterator[Figure]:
        return (f for f in self.report.figures if f.subject == subject)


Rule = Callable[[Look], Told | None]


def percent(share: float) -> str:
    """A share in words that fit a sentence: "2%", "0.4%", "under 0.1%"."""
    hundredth = 100 * share
    if 0 < hundredth < 0.1:
        return "under 0.1%"
    whole = hundredth in (0, 100) or not (hundredth < 1 or 99 < hundredth < 101)
    return f"{hundredth:.0f}%" if whole else f"{hundredth:.1f}%"


def _digits(figure: Figure) -> str:
    """A value with as many digits as its interval bears."""
    return with_interval(figure.value, figure.low, figure.high)[0] if figure.value else "0"


def _beside_fresh(own: Figure, real: Figure) -> str:
    return f"{base(own.name)} {{value}} beside {_digits(real)} of fresh real ones"


def worst(found: Sequence[Told]) -> Told | None:
    """The worst of several; of equally bad ones the first."""
    return min(found, key=lambda told: told.rank, default=None)


# ---- does the label come through? ----


def label(look: Look) -> Told | None:
    """The way from guessing (0) to what is read in real samples (1)."""
    found, floor = look.pairs("emotion accuracy"), look.pairs("chance accuracy")
    if not found or not floor:
        return None
    (own, real), chance = found[0], floor[0][0].value
    if real is None or real.low <= chance:  # a classifier that cannot read real ones tells nothing
        return None
    way = (own.value - chance) / (real.value - chance)
    least = (own.low - chance) / (real.value - chance)
    of_real = f"in {percent(real.value)} of real ones"
    shown = f"a classifier reads it in {{value}}, {of_real}, and by guessing in {percent(chance)}"

    def told(verdict: str, words: str) -> Told:
        return Told(
            verdict, f"{{who}} {{show}} the label asked for {words}", shown, percent(own.value), (own.name,)
        )

    if own.low <= chance and way < FAR:
        return told(BAD, "no better than guessing would")
    if own.high < real.low:
        if way < HARDLY:
            return told(BAD, "hardly at all")
        if way < FAR:
            return told(BAD, "far less clearly than real ones do")
        return told(
            FAIR, "less clearly than real ones do" if way < THROUGH else "nearly as clearly as real ones do"
        )
    if own.low > real.high:
        return told(GOOD, "more clearly than real ones do")
    return told(GOOD if least >= FAR else UNTOLD, "as clearly as real ones do")


# ---- do they look like real ones? ----


def told_apart(look: Look) -> Told | None:
    """A classifier two-sample test: how often held-out samples are told from real ones.

    In the features of the classifier of labels fresh real samples are told too, from those that it has learnt: these
    count only where there are no others.
    """
    found, labels = [], features_of_labels(look.report.kind)
    pairs = look.pairs("C2ST")
    for own, _ in [pair for pair in pairs if pair[0].features != labels] or pairs:
        shown = f"a classifier is right in {{value}} of cases, and by guessing in {percent(GUESSING)}"
        if own.low > GUESSING and own.value >= EASY:
            verdict, words = BAD, "{who} {are} easily told from real ones"
        elif own.low > GUESSING and own.high > HARD:
            verdict, words = FAIR, "{who} can be told from real ones"
        elif own.high <= HARD:
            verdict, words = GOOD, "{who} can hardly be told from real ones"
        else:
            verdict, words = UNTOLD, "{who} can hardly be told from real ones"
        found.append(Told(verdict, words, shown, percent(own.value), (own.name,)))
    return worst(found)


def among_real(look: Look) -> Told | None:
    """How many lie among real samples."""
    found = []
    for own, real in look.beside_as_many("clipped density", "precision"):
        shown = _beside_fresh(own, real)
        level = _beside(own, real)
        words = {
            "far": "{who} {resemble} real ones far less than fresh real ones do",
            "less": "{who} {resemble} real ones less than fresh real ones do",
            "little": "{who} {resemble} real ones a little less than fresh real ones do",
        }.get(level, "{who} {resemble} real ones as much as fresh real ones do")
        found.append(Told(VERDICT[level], words, shown, _digits(own), (own.name,)))
    return worst(found)


def apart_as_a_whole(look: Look) -> Told | None:
    """A distance of distributions without a bias in n, beside that of real samples; it has no unit."""
    found = []
    for own, real in look.beside_real("MIND", "KD"):
        shown = _beside_fresh(own, real)
        if own.low > max(real.high, 0.0):
            told = FAIR, "{who} can be told from real ones as a whole"
        else:
            exact = own.high - own.low <= EXACT * (real.high - real.low)
            told = GOOD if exact else UNTOLD, "{who} cannot be told from real ones as a whole"
        found.append(Told(*told, shown, _digits(own), (own.name,)))
    return worst(found)


# ---- are they as varied? ----


def covering(look: Look) -> Told | None:
    """How many real samples have a fake nearby."""
    found = []
    for own, real in look.beside_as_many("clipped coverage", "recall", "coverage"):
        shown = _beside_fresh(own, real)
        level = _beside(own, real)
        words = {
            "far": "{who} {are} far less varied than real ones",
            "less": "{who} {show} only a part of the variety of real ones",
            "little": "{who} {show} nearly all of the variety of real ones",
        }.get(level, "{who} {are} as varied as real ones")
        found.append(Told(VERDICT[level], words, shown, _digits(own), (own.name,)))
    return worst(found)


def repeating(look: Look) -> Told | None:
    """How much they repeat each other; alone this never says that they are varied."""
    for own, real in look.beside_as_many("self-BLEU-4"):
        if own.low > real.high:
            shown = _beside_fresh(own, real)
            far = real.value < FAR * own.value
            words = (
                "{who} {repeat} each other's words " + ("far more" if far else "more") + " than real ones do"
            )
            return Told(BAD if far else FAIR, words, shown, _digits(own), (own.name,))
    return None


# ---- are they copies? ----


def copied(look: Look) -> Told | None:
    """The share that are copies, beside that of fresh real samples."""
    found = []
    for own, real in [*look.pairs("copies"), *look.pairs("exact copies")]:
        usual = 0.0 if real is None else real.high
        of_real = "" if real is None else f", and {percent(real.value)} of fresh real ones"
        shown = f"{{value}} of them{of_real}"
        exact = "word for word " if base(own.name) == "exact copies" else ""
        if own.low > usual and own.value >= RARE:
            verdict = BAD if own.value >= OFTEN else FAIR
            words = f"{{who}} {{have}} more copies of training samples {exact}than fresh real ones have"
        elif own.low <= MANY_COPIES and own.high <= max(MANY_COPIES, usual):
            verdict, words = GOOD, f"{{who}} {{are}} not copied {exact}from the training samples"
        else:
            verdict, words = UNTOLD, f"{{who}} {{are}} not copied {exact}from the training samples"
        found.append(Told(verdict, words, shown, percent(own.value), (own.name,)))
    return worst(found)


def at_no_distance(look: Look) -> Told | None:
    """Fakes that are equal to a training sample, of those that lie closest; a median does not see a few."""
    if look.pairs("copies") or look.pairs("exact copies"):
        return None
    closest = [pair for pair in look.report.closest if pair.subject == look.subject]
    n = sum(pair.distance == 0 for pair in closest)
    if not n:
        return None
    many = "at least " if n == len(closest) else ""
    words = "{who} {have} copies of training samples"
    return Told(FAIR, words, f"{many}{{value}} at no distance from one", f"{n}", ("closest",))


def nearer_than_real(look: Look) -> Told | None:
    """Distances to training samples beside those of fresh real ones."""
    found = []
    for own, _ in look.pairs("nearest distance ratio"):
        shown = "{value} of the distance that fresh real ones have"
        value = percent(own.value)
        if own.high < COPIED:
            told = BAD, "{who} {are} copies of training samples, or nearly"
        elif own.high < NEARER:
            told = FAIR, "{who} {lie} nearer to training samples than fresh real ones do"
        elif own.low >= ROOM:
            told = GOOD, "{who} {lie} no nearer to training samples than fresh real ones do"
        else:
            told = UNTOLD, "{who} {lie} no nearer to training samples than fresh real ones do"
        found.append(Told(*told, shown, value, (own.name,)))
    for own, real in look.beside_real("authenticity"):
        if own.high < real.low and own.value < FAR * real.value:
            shown = _beside_fresh(own, real)
            words = "{who} {are} copies of training samples, or nearly"
            found.append(Told(BAD, words, shown, _digits(own), (own.name,)))
    return worst(found)


# ---- are they spoilt? ----


LEVELS = (
    ("fine detail", "noise level", "fine detail", "noise"),
    ("high-frequency energy", "high-frequency energy", *["energy at high frequencies"] * 2),
)
"""What blur lowers and what noise raises, in dB beside real samples, of images and of sounds; and what to call it."""


def fine_detail(look: Look) -> Told | None:
    """Too much at high frequencies is noise, too little is blur."""
    for detail, noise, what, of_noise in LEVELS:
        found = [
            *_certainly_apart(look, noise, 1, "{who} {are} %snoisier than real ones", of_noise),
            *_certainly_apart(look, detail, -1, "{who} {have} %sless fine detail than real ones", what),
        ]
        if not found:
            for own, _ in look.pairs(detail):
                verdict = GOOD if max(abs(own.low), abs(own.high)) < TWICE_DB else UNTOLD
                words = "{who} {are} neither noisier nor softer than real ones"
                shown = f"{{value}} dB of {what} beside real ones"
                found.append(Told(verdict, words, shown, f"{own.value:+.1f}", (own.name,)))
        if found:
            return worst(found)
    return None


def _certainly_apart(look: Look, metric: str, sign: int, words: str, what: str) -> Iterator[Told]:
    """Where a level lies above (1) or below (-1) that of real samples, by as much as is noticed."""
    for own, real in look.pairs(metric):
        low, high = (0.0, 0.0) if real is None else (real.low, real.high)
        apart = own.low > high if sign > 0 else own.high < low
        if apart and sign * own.value >= NOTICED_DB:
            far = abs(own.value) >= TWICE_DB
            shown = f"{{value}} dB of {what} beside real ones"
            yield Told(
                BAD if far else FAIR, words % ("far " if far else ""), shown, f"{own.value:+.1f}", (own.name,)
            )


def silent(look: Look) -> Told | None:
    """The share that is silent."""
    return _spoilt(look, "silent clips", "silent")


def overdriven(look: Look) -> Told | None:
    """The share that is cut off at full scale."""
    return _spoilt(look, "clipped clips", "cut off at full scale")


def _spoilt(look: Look, metric: str, what: str) -> Told | None:
    for own, real in look.beside_real(metric):
        shown = f"{what}: {{value}}, real ones {percent(real.value)}"
        if own.low > real.high and own.value >= RARE:
            words, verdict = (
                f"{{who}} {{are}} {what} more often than real ones",
                BAD if own.value >= OFTEN else FAIR,
            )
        else:
            words = f"{{who}} {{are}} no more often {what} than real ones"
            verdict = GOOD if own.high <= max(OFTEN, real.high) else UNTOLD
        return Told(verdict, words, shown, percent(own.value), (own.name,))
    return None


# ---- do they move as real ones do? ----


def flickering(look: Look) -> Told | None:
    """How much successive frames differ, over how much those of real videos do."""
    for own, real in look.beside_real("flicker"):
        shown = _beside_fresh(own, real).replace("flicker", "change from frame to frame")
        if own.low > real.high and own.value * LITTLE >= 1:
            far = own.value * FAR >= 1
            told = BAD if far else FAIR, f"{{who}} {{flicker}} {'far ' if far else ''}more than real ones"
        elif own.high < real.low and own.value <= LITTLE:
            far = own.value <= FAR
            told = BAD if far else FAIR, f"{{who}} {{move}} {'far ' if far else ''}less than real ones"
        else:
            near = own.low >= ROOM and own.high * ROOM <= 1
            told = GOOD if near else UNTOLD, "{who} {move} from frame to frame as much as real ones"
        return Told(*told, shown, _digits(own), (own.name,))
    return None


def following(look: Look) -> Told | None:
    """How closely the strength that is read follows the curve that was asked for."""
    for own, real in look.beside_real("curve agreement"):
        if real.low <= 0:  # a classifier that follows no curve of real ones tells nothing
            return None
        level = _beside(own, real)
        words = {
            "far": "far less closely than real ones do",
            "less": "less closely than real ones do",
            "little": "nearly as closely as real ones do",
        }.get(level, "as closely as real ones do")
        words = f"{{who}} {{follow}} the intensity asked for over time {words}"
        return Told(VERDICT[level], words, _beside_fresh(own, real), _digits(own), (own.name,))
    return None


# ---- figures of which more is better, beside those of real samples ----

VERDICT = {"far": BAD, "less": FAIR, "little": FAIR, "alike": GOOD, "untold": UNTOLD}


def _beside(own: Figure, real: Figure) -> str:
    """ "far", "less" or "little" below real samples, "alike", or "untold" where the interval leaves room for both."""
    if own.high < real.low:
        share = own.value / real.value
        return "far" if share < FAR else "less" if share < LITTLE else "little"
    return "alike" if own.low >= ROOM * real.value else "untold"
