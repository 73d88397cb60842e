"""``multigan push``: a run on the Hugging Face hub."""

from __future__ import annotations

from pathlib import Path

import click

from multigan.errors import for_terminal
from recipes.commands import options


@click.command()
@click.argument("run_folder", metavar="RUN", type=options.OwnRun("push a run that you trained"))
@click.argument("repository", metavar="USER/NAME")
@click.option(
    "--license",
    "licence",
    required=True,
    metavar="ID",
    help="Under which others may use it: an identifier of the hub, such as mit, apache-2.0 or cc-by-nc-4.0.",
)
@click.option("--public", is_flag=True, help="Everybody can see it [default: you alone].")
@click.option("--about-data", metavar="TEXT", help="What the card says of the data, such as who made them.")
@options.seed
@options.plugin
def push(
    run_folder: Path,
    repository: str,
    licence: str,
    public: bool,
    about_data: str | None,
    seed: int,
    plugins: tuple[str, ...],
) -> None:
    """Put a run on the Hugging Face hub: its generator, its report, samples and a model card; none of its data.

    Others sample from it with `multigan sample hf:USER/NAME`.
    """
    import torch

    from multigan.sampling import load_generator
    from recipes.hub.address import repository_of
    from recipes.hub.card import CARD, card_of
    from recipes.hub.client import client
    from recipes.hub.contents import contents_of, refuse_private
    from recipes.hub.licences import licence_named
    from recipes.hub.push import push_files, refuse_without_token

    repository_of(repository)
    licence = licence_named(licence)
    client()
    refuse_without_token()  # before samples are drawn
    trained = load_generator(run_folder, torch.device("cpu"), plugins)
    contents = contents_of(trained, run_folder, seed)
    card = card_of(trained, contents, repository, licence, about_data)
    files = {CARD: card.encode(), **contents.files}
    refuse_private({CARD: files[CARD]}, run_folder, None)
    message = f"A run of multigan: {contents.recipe or trained.facts.modality}, checkpoint {trained.checkpoint.name}"
    page = push_files(repository, files, message, public=public)
    seen_by = "everybody" if public else "you alone"
    click.echo(for_terminal(f"Pushed {len(files)} files to {page}, which {seen_by} can see."))
    if contents.report is None:
        click.echo(
            "There is no report of this checkpoint, and so no figures in the card; `multigan evaluate --run` makes one."
        )
    if not contents.is_drawn and trained.facts.data.get("tokenizer"):
        click.echo(
            "Note: the vocabulary, words of your texts, is in run.json, since no text can be made without it."
        )
    click.echo(for_terminal(f"Others sample from it with `multigan sample hf:{repository}`."))
