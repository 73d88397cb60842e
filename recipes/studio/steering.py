"""What the tab Steer answers: a sample in other styles, and the steps from one sample to another."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.exhibits.markup import Html, element
from multigan.directions import style_layers
from multigan.errors import MultiganError
from multigan.protocols import StyleGenerator
from multigan.sampling import TrainedGenerator
from multigan.sampling_settings import LEVELS
from recipes.hub.fetch import name_of
from recipes.interpolation import End, suffixes, write_interpolation
from recipes.studio.answers import in_words
from recipes.studio.dials import Dials, checked, command, flags_of, plugin_of, words_of
from recipes.studio.runs import Studio
from recipes.studio.show import drawn, file_in_page
from recipes.studio.words import StudioError, Words

STRONGEST = 4.0
_MOST_DIRECTIONS = 40


@dataclass(frozen=True)
class Steered:
    """A sample in other styles."""

    dials: Dials
    picture: Html
    page: Html
    """Beside what it was made of."""
    command: str


def has_styles(trained: TrainedGenerator) -> bool:
    """Whether there are styles to mix."""
    return isinstance(trained.network, StyleGenerator) and bool(style_layers(trained.network))


def directions_of(trained: TrainedGenerator, words: Words) -> tuple[dict[str, float], str]:
    """Names of a run's directions, each at 0; and what to do where there are none."""
    try:
        return dict.fromkeys(list(trained.directions)[:_MOST_DIRECTIONS], 0.0), ""
    except MultiganError as error:
        return {}, words.error(error)


def steered(
    studio: Studio,
    words: Words,
    start: Dials,
    seeds: Mapping[str, int | None],
    strengths: Mapping[str, float],
) -> Steered:
    """The sample with styles of other seeds and moved along directions, beside all it was made of."""
    trained = studio.open(start.run)
    mix = ",".join(f"{level}:{seeds[level]}" for level in LEVELS if seeds.get(level) is not None)
    moved = ",".join(f"{name}:{strength:g}" for name, strength in strengths.items() if strength)
    asked = start.with_settings(style_mix=mix or None, direction=moved or None)
    asked, picture = _one(studio, words, trained, asked)
    plain = start.with_settings(style_mix=None, direction=None)
    shown = [(words("own"), _one(studio, words, trained, plain)[1])]
    for seed in dict.fromkeys(seed for seed in seeds.values() if seed is not None):
        other = replace(plain.with_settings(variation=None), seed=seed, numbers=(0,))
        shown.append((words("of_seed", seed=seed), _one(studio, words, trained, other)[1]))
    shown.append((words("steered"), picture))
    figures = [element("figure", one, element("figcaption", name)) for name, one in shown]
    line = command(words_of(trained, asked, studio.path_of(asked.run)))
    return Steered(asked, picture, element("div", figures, class_="row"), line)


def _one(studio: Studio, words: Words, trained: TrainedGenerator, dials: Dials) -> tuple[Dials, Html]:
    dials, options = checked(trained, dials)
    with studio.drawing:
        made = drawn(trained, dials, options, words("sample", what=in_words(dials, words)), words)
    return dials, next(iter(made.tiles.values()))


@dataclass(frozen=True)
class Stepped:
    """The steps from a sample to another."""

    name: str
    content: bytes
    page: Html
    command: str


def forms(trained: TrainedGenerator) -> tuple[str, ...]:
    """What steps can be written as."""
    return suffixes(trained)


def stepped(
    studio: Studio, words: Words, start: Dials, towards: Dials | None, n: int, suffix: str
) -> Stepped:
    """The steps as a file, in the settings of the first sample; towards None: its emotion from intensity 0 to 1."""
    trained = studio.open(start.run)
    if towards is not None and towards.run != start.run:
        raise StudioError("other_runs", run=start.run)
    if towards is None and not start.emotion:
        raise StudioError("no_ladder")
    idle = trained.sampling.settings.of_no_use_between()
    own = {name: value for name, value in start.settings.items() if name not in idle}
    start, options = checked(trained, replace(start, settings=own))
    first = End(start.seed, start.numbers[0], 0.0 if towards is None else start.intensity, start.emotion)
    last = replace(first, intensity=1.0)
    if towards is not None:
        last = End(towards.seed, towards.numbers[0], towards.intensity, towards.emotion)
    if suffix not in forms(trained):
        raise StudioError("steps_as", forms=", ".join(forms(trained)), found=str(suffix)[:20])
    default = type(options)()
    options = replace(options, **{name: getattr(default, name) for name in idle})
    with tempfile.TemporaryDirectory() as folder, studio.drawing:
        path = Path(folder) / f"steps{suffix}"
        write_interpolation(trained, first, last, n, options, path)
        page = file_in_page(path, words("the_steps", n=n, first=str(first), last=str(last)))
        content = path.read_bytes()
    line = _words(start, first, last, n, studio.path_of(start.run), plugin_of(trained), f"steps{suffix}")
    return Stepped(f"steps{suffix}", content, page, command(line))


def _words(
    start: Dials, first: End, last: End, n: int, path: Path, plugins: Sequence[str], out: str
) -> list[str]:
    by_name = {name: value for name, value in start.settings.items() if name in ("curve", "variation")}
    flags = flags_of({name: value for name, value in start.settings.items() if name not in by_name})
    sets = [word for name, value in by_name.items() for word in ("--set", f"{name}={value}")]
    return [
        "multigan",
        "interpolate",
        name_of(path),
        str(first),
        str(last),
        "--steps",
        str(n),
        *flags,
        *sets,
        *plugins,
        "--out",
        out,
    ]
