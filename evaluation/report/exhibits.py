"""What the page lets one look at, hear and read: samples of each label, and fakes beside their nearest training samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from evaluation.exhibits import embedded as encoding
from evaluation.exhibits.markup import Html, element
from evaluation.figures import HELD_OUT, Media, Report, Shown
from evaluation.report.wording import noun, number

MOST_CLIPS = 24
"""Clips among the samples of a page, as long as each label and subject keeps one."""
MOST_CLIP_PAIRS = 6
SAMPLE_BYTES, PAIR_BYTES = 1_150_000, 550_000
"""Of sound, before base64."""
MOST_CHARACTERS = 600

Show = Callable[[Shown, str], Html]
"""(sample, what it is in words) -> a figure."""
Groups = dict[str | None, dict[str, Sequence[Shown]]]
"""Label -> subject -> samples."""


def samples(report: Report, media: Media, tone: Callable[[str], str]) -> list[Html] | None:
    """Real samples beside those of each set of fakes, label by label; ``tone`` gives a subject's class."""
    if not any(media.samples.values()):
        return None
    groups = _grouped(report, media)
    if report.modality == "audio":
        each = max(1, MOST_CLIPS // max(1, sum(len(row) for row in groups.values())))
        groups = {g: {s: held[:each] for s, held in row.items()} for g, row in groups.items()}
    shown = [one for row in groups.values() for held in row.values() for one in held]
    show, note = _showing(report, shown, SAMPLE_BYTES)
    parts = [element("p", f"Real {noun(report)} beside generated ones. {note}".strip(), class_="lead")]
    for label, row in groups.items():
        columns = [
            element(
                "div",
                element("h4", _name(subject), class_=tone(subject)),
                element(
                    "div", [show(one, _said(subject, one)) for one in held], class_=f"strip {report.modality}"
                ),
            )
            for subject, held in row.items()
        ]
        heading = [] if label is None and len(groups) == 1 else [element("h3", label or "without a label")]
        parts.append(element("div", heading, element("div", columns, class_="subjects"), class_="label"))
    return parts


def pairs(report: Report, media: Media, tone: Callable[[str], str]) -> list[Html] | None:
    """Each set's fakes that lie closest to training samples, beside them."""
    held = {subject: found for subject, found in media.pairs.items() if found}
    if not held:
        return _pair_tables(report, tone)
    if report.modality == "audio":
        held = {subject: found[: max(1, MOST_CLIP_PAIRS // len(held))] for subject, found in held.items()}
    shown = [one for found in held.values() for pair in found for one in pair[:2]]
    show, note = _showing(report, shown, PAIR_BYTES)
    lead = (
        f"The generated {noun(report)} that lie closest to a training sample, closest first: the generated one, "
        f"then the training sample. A model that copies shows the same twice. {note}"
    )
    parts = [element("p", lead.strip(), class_="lead")]
    for subject, found in held.items():
        figures = [
            element(
                "figure",
                element(
                    "div",
                    show(fake, _said(subject, fake)),
                    show(train, _said("training", train)),
                    class_="two",
                ),
                element("figcaption", f"distance {number(distance)}"),
                class_=f"pair {report.modality}",
            )
            for fake, train, distance in found
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


def _grouped(report: Report, media: Media) -> Groups:
    order = [subject for subject in (HELD_OUT, *report.subjects) if media.samples.get(subject)]
    order += [subject for subject in media.samples if subject not in order and media.samples[subject]]
    found = {one.label for subject in order for one in media.samples[subject]}
    labels = [label for label in report.labels if label in found]
    labels += sorted(label for label in found - set(labels) if label is not None)
    groups: Groups = {}
    for label in [*labels, *([None] if None in found else [])]:
        row = {s: [one for one in media.samples[s] if one.label == label] for s in order}
        groups[label] = {subject: held for subject, held in row.items() if held}
    return groups


def _showing(report: Report, shown: list[Shown], sound_bytes: int) -> tuple[Show, str]:
    """How one sample of this modality is shown, and what has to be said about that."""
    contents = [one.content for one in shown]
    if report.modality == "image":
        return _image, _reduced(contents)
    if report.modality == "audio":
        return _clips(contents, sound_bytes)
    return _text, ""


def _reduced(images: list[Any]) -> str:
    if all(max(pixels.shape[:2]) <= encoding.EXACT_SIDE for pixels in images):
        return ""
    return f"For this page images are reduced to {encoding.REDUCED_SIDE} pixels."


def _image(shown: Shown, words: str) -> Html:
    made = encoding.picture(shown.content)
    small = max(made.width, made.height) <= encoding.EXACT_SIDE
    return element(
        "img", src=made.uri, alt=words, title=words, width=made.width, height=made.height,
        class_="pixels" if small else None,
    )  # fmt: skip


def _clips(clips: list[Any], n_bytes: int) -> tuple[Show, str]:
    seconds = encoding.seconds_shown(clips, n_bytes)
    bands = {id(clip): encoding.decibels(encoding.loudest(clip, seconds)[1]) for clip in clips}
    loudest = max((float(held.max()) for held in bands.values()), default=0.0)
    cut = any(len(clip.waveform) > seconds * clip.rate_hz for clip in clips)

    def show(shown: Shown, words: str) -> Html:
        start, clip = encoding.loudest(shown.content, seconds)
        made = encoding.spectrogram_picture(bands[id(shown.content)], loudest)
        heard, whole = (len(held.waveform) / held.rate_hz for held in (clip, shown.content))
        length = (
            f"{whole:.1f} s" if heard == whole else f"{start:.1f} to {start + heard:.1f} of {whole:.1f} s"
        )
        details = [shown.name, _strength(shown), length, f"{clip.rate_hz:,} Hz"]
        return element(
            "figure",
            element("img", src=made.uri, alt=f"Spectrogram: {words}", width=made.width, height=made.height),
            element("audio", controls=True, preload="metadata", src=encoding.sound(clip), aria_label=words),
            element("figcaption", " · ".join(filter(None, details))),
            class_="clip",
        )

    said = f"Of each clip the loudest {seconds:.1f} s are on this page. " if cut else ""
    if any(clip.rate_hz > encoding.PAGE_RATE_HZ for clip in clips):
        said += f"Clips of a higher rate are heard at {encoding.PAGE_RATE_HZ:,} Hz. "
    spectrograms = (
        "Spectrograms are log-mel, low pitches at the bottom, time from left to right; each as wide as "
        f"its box; colours run from {encoding.DYNAMIC_RANGE_DB:.0f} dB below the loudest place of all shown here."
    )
    return show, said + spectrograms


def _text(shown: Shown, words: str) -> Html:
    content = str(shown.content)
    cut = content if len(content) <= MOST_CHARACTERS else content[:MOST_CHARACTERS].rstrip() + " […]"
    details = " · ".join(filter(None, [shown.name, _strength(shown)]))
    return element(
        "blockquote", element("p", cut), element("footer", details) if details else None, title=words
    )


def _said(subject: str, shown: Shown) -> str:
    return ", ".join(_details(subject, shown))


def _details(subject: str, shown: Shown) -> Iterator[str]:
    yield _name(subject)
    yield from filter(None, (shown.label, _strength(shown), shown.name))


def _strength(shown: Shown) -> str:
    return "" if shown.intensity is None else f"intensity {shown.intensity:.2f}"


def _name(subject: str) -> str:
    return "real" if subject == HELD_OUT else subject
