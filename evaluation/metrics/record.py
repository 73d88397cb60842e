"""A metric in one record: what it answers, what it looks at, what computes it, and how its figures are to be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.deferred import resolved

if TYPE_CHECKING:
    from evaluation.statistics.estimate import Estimate


SANITY_CHECKS = 15
"""Of fidelity and diversity metrics, as arXiv:2505.22450 proposes them."""
USUAL_K = 5
"""How many neighbours a metric of neighbourhoods looks at, unless its name says another number."""
USUAL_Q = 1.0
"""The order of a metric of effective numbers, unless its name says another."""


@dataclass(frozen=True)
class View:
    """A side of the samples that a metric looks at."""

    name: str
    in_words: str
    """What there must be for it."""
    through_features: bool = False
    """Whether there is a choice of features, which then stand in the names of figures."""
    depends_on_n: bool = False
    """Whether figures depend on the number of samples, so that only equal numbers compare."""
    lacking: str = ""
    """Why nothing comes out where there is no such side; "" where there always is one."""


FEATURES = View("features", "features", through_features=True, depends_on_n=True)
PROBABILITIES = View(
    "probabilities", "features with class probabilities", through_features=True, depends_on_n=True,
    lacking="none of the features give class probabilities",
)  # fmt: skip
LABELS = View(
    "labels", "labels of real samples and fakes",
    lacking="it needs labels of the fakes, and real samples of two labels or more",
)  # fmt: skip
INTENSITIES = View(
    "intensities", "labels, and fakes of several intensities",
    lacking="it needs labels of real samples and fakes, and fakes of several intensities",
)  # fmt: skip
TRAINING = View("training", "features of all real samples", through_features=True)
SAMPLES = View("samples", "the samples", depends_on_n=True)


@dataclass(frozen=True)
class Metric:
    """What a metric answers, what it needs, which way is better, its paper and its traps."""

    name: str
    looks_at: View
    measure: str | Callable[..., Mapping[str, Estimate]]
    """``Evidence`` -> estimates by the name of their metric, or "module:function" of it; metrics that share it are computed
    at once."""
    higher_is_better: bool | None
    paper: str
    question: str
    """What it answers."""
    reading: str
    """One plain sentence on how to read it."""
    trap: str
    """What makes it mislead."""
    alone: bool = False
    """Whether it looks at one set and at nothing beside it: any real samples then show what those score, at full n."""
    searches: bool = False
    """Whether it looks through all training samples."""
    through: tuple[str, ...] = ()
    """The extractors of its kind that it looks through, whatever features are chosen."""
    caution: Callable[[int, int], str | None] | str | None = None
    """(number of samples, number of features), or "module:function" of it -> a warning, or None where there are enough."""
    wants: int = 0
    """How many samples per side make its figures comparable beyond one report."""
    k: int = 0
    """How many neighbours it looks at, where "NAME[k=3]" may ask for another number; 0 where there is no such choice."""
    q: float = 0
    """Its order, where "NAME[q=2]" may ask for another one above 0, or q=inf; 0 where there is no such choice."""
    by_default: bool = True
    """Whether it is measured where no metric is named; "all" measures the others too."""
    fails: int = 0
    """How many of the ``SANITY_CHECKS`` it fails (``benchmarks/sanity.py``); 0 where it was not put to them."""

    @property
    def unusual(self) -> str:
        """What its figures say of another k or order than the usual one: "k=3"; "" for the usual ones."""
        if self.k not in (0, USUAL_K):
            return f"k={self.k}"
        return f"q={self.q:g}" if self.q not in (0, USUAL_Q) else ""

    @property
    def told(self) -> str:
        """How to read its figures, and that they should not be read alone where it fails checks."""
        if not self.fails:
            return self.reading
        failed = f"It fails {self.fails} of {SANITY_CHECKS} sanity checks (arXiv:2505.22450)"
        return f"{self.reading} {failed}: do not read it alone."

    def estimates(self, evidence: Any) -> Mapping[str, Estimate]:
        """What its measure finds in ``evaluation.evidence.Evidence``: this metric, and those that share the measure."""
        return resolved(self.measure)(evidence)

    def warning(self, n: int, n_features: int) -> str | None:
        """A sentence where n samples are too few for this number of features."""
        return None if self.caution is None else resolved(self.caution)(n, n_features)


@dataclass(frozen=True)
class PairMetric:
    """What measures how near a sample comes to the one that it should be."""

    name: str
    measure: str | Callable[[Any, Any, Any], float]
    """(real sample, fake, model) -> a number, or "module:function" of it."""
    higher_is_better: bool
    reading: str
    note: str = ""
    model: str | None = None
    """The one of its kind's models that it looks through."""
