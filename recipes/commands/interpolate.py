"""``multigan interpolate``: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from multigan.errors import for_terminal
from recipes.commands import options
from recipes.commands.sample import Sampling, refuse_other_modalities


@click.command(cls=Sampling)
@click.argument("run_folder", metavar="RUN", type=options.Place())
@click.argument("first", metavar="SAMPLE")
@click.argument("last", metavar="SAMPLE")
@click.option(
    "--steps",
    type=click.IntRange(2, 100),
    default=10,
    show_default=True,
    help="Samples, both ends among them.",
)
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting of samples by its name, such as variation=0.5.",
)
@click.option(
    "--out",
    type=options.Place(),
    default="interpolation.png",
    show_default=True,
    help="A picture of all steps (.png), of images also a moving one (.gif), of sounds all in a row (.wav).",
)
@options.device
@options.plugin
def interpolate(
    run_folder: Path,
    first: str,
    last: str,
    steps: int,
    sets: tuple[str, ...],
    out: Path,
    device: str,
    plugins: tuple[str, ...],
    **flags: Any,
) -> None:
    """From one sample of a run to another, or from one intensity to another.

    A SAMPLE is SEED:NUMBER:INTENSITY:EMOTION, as labels.csv has it, such as 0:3:1:joy; of a run without labels SEED:NUMBER.
    """
    from multigan.config import parse_overrides
    from multigan.sampling import load_generator
    from multigan.training.assemble import choose_device
    from recipes.interpolation import parse_end, write_interpolation
    from recipes.settings import sampling_options

    trained = load_generator(run_folder, choose_device(device), plugins)
    values = {key: value for key, value in flags.items() if value is not None}
    refuse_other_modalities(values, trained.modality)
    chosen = sampling_options(trained.modality, {**values, **parse_overrides(sets)}, "multigan interpolate")
    trained.sampling.check(trained.network, chosen)
    ends = [parse_end(text, trained.facts.labels) for text in (first, last)]
    write_interpolation(trained, ends[0], ends[1], steps, chosen, out)
    click.echo(for_terminal(f"Wrote {steps} steps from {ends[0]} to {ends[1]} to {out}."))
