"""``multigan judge``: a blind test by people, prepared and answered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from multigan.errors import for_terminal
from recipes.commands import options

if TYPE_CHECKING:
    from recipes.judging.blind import BlindTest

_ENDS = ("q", "")


@click.group()
def judge() -> None:
    """A blind test: which of two is better, or which emotion is this? With real samples hidden among the others."""


@judge.command()
@click.argument("places", metavar="RUN_OR_FOLDER...", nargs=-1, required=True, type=options.Run())
@click.option(
    "--question", type=click.Choice(["better", "emotion"]), required=True, help="What people are asked."
)
@click.option(
    "--real", type=options.Place(), help="Real samples [default: held-out samples of the first run]."
)
@click.option("--modality", help="Of folders: image, audio, text, video, or a modality of yours.")
@click.option("--n", type=click.IntRange(1, 1000), default=24, show_default=True,
              help="Samples of each set, or comparisons of each pair of sets.")  # fmt: skip
@options.intensity("Of runs; of folders the samples of the nearest intensities.")
@options.seed
@click.option(
    "--out", type=options.Place(), help="The folder of the test [default: judge/QUESTION, numbered]."
)
@options.device
@options.plugin
def prepare(
    places: tuple[Path, ...],
    question: str,
    real: Path | None,
    modality: str | None,
    n: int,
    intensity: float,
    seed: int,
    out: Path | None,
    device: str,
    plugins: tuple[str, ...],
) -> None:
    """Draw what is shown: balanced, in a drawn order, and without a name on it."""
    from multigan.training.assemble import choose_device
    from recipes.console import console_of_files, progress_bar
    from recipes.judging.blind import ROOT, make
    from recipes.judging.sets import Asked

    asked = Asked(places, real, modality, intensity, seed, choose_device(device), plugins)
    with progress_bar(console_of_files()) as progress:
        test = make(asked, question, n, out, progress)
    click.echo(
        for_terminal(f"Wrote a blind test of {len(test.trials)} trials to {test.folder}. Answer it by:")
    )
    click.echo(for_terminal(f"  multigan judge answer {test.folder} --rater NAME"))
    if test.folder.parent == ROOT:
        click.echo("or on the page Compare of multigan studio.")


@judge.command()
@click.argument("folder", metavar="TEST", type=options.Place())
@click.option("--rater", required=True, help="Who answers; the same name goes on where it stopped.")
def answer(folder: Path, rater: str) -> None:
    """Answer a blind test in the terminal, looking at its pages in a browser."""
    from recipes.judging import blind

    test, rater = blind.open_test(folder), blind.check_rater(rater)
    for note in test.notes:
        click.echo(for_terminal(note))
    while (trial := blind.next_trial(test, rater)) is not None:
        number = len(blind.answered(test, rater)) + 1
        click.echo(for_terminal(f"Trial {number} of {len(test.trials)}: open {test.page(trial.item)}"))
        choice = _asked(test)
        if choice is None:
            click.echo(for_terminal(f"Kept {number - 1} answers in {folder / blind.ANSWERS}."))
            return
        blind.answer(test, rater, trial.item, choice)
    click.echo(for_terminal(f"{rater} has answered all {len(test.trials)} trials. What people said:"))
    click.echo(for_terminal(f"  multigan evaluate --human {folder / blind.ANSWERS}"))


def _asked(test: BlindTest) -> str | None:
    """An answer; None where the rater stops."""
    from recipes.judging import blind

    if test.question == blind.BETTER:
        words, allowed = (
            "Which is better, 1 or 2? (0: neither, q: stop)",
            {"1": "1", "2": "2", "0": blind.TIE},
        )
    else:
        numbered = [f"{number} {label}" for number, label in enumerate(test.labels, 1)]
        words = f"Which emotion is it: {', '.join(numbered)}? (q: stop)"
        allowed = {str(number): label for number, label in enumerate(test.labels, 1)}
        allowed |= {label: label for label in test.labels}
    while True:
        try:
            given = click.prompt(
                for_terminal(words), prompt_suffix=" ", default="", show_default=False
            ).strip()
        except click.Abort:
            return None
        if given in _ENDS:
            return None
        if given in allowed:
            return allowed[given]
        click.echo(for_terminal(f"{given!r} is no answer."))
