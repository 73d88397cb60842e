"""``multigan import``: networks of other projects as run folders."""

from __future__ import annotations

from pathlib import Path

import click

from multigan.errors import ConfigError, for_terminal
from recipes.commands import options


@click.group("import")
def import_() -> None:
    """Take over trained networks of other projects, as runs that `multigan sample` draws from."""


@import_.command()
@click.argument("file", type=options.Place())
@click.option(
    "--labels",
    metavar="NAME,NAME,...",
    help="Names of a conditional network's classes, in their order [default: 0, 1, ...].",
)
@click.option("--out", type=options.Place(), required=True, help="The new run folder.")
def stylegan(file: Path, labels: str | None, out: Path) -> None:
    """A generator of StyleGAN2-ADA, or of StyleGAN3 (cfg stylegan2), exactly as it is.

    FILE is a network-snapshot .pkl. Its code is not run: tensors and plain values are read, anything else is refused.
    """
    from multigan.image.importing import run_of, said

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"{out} is there already, and nothing is replaced: choose another --out.")
    names = None if labels is None else tuple(name.strip() for name in labels.split(","))
    click.echo(for_terminal(said(run_of(file, names, out), out)))
