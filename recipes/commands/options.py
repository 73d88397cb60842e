"""Options that several commands have."""

from __future__ import annotations

import click

plugin = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar="PACKAGE",
    help="A package or module of yours that a modality may be imported from.",
)
device = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True
)
