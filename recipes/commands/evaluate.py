"""``multigan evaluate``: folders of samples from anywhere, or a run, in; a table, report.json and report.html out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evaluation.options import FEWEST
from multigan.errors import ConfigError, for_terminal
from recipes.commands import options

if TYPE_CHECKING:
    from evaluation.report.conditions import Condition

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FAILED = 3
"""The exit code where a condition of --fail-if holds; 1 is of errors, 2 of usage."""
_OF_THE_HUB = "draw samples with `multigan sample RUN --out SAMPLES`, and measure them with --real FOLDER --fake SAMPLES"


def _list_metrics(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from evaluation.catalogue import metrics_of
    from evaluation.kinds import all_kinds

    for kind in all_kinds():
        click.echo(f"{kind.name}:")
        for metric in metrics_of(kind).values():
            click.echo(f"  {metric.name:<26}{metric.question}")
    ctx.exit()


class _KindName(click.ParamType):
    """The name of a kind of samples or modality, or "package.module:ATTRIBUTE" of one, which is not imported yet."""

    name = "kind"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return f"[{_kind_names()}]"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from evaluation.kinds import KINDS
        from multigan.registry import unknown_name

        if ":" in value or value in KINDS:
            return value
        from multigan.modality import installed

        if value not in installed():
            self.fail(unknown_name("modality", value, [*KINDS, *installed()]), param, ctx)
        return value


def _kind_names() -> str:
    from evaluation.kinds import KINDS

    return "|".join(KINDS)


@click.command()
@click.option("--real", type=options.Place(), help="A folder (text: or a file) of real samples.")
@click.option("--fake", "fakes", type=options.Place(), multiple=True,
              help="Generated samples; give it again to compare A, B, ... with each other.")  # fmt: skip
@click.option(
    "--run", "run_folder", type=options.OwnRun(_OF_THE_HUB), help="Measure a run of `multigan recipe run`."
)
@click.option("--modality", type=_KindName(),
              help="What the samples are; of your own: package.module:ATTRIBUTE, with --plugin.")  # fmt: skip
@click.option("--held-out", type=options.Place(),
              help="Real samples that the generator never saw, for scale [default: halves of --real].")  # fmt: skip
@click.option("--paired", is_flag=True,
              help="Compare each fake with the real sample of the same file name: PSNR, SSIM, distances.")  # fmt: skip
@click.option(
    "--metrics", help="Names, separated by commas, or all [default: the usual ones that the samples allow]."
)
@click.option("--list-metrics", is_flag=True, is_eager=True, expose_value=False, callback=_list_metrics,
              help="List the metrics of each modality, and what each answers.")  # fmt: skip
@click.option(
    "--features",
    help="Extractors, separated by commas; `multigan weights` lists them [default: what needs no files, and small ones "
    "that are there].",
)
@click.option("--weights", type=options.Place(exists=True),
              help="A file or folder that holds an extractor's weights.")  # fmt: skip
@click.option("--oracle", type=options.Place(exists=True, dir_okay=False),
              help="Text: the network that wrote the real sequences, as safetensors, for NLL-oracle.")  # fmt: skip
@click.option("--n", type=click.IntRange(FEWEST, options.LARGEST),
              help="At most so many samples of a set [default: 10000; a run's own].")  # fmt: skip
@click.option(
    "--seed",
    type=click.IntRange(0, options.LARGEST),
    help="Draws and splits the samples [default: 0; a run's own].",
)
@click.option(
    "--labels-column", help="The column of labels.csv, or of a table of texts, that holds the labels."
)
@click.option("--text-column", help="The column of a table that holds the texts.")
@click.option("--links", type=click.Choice(["inside", "follow"]),
              help="Which links in a folder are followed: those that stay inside it, or all [default: inside].")  # fmt: skip
@click.option("--max-bad", type=click.FloatRange(0, 1),
              help="Stop when a larger share of a set cannot be read [default: 0.01].")  # fmt: skip
@click.option("--human", type=options.Place(exists=True, dir_okay=False), metavar="ANSWERS",
              help="A table of people's answers: which emotion, or which of two is better; measured alone.")  # fmt: skip
@click.option("--table", is_flag=True,
              help="One table, a row a set called by its folder; also as table.csv and table.tex.")  # fmt: skip
@click.option("--verbose", is_flag=True, help="Print all figures [default: those that lead, or --metrics].")
@click.option("--fail-if", "fail_if", multiple=True, metavar="CONDITION",
              help='Exit with 3 where a figure is so, such as "emotion accuracy < 0.9"; may be given again.')  # fmt: skip
@options.device
@options.plugin
@click.option(
    "--out",
    type=options.Place(),
    help="Where the report goes [default: evaluation; the run's folder].",
)
def evaluate(
    real: Path | None,
    fakes: tuple[Path, ...],
    run_folder: Path | None,
    modality: str | None,
    held_out: Path | None,
    paired: bool,
    metrics: str | None,
    features: str | None,
    weights: Path | None,
    oracle: Path | None,
    n: int | None,
    seed: int | None,
    labels_column: str | None,
    text_column: str | None,
    links: str | None,
    max_bad: float | None,
    human: Path | None,
    table: bool,
    verbose: bool,
    fail_if: tuple[str, ...],
    device: str,
    plugins: tuple[str, ...],
    out: Path | None,
) -> None:
    """Measure how good generated samples are, whoever made them, and whether A is better than B.

    Exit code 0: measured; 1: an error; 2: the command is not understood; 3: a condition of --fail-if holds.
    """
    of_files = {
        "--real": real, "--fake": fakes, "--held-out": held_out, "--modality": modality, "--oracle": oracle,
        "--labels-column": labels_column, "--text-column": text_column, "--links": links,
        "--max-bad": max_bad, "--table": table or None, "--paired": paired or None,
    }  # fmt: skip
    superfluous = [name for name, value in of_files.items() if value not in (None, ())]
    if human is not None:
        _evaluate_answers(human, superfluous + (["--run"] if run_folder else []), out)
        return
    of_sets = {"--held-out": held_out, "--metrics": metrics, "--features": features, "--oracle": oracle}
    of_no_pairs = [name for name, value in of_sets.items() if value is not None]
    if run_folder is not None and superfluous:
        raise click.UsageError(
            f"--run measures a run against its own data; leave out {', '.join(superfluous)}."
        )
    if run_folder is None:
        _refuse_folders(real, fakes, modality, table, of_no_pairs if paired else [])
    values = {
        "metrics": _names("metrics", metrics), "features": _names("features", features), "weights": weights,
        "oracle": oracle, "n": n, "seed": seed, "max_bad": max_bad,
    }  # fmt: skip
    conditions = _conditions(fail_if)
    from evaluation.options import Options
    from evaluation.report.conditions import outcomes
    from multigan.training.assemble import choose_device
    from recipes.evaluations import Folders, evaluate_folders, evaluate_run
    from recipes.kinds import kind_named

    values = {name: value for name, value in values.items() if value is not None}
    values["device"] = choose_device(device)
    full = verbose or metrics is not None
    if run_folder is not None:
        report = evaluate_run(run_folder, out, values, plugins, full)
    else:
        assert real is not None
        assert modality is not None
        kind = kind_named(modality, plugins)
        folders = Folders(kind, real, fakes, held_out, labels_column, text_column, links)
        place = out or Path("evaluation")
        report = evaluate_folders(
            folders, Options(**values), place, full=full, table=table, paired=paired, conditions=conditions
        )
    came = outcomes(report, conditions)
    for outcome in came:
        click.echo(for_terminal(outcome.sentence))
    if any(outcome.met for outcome in came):
        click.get_current_context().exit(FAILED)


def _refuse_folders(
    real: Path | None, fakes: tuple[Path, ...], modality: str | None, table: bool, of_no_pairs: list[str]
) -> None:
    """A usage error where something is missing, or does not go with --paired or with so many sets."""
    if real is None or not fakes:
        raise click.UsageError("Give --real and at least one --fake, or --run, or --human.")
    if modality is None:
        raise click.UsageError(f"Say what the samples are with --modality {_kind_names()}.")
    if of_no_pairs:
        raise click.UsageError(f"--paired compares pairs, and not sets; leave out {', '.join(of_no_pairs)}.")
    if len(fakes) > len(LETTERS) and not table:
        raise click.UsageError(
            f"--fake can be given {len(LETTERS)} times, and more often with --table; found {len(fakes)}."
        )


def _evaluate_answers(path: Path, superfluous: list[str], out: Path | None) -> None:
    if superfluous:
        raise click.UsageError(f"--human is of people's answers alone; leave out {', '.join(superfluous)}.")
    from recipes.evaluations import evaluate_answers

    evaluate_answers(path, out or Path("evaluation"))


def _conditions(texts: tuple[str, ...]) -> list[Condition]:
    """The conditions of --fail-if; a usage error for one that is none."""
    if not texts:
        return []
    from evaluation.report.conditions import condition

    try:
        return [condition(text) for text in texts]
    except ConfigError as error:
        raise click.UsageError(f"--fail-if: {error}") from error


def _names(option: str, text: str | None) -> tuple[str, ...] | None:
    """The names of a list with commas; a usage error where there are none in it."""
    names = None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())
    if names == ():
        raise click.UsageError(f"--{option} takes names, separated by commas; found none in {text!r}.")
    return names
