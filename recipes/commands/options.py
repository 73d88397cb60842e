"""Options that several commands have."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Place(click.Path):
    """A path: "~" is the home folder, also after "=", and an empty one, which would mean the working folder, is refused."""

    def __init__(self, **options: Any) -> None:
        super().__init__(path_type=Path, **options)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        text = str(value)
        if not text.strip():
            self.fail("the path is empty; write . for the working folder", param, ctx)
        if "\0" in text:
            self.fail(f"{text!r} holds a NUL character, which no path can", param, ctx)
        if text.startswith("~"):
            try:
                text = str(Path(text).expanduser())
            except RuntimeError:
                self.fail(f"there is no home folder for {text!r}; write the path out", param, ctx)
        return super().convert(text, param, ctx)


class Run(Place):
    """A run folder, or hf:user/name[@revision] in its place, which is fetched: the folder in the cache that has it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value).startswith("hf:"):
            return super().convert(value, param, ctx)
        from recipes.hub.fetch import fetched

        return fetched(str(value))


class OwnRun(Place):
    """A run folder, of whose training a command looks at more than the hub has; ``instead``: what of hf:NAME there is."""

    def __init__(self, instead: str, **options: Any) -> None:
        super().__init__(**options)
        self.instead = instead

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value).startswith("hf:"):
            return super().convert(value, param, ctx)
        from multigan.errors import ConfigError

        raise ConfigError(
            f"{value} is a run on the hub, which brings its generator alone, and this needs what its training left in a "
            f"folder of this machine: {self.instead.replace('RUN', str(value))}."
        )


LARGEST = 2**63 - 1
plugin = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar="PACKAGE",
    help="A package or module of yours that a modality may be imported from.",
)
settings = click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a setting, such as training.samples=200k.",
)
preset = click.option("--preset", help="A preset of the recipe; by default chosen by this machine.")
device = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True
)
valence = click.option(
    "--valence",
    type=click.FloatRange(-1, 1),
    help="With --arousal, in place of --emotion: a point of the plane, as a mix of the run's emotions.",
)
arousal = click.option(
    "--arousal", type=click.FloatRange(-1, 1), help="From calm (-1) to excited (1); see --valence."
)
seed = click.option(
    "--seed",
    type=click.IntRange(0, LARGEST),
    default=0,
    show_default=True,
    help="The same seed gives the same samples.",
)


class Strength(click.ParamType):
    """An intensity from 0 to 1; or, written with two points between numbers, a curve of it over time, as its text."""

    name = "number or curve"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return "FLOAT RANGE or CURVE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float | str:
        from multigan.errors import DataError
        from multigan.reading.curves import SEPARATOR, written

        if SEPARATOR not in str(value):
            return click.FloatRange(0, 1).convert(value, param, ctx)
        try:
            return written(str(value))
        except DataError as error:
            self.fail(str(error).rstrip("."), param, ctx)


class Numbers(click.ParamType):
    """Numbers of samples, "0,3,7-9", each once in this order."""

    name = "numbers"
    _PART = re.compile(r"\s*([0-9]{1,6})\s*(?:-\s*([0-9]{1,6})\s*)?")

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return "NUMBERS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        numbers: dict[int, None] = {}
        for part in str(value).split(","):
            found = self._PART.fullmatch(part)
            first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
            if last < first:
                self.fail(f"numbers of samples are written as 0,3,7-9, found {part!r}", param, ctx)
            numbers |= dict.fromkeys(range(first, last + 1))
        return tuple(numbers)


def intensity(told: str = "How strong the emotion is.") -> Callable[[F], F]:
    """``--intensity``, with what a command tells of it."""
    return click.option("--intensity", type=click.FloatRange(0, 1), default=1.0, show_default=True, help=told)
