"""``multigan directions``: its options."""

from __future__ import annotations

from pathlib import Path

import click

from multigan.errors import for_terminal
from recipes.commands import options

_ROWS = 8


@click.command()
@click.argument("run_folder", metavar="RUN", type=options.Run())
@click.option(
    "--components",
    type=click.IntRange(1, 64),
    default=5,
    show_default=True,
    help="How many by SeFa, and by principal components.",
)
@click.option(
    "--n",
    type=click.IntRange(_ROWS, 4_096),
    default=64,
    show_default=True,
    help="Samples that each direction is tried on.",
)
@options.seed
@options.device
@options.plugin
def directions(
    run_folder: Path, components: int, n: int, seed: int, device: str, plugins: tuple[str, ...]
) -> None:
    """Find what a run's styles can change, measure it, and keep it for `multigan sample RUN --direction NAME:STRENGTH`.

    RUN/directions gets a picture of each direction at strengths from -3 to 3, and what it changes in directions.json.
    """
    import torch

    from multigan.directions import FOLDER, write_directions
    from multigan.outputs import clear, publishing
    from multigan.runs import has_data
    from multigan.sampling import as_file_name, identity, load_generator
    from multigan.training.assemble import choose_device
    from multigan.writing import refuse_links
    from recipes.console import console_of_files, progress_bar
    from recipes.directions import SHOWN, in_a_sentence, made, measured, moved, start_of
    from recipes.kinds import kind_of_modality
    from recipes.label_reader import LabelReader

    trained = load_generator(run_folder, choose_device(device), plugins)
    folder = run_folder / FOLDER
    refuse_links(folder, run_folder)  # a run may have come from somebody else
    reader = None
    with progress_bar(console_of_files()) as progress:
        if len(trained.facts.labels) > 1 and trained.modality.kind is not None and has_data(run_folder):
            kind = kind_of_modality(trained.modality)
            if kind.classifier is not None:
                reader = LabelReader(kind, run_folder, trained, progress)
        every = made(trained, reader, components, seed)
        start = start_of(trained, n, seed)
        kept = []
        with publishing(folder) as stage:
            for place, one in enumerate(every):
                progress("directions", place, len(every))
                steps = moved(trained, start, one)
                kept.append(measured(trained, reader, start, one, steps))
                picture = [steps[place][row] for row in range(_ROWS) for place in SHOWN]
                path = stage.folder / f"{as_file_name(one.name)}.png"
                trained.modality.preview(torch.stack(picture), len(SHOWN), path, trained.data)
            write_directions(stage.folder, kept, identity(trained.network))
            clear(folder)
    for one in kept:
        click.echo(for_terminal(f"{one.name}: {in_a_sentence(one)}"))
    click.echo(for_terminal(f"Wrote {len(kept)} directions and their pictures to {folder}."))
