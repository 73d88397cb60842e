"""What the page lets one look at, hear and read: samples of each label, and fakes beside their nearest training samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from PIL import Image

from evaluation.exhibits.embedded import embedded_picture
from evaluation.exhibits.exhibit import Exhibit, strength
from evaluation.exhibits.markup import Html, element
from evaluation.figures import HELD_OUT, Example, Gallery, Report
from evaluation.kinds import kind_of
from evaluation.report.wording import number

SAMPLE_BYTES, PAIR_BYTES = 1_150_000, 550_000
"""What samples and closest pairs may take, before base64."""

GRID_SIDE, GRID_BYTES = 1_200, 700_000
"""The longer side that a grid may have, and the bytes as a PNG beyond which it is compressed."""

Groups = dict[str | None, dict[str, Sequence[Example]]]
"""Label -> subject -> samples."""


def grid(pixels: np.ndarray, words: str) -> Html:
    """A picture uint8 [H, W, 3] as wide as the page."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.thumbnail((GRID_SIDE, GRID_SIDE), Image.Resampling.LANCZOS)
    made = embedded_picture(image, "png", optimize=True)
    if len(made.uri) > GRID_BYTES:
        made = embedded_picture(image, "jpeg", quality=85)
    return element("img", src=made.uri, alt=words, width=made.width, height=made.height)


def samples(report: Report, gallery: Gallery, tone: Callable[[str], str]) -> list[Html] | None:
    """Real samples beside those of each set of fakes, label by label; ``tone`` gives a subject's class."""
    if not any(gallery.samples.values()):
        return None
    exhibit = kind_of(report.kind).exhibit
    groups = _grouped(report, gallery, exhibit)
    contents = [one.content for row in groups.values() for examples in row.values() for one in examples]
    show, note = exhibit.show(contents, SAMPLE_BYTES)
    lead = f"Real {report.kind.noun} beside generated ones. {note}"
    parts = [element("p", lead.strip(), class_="lead")]
    for label, row in groups.items():
        columns = [
            element(
                "div",
                element("h4", _name(subject), class_=tone(subject)),
                element(
                    "div",
                    [show(one, _in_words(subject, one)) for one in examples],
                    class_=f"strip {exhibit.layout}",
                ),
            )
            for subject, examples in row.items()
        ]
        heading = [] if label is None and len(groups) == 1 else [element("h3", label or "without a label")]
        parts.append(element("div", heading, element("div", columns, class_="subjects"), class_="label"))
    return parts


def together(report: Report, gallery: Gallery, tone: Callable[[str], str]) -> Html | None:
    """All samples of each set over one another, where the kind shows them so."""
    show = kind_of(report.kind).exhibit.together
    if show is None or not gallery.sets:
        return None
    return show({_name(subject): contents for subject, contents in gallery.sets.items()}, tone)


def pairs(report: Report, gallery: Gallery, tone: Callable[[str], str]) -> list[Html] | None:
    """Each set's fakes that lie closest to training samples, beside them."""
    by_subject = {subject: some for subject, some in gallery.pairs.items() if some}
    if not by_subject:
        return _pair_tables(report, tone)
    exhibit = kind_of(report.kind).exhibit
    if exhibit.most_pairs is not None:
        each = max(1, exhibit.most_pairs // len(by_subject))
        by_subject = {subject: some[:each] for subject, some in by_subject.items()}
    contents = [one.content for some in by_subject.values() for pair in some for one in pair[:2]]
    show, note = exhibit.show(contents, PAIR_BYTES)
    lead = (
        f"The generated {report.kind.noun} that lie closest to a training sample, closest first: the generated one, "
        f"then the training sample. A model that copies shows the same twice. {note}"
    )
    parts = [element("p", lead.strip(), class_="lead")]
    for subject, some in by_subject.items():
        figures = [
            element(
                "figure",
                element(
                    "div",
                    show(fake, _in_words(subject, fake)),
                    show(train, _in_words("training", train)),
                    class_="two",
                ),
                element("figcaption", f"distance {number(distance)}"),
                class_=f"pair {exhibit.layout}",
            )
            for fake, train, distance in some
        ]
        parts += [element("h3", subject, class_=tone(subject)), element("div", figures, class_="pairs")]
    return parts


def _pair_tables(report: Report, tone: Callable[[str], str]) -> list[Html] | None:
    named = [pair for pair in report.closest if pair.fake_name or pair.train_name]
    if not named:
        return None
    header = [
        element("th", words, scope="col") for words in ("generated", "nearest training sample", "distance")
    ]
    parts: list[Html] = []
    for subject in dict.fromkeys(pair.subject for pair in named):
        rows = [
            element(
                "tr",
                element("th", pair.fake_name, scope="row"),
                element("td", pair.train_name),
                element("td", number(pair.distance), class_="number"),
            )
            for pair in named
            if pair.subject == subject
        ]
        table = element("table", element("thead", element("tr", header)), element("tbody", rows))
        parts += [element("h3", subject, class_=tone(subject)), element("div", table, class_="wide")]
    return parts


def _grouped(report: Report, gallery: Gallery, exhibit: Exhibit) -> Groups:
    order = [subject for subject in (HELD_OUT, *report.subjects) if gallery.samples.get(subject)]
    order += [subject for subject in gallery.samples if subject not in order and gallery.samples[subject]]
    known = {one.label for subject in order for one in gallery.samples[subject]}
    labels = [label for label in report.labels if label in known]
    labels += sorted(label for label in known - set(labels) if label is not None)
    groups: Groups = {}
    for label in [*labels, *([None] if None in known else [])]:
        row = {s: [one for one in gallery.samples[s] if one.label == label] for s in order}
        groups[label] = {subject: examples for subject, examples in row.items() if examples}
    if exhibit.most is None:
        return groups
    each = max(1, exhibit.most // max(1, sum(len(row) for row in groups.values())))
    return {label: {s: examples[:each] for s, examples in row.items()} for label, row in groups.items()}


def _in_words(subject: str, example: Example) -> str:
    return ", ".join(_details(subject, example))


def _details(subject: str, example: Example) -> Iterator[str]:
    yield _name(subject)
    yield from filter(None, (example.label, strength(example), example.name))


def _name(subject: str) -> str:
    return "real" if subject == HELD_OUT else subject
