"""The flags of ``multigan sample`` that belong to a modality, under the headings that ``--help`` shows them with."""

from __future__ import annotations

import dataclasses
import importlib
import typing
from typing import Any, Literal

import click

HEADINGS = {
    "Images": "multigan.image.settings:ImageSampling",
    "Sounds": "multigan.audio.settings:AudioSampling",
    "Texts": "multigan.text.settings:TextSampling",
    "Videos": "multigan.video.settings:VideoSampling",
}
"""What ``--help`` calls samples of a modality -> its settings of samples, in a module that imports no torch."""


@dataclasses.dataclass
class ModalityFlag:
    """A flag and the headings of the modalities that have it."""

    key: str
    """The name of the setting."""
    option: click.Option
    headings: list[str]

    @property
    def heading(self) -> str:
        """ "Images and sounds"."""
        return " and ".join(self.headings).capitalize()


def modality_flags() -> list[ModalityFlag]:
    """The flags of all modalities; one that several have comes once."""
    flags: dict[str, ModalityFlag] = {}
    for heading, reference in HEADINGS.items():
        module, _, attribute = reference.partition(":")
        cls = getattr(importlib.import_module(module), attribute)
        hints = typing.get_type_hints(cls)
        for item in dataclasses.fields(cls):
            if "flag" not in item.metadata:
                continue
            if item.name in flags:
                flags[item.name].headings.append(heading)
            else:
                option = _option(item.name, hints[item.name], item.metadata["flag"])
                flags[item.name] = ModalityFlag(item.name, option, [heading])
    return list(flags.values())


def _option(key: str, hint: Any, flag: Any) -> click.Option:
    """Its value is None where it is not given."""
    more: dict[str, Any] = {}
    if hint is bool:
        more = {"is_flag": True, "default": None}
    elif choices := _choices(hint):
        more["type"] = click.Choice(choices)
    else:
        kinds = [kind for kind in (hint, *typing.get_args(hint)) if kind in (int, float, str)]
        more["type"] = kinds[0]
    return click.Option([flag.name, key], help=flag.help, metavar=flag.metavar, **more)


def _choices(hint: Any) -> tuple[str, ...]:
    """The words of a Literal, which may also be None; () of another type."""
    literals = (one for one in (hint, *typing.get_args(hint)) if typing.get_origin(one) is Literal)
    return typing.get_args(next(literals, None))
