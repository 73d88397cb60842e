"""``multigan new``: a package to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from recipes.commands import options


@click.group()
def new() -> None:
    """Write a package of your own to begin with."""


@new.command()
@click.argument("name")
@click.option("--out", type=options.Place(), help="The folder to make [default: ./NAME].")
def modality(name: str, out: Path | None) -> None:
    """Write a modality NAME in a package of its own: it trains, is measured, and has a test from the start.

    NAME is a word of small letters, digits and _, such as curves.
    """
    from recipes.starting import write_package

    folder = write_package(name, Path(name) if out is None else out)
    click.echo(f"Wrote the package {name} to {folder}. Try it:")
    click.echo(f"  pip install --no-deps --no-build-isolation -e {folder}")
    click.echo(f"  multigan recipe run {name}")
    click.echo(f"  python -m pytest {folder}")
    click.echo(f"Then put your own samples in the place of its curves: {folder / name / 'modality.py'}")
