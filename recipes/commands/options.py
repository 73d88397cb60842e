"""Options that several commands have."""

from __future__ import annotations

import click

plugin = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar="PACKAGE",
    help="A package or module of yours that a recipe or run may import its modality from.",
)
device = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True
)
