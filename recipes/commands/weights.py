"""``multigan weights``: which files each pretrained network needs, where they are looked for, and whether they are there."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recipes.commands import options

if TYPE_CHECKING:
    from evaluation.extractors.record import ExtractorRecord
    from multigan.pretrained.weights import WeightFile


@click.command()
@click.argument("names", nargs=-1, metavar="[fetch] [NAME]...")
@click.option(
    "--weights",
    "place",
    type=options.Place(),
    help="Look at this file or folder only; fetch into this folder [default: the cache].",
)
def weights(names: tuple[str, ...], place: Path | None) -> None:
    """List the files of each extractor: SHA-256, size, licence, and whether they are there and intact.

    With NAMEs, only those; the exit code is 1 when a file of theirs is missing or not intact. With `fetch` before the
    NAMEs, their files are downloaded where they are not there; nothing is otherwise.
    """
    from evaluation.catalogue import extractors_by_name, models_by_name
    from multigan.errors import ConfigError
    from multigan.pretrained.weights import places
    from multigan.registry import unknown_name

    known = {**extractors_by_name(), **models_by_name()}
    fetches = names[:1] == ("fetch",)
    names = names[1:] if fetches else names
    for name in names:
        if name not in known:
            raise ConfigError(unknown_name("extractor", name, list(known)))
    if fetches:
        if not names:
            raise click.UsageError("Name what to fetch; `multigan weights` lists the names.")
        for name in names:
            _fetch(known[name][1], place)
        return
    if place and not place.exists():
        raise click.BadParameter(f"There is no file or folder {place}.", param_hint="'--weights'")
    click.echo("Looked for, in this order:")
    for what, where in places(place):
        click.echo(f"  {what:<24} {where}")
    listed: dict[tuple[object, ...], str] = {}
    ready = []
    for name in names or known:
        kind, record = known[name]
        click.echo(f"\n{name} ({kind.name}){': ' + record.paper if record.paper else ''}")
        _say(f"{record.preprocessing}. {record.note}")
        if record.weights in listed and record.weights:
            _say(f"the files of {listed[record.weights]}")
        else:
            listed[record.weights] = name
            ready.append(_files(record, place))
    if names and not all(ready):
        raise click.exceptions.Exit(1)


def _fetch(record: ExtractorRecord, place: Path | None) -> None:
    """Download the files of a network that are not there, and say where they are."""
    from multigan.pretrained.weights import readable_size, sha256_of
    from recipes.console import console_of_files, progress_bar, say
    from recipes.fetching import fetch

    console = console_of_files()
    if not record.weights:
        say(console, f"{record.name} needs no files.")
    with progress_bar(console) as progress:
        paths = fetch(record, place, progress)
    for file in record.weights:
        path = paths[file.name]
        intact = (
            "intact"
            if file.sha256
            else f"not checked, as its publisher's SHA-256 is not known: {sha256_of(path)}"
        )
        say(console, f"{path} ({readable_size(path.stat().st_size)}) is there, {intact}.")


def _files(record: ExtractorRecord, place: Path | None) -> bool:
    """Print the files of a network and how to get those that are missing; whether all are there and intact."""
    from multigan.pretrained.weights import commands_for, find, folder_for, hugging_face_command

    if not record.weights:
        click.echo("  ready: it needs no files")
    paths = find(record, place)
    states = [_file(file, paths.get(file.name)) for file in record.weights]
    missing = [file for file in record.weights if file.name not in paths]
    if missing:
        # on lines of their own and never wrapped, so that they can be copied
        commands, fetch = commands_for(record.name, missing, place), missing[0].fetch
        if missing[0].in_repository:
            commands.append(hugging_face_command(missing, place))
        for number, command in enumerate(commands):
            click.echo(f"  {'or ' if number else ''}run\n    {command}")
        if fetch and not missing[0].in_repository:
            click.echo(f"  {'or ' if commands else ''}fetch\n    {fetch}\n  and put it into")
        else:
            click.echo(f"  {'or ' if commands else ''}put the files into")
        click.echo(f"    {folder_for(missing, place)}")
    return all(states)


def _file(file: WeightFile, path: Path | None) -> bool:
    """Print one file and its state; whether it is there and intact."""
    from multigan.pretrained.weights import is_of_package, readable_size, sha256_of

    digest = sha256_of(path) if path else None
    intact = digest is not None and file.sha256 in (None, digest)
    if digest is None:
        state = "missing"
    elif file.sha256 is None:
        state = "there, not checked"
    else:
        state = "there, intact" if intact else "NOT THE FILE IT SHOULD BE"
    size = path.stat().st_size if path else file.size_bytes
    click.echo(
        f"  {file.filename}: {state}; {readable_size(size) if size else 'size not known'}; licence {file.licence}"
    )
    click.echo(f"    sha256 {file.sha256 or 'of its publisher not known'}")
    if digest and digest != file.sha256:
        click.echo(f"    found  {digest}")
    if path:
        click.echo(f"    at {path}")
        if file.package and is_of_package(path, file.package):
            click.echo(f"    in the package {file.package.name}")
    return intact


def _say(text: str) -> None:
    click.echo(textwrap.fill(text, 100, initial_indent="  ", subsequent_indent="  "))
