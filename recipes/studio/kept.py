"""Samples that a person keeps, and all of them as one file: what the commands beside them make, bit for bit."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.exhibits.markup import Html, element
from multigan.sampling import as_file_name
from recipes.hub.address import SCHEME
from recipes.studio.dials import Dials, by_number, checked, command, words_of
from recipes.studio.runs import Studio
from recipes.studio.words import StudioError, Words

MOST = 200
_THUMBNAIL = 40_000
"""Characters of markup that are kept with a sample; one that takes more is told in words."""
_DAY = (2026, 1, 1, 0, 0, 0)
"""Of all files in a zip: the same samples make the same file."""
_SHARE = re.compile(r"0\.[0-9]{1,4}")
COMMANDS = "commands.sh"


@dataclass(frozen=True)
class Kept:
    """One sample."""

    dials: Dials
    """With one number, unless its modality makes several at a time."""
    picture: Html | None
    """None where it takes too much."""

    def called(self, words: Words) -> str:
        """ "joy; 0.8 · seed 0 · #3 · emotive-images" """
        dials, more = self.dials, [f"{name} {value}" for name, value in self.dials.settings.items()]
        emotion = f"{emotion_in_words(dials.emotion)}; {dials.intensity:g}" if dials.emotion else ""
        seed = words("what_was_asked_unlabelled", seed=dials.seed)
        return " · ".join(filter(None, (emotion, seed, f"#{dials.numbers[0]}", *more, _short(dials.run))))


def _short(run: str) -> str:
    """The last part of a run's name; of one of the hub without its commit."""
    return Path(run.partition("@")[0] if run.startswith(SCHEME) else run).name


def emotion_in_words(emotion: str) -> str:
    """A mix as a person says it: "74% joy, 26% calm"; a label as it is."""
    parts = [part.rpartition(":") for part in emotion.split(",")]
    if not all(name and _SHARE.fullmatch(share) for name, _, share in parts):
        return emotion
    return ", ".join(f"{100 * float(share):.0f}% {name}" for name, _, share in parts)


def with_one(kept: Sequence[Kept], dials: Dials, picture: Html | None) -> list[Kept]:
    """The list with one more sample, or without it where it is there already."""
    others = [one for one in kept if one.dials != dials]
    if len(others) < len(kept):
        return others
    if len(kept) >= MOST:
        raise StudioError("kept_most", most=MOST)
    return [*kept, Kept(dials, picture if picture is not None and len(picture) <= _THUMBNAIL else None)]


def tray(kept: Sequence[Kept], words: Words) -> Html:
    """The kept samples, each with a button that removes it."""
    if not kept:
        return element("p", words("nothing_kept"), class_="quiet")
    items = [
        element(
            "li",
            one.picture,
            element("small", one.called(words)),
            element(
                "button",
                "✕",
                type="button",
                data_act="remove",
                data_number=place,
                aria_label=words("remove_one", name=one.called(words)),
            ),
        )
        for place, one in enumerate(kept)
    ]
    return element("ul", items, class_="tray")


def zipped(studio: Studio, kept: Sequence[Kept]) -> bytes:
    """A zip of a folder for each run, with the samples and their ``labels.csv``, and of the commands that make them."""
    if not kept:
        raise StudioError("none_kept")
    grouped: dict[tuple[object, ...], list[Dials]] = {}
    for one in kept:
        grouped.setdefault(one.dials.group, []).append(one.dials)
    folders: dict[str, str] = {}
    lines = []
    with tempfile.TemporaryDirectory() as place:
        for dials in grouped.values():
            name = folders.setdefault(dials[0].run, _folder_name(dials[0].run, folders))
            lines.append(_write(studio, _together(dials), Path(place) / name, name))
        files = sorted(path for path in Path(place).rglob("*") if path.is_file())
        contents = {path.relative_to(place).as_posix(): path.read_bytes() for path in files}
    contents[COMMANDS] = ("\n".join(lines) + "\n").encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name, _DAY), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _together(dials: Sequence[Dials]) -> Dials:
    """One command's worth of samples, by rising numbers."""
    return replace(dials[0], numbers=tuple(sorted({number for one in dials for number in one.numbers})))


def _write(studio: Studio, dials: Dials, folder: Path, name: str) -> str:
    """Write what a command makes, and give the command."""
    trained = studio.open(dials.run)
    lines = []
    step = 64 if by_number(trained) else len(dials.numbers)
    for start in range(0, len(dials.numbers), step):
        part, options = checked(trained, replace(dials, numbers=dials.numbers[start : start + step]))
        with studio.drawing:
            trained.sampling.write(
                trained, options, (part.emotion,) if part.emotion else (), part.seed, folder
            )
        lines.append(command(words_of(trained, part, studio.path_of(dials.run), name)))
    return "\n".join(lines)


def _folder_name(run: str, others: dict[str, str]) -> str:
    name = as_file_name(_short(run).lstrip(".")) or "samples"
    taken = set(others.values())
    return next(one for one in (name, *(f"{name}-{i}" for i in range(2, 1_000))) if one not in taken)
