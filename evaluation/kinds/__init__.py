"""All that the evaluation must know of one kind of samples, in one record: images, sounds, texts, or a kind from outside."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evaluation.exhibits.exhibit import Exhibit
from evaluation.extractors.record import ExtractorRecord
from evaluation.metrics.record import Metric, PairMetric
from multigan.errors import ConfigError
from multigan.registry import Registry

if TYPE_CHECKING:
    from evaluation.extractors.protocol import ClassifyingExtractor
    from evaluation.samples import Contents, SampleKind, Samples


@dataclass(frozen=True)
class ClassifierRecord:
    """The classifier that is trained on labelled real samples of a kind."""

    name: str
    """The name of its features."""
    train: Callable[..., ClassifyingExtractor]
    """(labelled samples, a ``features.subset.Subset``; number of labels; device; progress) -> the classifier, or the one
    that the same samples trained before."""
    teach: Callable[..., ClassifyingExtractor] | None = None
    """(samples in memory, labels int [N], number of labels; by name seed, n_samples, augment, device) -> a classifier that
    has seen ``n_samples`` of these and of nothing else; None: nobody can ask for that."""
    augmentation: str = ""
    """What changes the samples while it is trained, in words: classical augmentation."""


def _of_no_data(data: Any) -> bool:
    return False


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Kind:
    """One kind of samples: how they come in, what they are measured with, and how they are shown."""

    name: str
    """What ``modality=``, ``--modality`` and ``report.json`` call it."""
    singular: str
    noun: str
    """What samples are called in a sentence, in the plural."""
    extractors: tuple[ExtractorRecord, ...]
    """Those whose features may be chosen."""
    default_features: str
    """The extractor, one that needs no files, where none is chosen; memorisation always looks through it."""
    exhibit: Exhibit
    digest: Callable[[Any], str]
    """What names one sample by its content, for the cache of features."""

    # where samples come from
    open_folder: Callable[..., Samples] | None = None
    """(path, labels_column, and by name those of ``folder_options`` that are given) -> the samples of a folder or file."""
    folder_options: tuple[str, ...] = ()
    """What ``evaluation.sources.open_folder`` takes beyond the path and the column of labels."""
    from_memory: Callable[..., Contents] | None = None
    """(data, and by name those of ``memory_options`` that are given) -> the samples in them."""
    memory_options: tuple[str, ...] = ()
    recognises: Callable[[Any], bool] = _of_no_data
    """Whether a piece of data in memory is of this kind, where nobody says so."""
    aligned: Callable[[Samples, Samples], Samples] | None = None
    """(real samples, other samples) -> the others, read as the real ones say: in their units, by their columns. DataError
    where they cannot be compared; None: each set says by itself how it is read."""
    mirror: Callable[[Any], Any] | None = None
    """A sample -> its mirror image; None where samples have none."""

    # what they are measured with
    models: tuple[ExtractorRecord, ...] = ()
    """What is no choice of features: what single metrics look through, a language model, a distance."""
    metrics: tuple[Metric, ...] = ()
    """Those of this kind alone, beside ``evaluation.catalogue.METRICS``, which are for every kind."""
    pair_metrics: tuple[PairMetric, ...] = ()
    """What compares each fake with the real sample of its name; none where there is nothing to compare."""
    check_pair: Callable[[Any, Any], None] | None = None
    """(real sample, fake) -> nothing; DataError where they cannot be compared."""
    figure_names: Mapping[str, str] = field(default_factory=dict)
    """Metric -> what its figures are called for this kind, before the features in brackets."""
    leading: tuple[str, ...] = ()
    """Metrics of its own that a report leads with, after those that lead for every kind."""
    classifier: ClassifierRecord | None = None
    """None: labels are not read, unless whoever evaluates brings a classifier."""
    most_searched: int = 50_000
    """Memorisation looks through as many real samples."""

    def __repr__(self) -> str:
        return f"<Kind {self.name}>"

    def record(self, name: str) -> ExtractorRecord:
        """The extractor or model of that name; KeyError where there is none."""
        return {record.name: record for record in (*self.models, *self.extractors)}[name]

    def figure_name(self, metric: Metric, features: str) -> str:
        """What a figure is called: with its features where there is a choice (FD alone would say Inception)."""
        if not metric.looks_at.through_features:
            return metric.name
        for record in self.extractors:
            if record.name == features and metric.name in record.figure_names:
                return record.figure_names[metric.name]
        within = ", ".join(filter(None, (features, metric.unusual)))
        return f"{self.figure_names.get(metric.name, metric.name)}[{within}]"


KINDS: Registry[Kind] = Registry(
    "modality",
    {
        "image": "evaluation.kinds.image:IMAGE",
        "audio": "evaluation.kinds.audio:AUDIO",
        "text": "evaluation.kinds.text:TEXT",
        "video": "evaluation.kinds.video:VIDEO",
    },
)


def kind_of(kind: str | SampleKind) -> Kind:
    """The kind itself, the one of that name in ``KINDS``, or the one that "package.module:ATTRIBUTE" names.

    ConfigError with a near match for a name that is not known, and where something else lies at the attribute.
    """
    if isinstance(kind, Kind):
        return kind
    if isinstance(kind, str):
        return _attribute(kind) if ":" in kind else KINDS[kind]
    raise ConfigError(
        f"A {type(kind).__name__} is no kind of samples; give one of {', '.join(KINDS)}, "
        "an evaluation.kinds.Kind, or the name of one as package.module:ATTRIBUTE."
    )


def _attribute(path: str) -> Kind:
    module, _, attribute = path.partition(":")
    try:
        kind = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"There is no kind of samples {path}: {error}. Name one that Python finds as package.module:ATTRIBUTE."
        ) from error
    except Exception as error:  # code of a person's own may fail in any way
        raise ConfigError(
            f"The kind of samples {path} cannot be imported: its code fails ({type(error).__name__}: {error}); mend it."
        ) from error
    if not isinstance(kind, Kind):
        raise ConfigError(
            f"{path} is a {type(kind).__name__} and no kind of samples; name an evaluation.kinds.Kind."
        )
    return kind


def all_kinds() -> tuple[Kind, ...]:
    """All of ``KINDS``."""
    return tuple(KINDS[name] for name in KINDS)
