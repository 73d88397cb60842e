"""``multigan sample``: its options."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from multigan.errors import for_terminal
from recipes.commands import options
from recipes.commands.headings import modality_flags

if TYPE_CHECKING:
    from multigan.modality import Modality
    from multigan.sampling import TrainedGenerator


class Sampling(click.Command):
    """A command with its own flags and those of the modalities, which are read when they are needed."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), *(flag.option for flag in modality_flags())]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {"Options": []}
        for parameter in super().get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                sections["Options"].append(record)
        for flag in modality_flags():
            record = flag.option.get_help_record(ctx)
            if record is not None:
                sections.setdefault(flag.heading, []).append(record)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)


@click.command(cls=Sampling)
@click.argument("run_folder", metavar="RUN", type=options.Run())
@click.option(
    "--n",
    type=click.IntRange(1, options.LARGEST),
    default=16,
    show_default=True,
    help="How many samples (for each emotion asked).",
)
@click.option(
    "--emotion",
    "emotions",
    multiple=True,
    help="An emotion of the run, or a mix such as joy:0.7,surprise:0.3; repeatable [default: every one].",
)
@options.valence
@options.arousal
@click.option(
    "--intensity",
    type=options.Strength(),
    default=1.0,
    show_default=True,
    help="How strong the emotion is, from 0 to 1; of videos also a curve over time, such as 0..1..0.",
)
@options.seed
@click.option(
    "--variation",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="Below 1 draws samples towards the first of the seed; at 0 all are like it.",
)
@click.option(
    "--only",
    type=options.Numbers(),
    help="Of a seed's samples those of these numbers, such as 0,3,7-9, in place of the first --n.",
)
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting of samples by its name, such as one of a modality of your own.",
)
@click.option(
    "--input",
    "source",
    type=options.Place(),
    help="A file, or a folder of files, that a run makes samples of, such as pictures to enlarge; they stay as they are.",
)
@click.option(
    "--projected",
    multiple=True,
    type=options.Place(),
    help="In place of fresh samples: what `multigan project` found of a file of yours, NAME.safetensors; repeatable.",
)
@click.option(
    "--out",
    type=options.Place(),
    help="Where files go [default: RUN/samples-SEED; of hf:user/name NAME-samples-SEED here].",
)
@options.device
@options.plugin
def sample(
    run_folder: Path,
    n: int,
    emotions: tuple[str, ...],
    valence: float | None,
    arousal: float | None,
    intensity: float | str,
    seed: int,
    variation: float,
    only: tuple[int, ...] | None,
    sets: tuple[str, ...],
    source: Path | None,
    projected: tuple[Path, ...],
    out: Path | None,
    device: str,
    plugins: tuple[str, ...],
    **flags: Any,
) -> None:
    """Draw samples from a trained run: a folder, or hf:user/name[@revision] on the Hugging Face hub."""
    from multigan.config import parse_overrides
    from multigan.errors import ConfigError
    from multigan.sampling import load_generator, refuse_too_many
    from multigan.training.assemble import choose_device
    from recipes.asked import asked_for, told
    from recipes.hub.fetch import place_of
    from recipes.projections import write_changed
    from recipes.rejection import rejecting
    from recipes.settings import sampling_options

    trained = load_generator(run_folder, choose_device(device), plugins)
    values = {key: value for key, value in flags.items() if value is not None}
    refuse_other_modalities(values, trained.modality)
    strength = _strength(intensity, trained.modality)
    drawn = {"per_label": n} if only is None else {"per_label": len(only), "only": only}
    named = parse_overrides(sets)
    raw = {**drawn, "variation": variation, **strength, **values, **named}
    chosen = sampling_options(trained.modality, raw, "multigan sample")
    trained.sampling.check(trained.network, chosen)
    refuse_too_many(trained.facts.sample_shape, chosen.per_label)
    _refuse_input(trained, source, bool(emotions) or valence is not None or arousal is not None)
    _refuse_idle(trained, source, projected, only, chosen)
    if not trained.facts.labels and (_is_given("intensity") or {"intensity", "curve"} & named.keys()):
        raise ConfigError("An intensity is of an emotion, and this run has no labels: leave it out.")
    labels = asked_for(trained.facts.labels, emotions, valence, arousal)
    out = out or place_of(run_folder, f"samples-{seed}")
    if valence is not None and arousal is not None:
        click.echo(for_terminal(told(trained.facts.labels, labels[0], valence, arousal)))
    if source is not None and trained.sampling.from_files is not None:
        written = trained.sampling.from_files(trained, source, chosen, seed, out)
    elif projected:
        new = labels if emotions or valence is not None else ()
        written = write_changed(trained, projected, chosen, new, out, own=_is_given("intensity"))
    elif getattr(chosen, "reject", None):
        trained, rejection = rejecting(trained, run_folder, chosen)
        written = trained.sampling.write(trained, chosen, labels, seed, out)
        click.echo(rejection.tally.sentence())
    else:
        written = trained.sampling.write(trained, chosen, labels, seed, out)
    for line in written.lines:
        click.echo(for_terminal(line))
    click.echo(for_terminal(f"{written.sentence.removesuffix('.')} (checkpoint {trained.checkpoint.name})."))


def _strength(intensity: float | str, modality: Modality) -> dict[str, Any]:
    """The settings of samples that an intensity, or a curve of it, is; ConfigError for a curve of what has no time."""
    from multigan.errors import ConfigError
    from multigan.sampling import sampling_of

    if not isinstance(intensity, str):
        return {"intensity": intensity}
    if "curve" not in sampling_of(modality).settings.__dataclass_fields__:
        raise ConfigError(
            f"--intensity {intensity} is a curve over time, and this run makes samples of the modality {modality.name!r}, "
            "which have one intensity: give a number from 0 to 1."
        )
    return {"curve": intensity}


def _is_given(name: str) -> bool:
    """Whether a person gave an option, be it what it is by default."""
    return click.get_current_context().get_parameter_source(name) is not click.core.ParameterSource.DEFAULT


def _refuse_idle(
    trained: TrainedGenerator,
    source: Path | None,
    projected: tuple[Path, ...],
    only: tuple[int, ...] | None,
    chosen: Any,
) -> None:
    """ConfigError for options that would change nothing beside the others."""
    if source is not None:
        idle = ["n", "variation", "only", "projected"]
        if getattr(chosen, "label", None) is None:
            idle.append("intensity")
        _refuse_given(idle, "which samples are drawn", "--input makes one of each file")
        return
    if projected:
        _refuse_given(
            ["n", "seed", "variation", "only"], "which fresh samples are drawn", "--projected draws none"
        )
    if only is not None:
        _refuse_given(["n"], "how many samples are drawn", "--only names them")


def _refuse_given(names: Sequence[str], what: str, instead: str) -> None:
    """ConfigError for options that a person gave beside one that makes them idle."""
    from multigan.errors import ConfigError

    given = [f"--{name}" for name in names if _is_given(name)]
    if given:
        raise ConfigError(
            f"{' and '.join(given)} say{'s' * (len(given) == 1)} {what}, and {instead}: leave out one or the other."
        )


def _refuse_input(trained: TrainedGenerator, source: Path | None, labelled: bool) -> None:
    """ConfigError where a run makes samples of files and gets none, or gets files that it has no use for."""
    from multigan.errors import ConfigError

    name, shape = trained.modality.name, trained.facts.condition_tensor
    if source is None and shape:
        wanted = (
            "give them with --input FOLDER" if trained.sampling.from_files else "it has no way to read any"
        )
        raise ConfigError(f"A run of the modality {name!r} makes samples of other samples: {wanted}.")
    if source is None:
        return
    if trained.sampling.from_files is None:
        raise ConfigError(f"A run of the modality {name!r} makes nothing of files: leave --input out.")
    if labelled:
        raise ConfigError(
            "With --input the files say what is made: leave --emotion, --valence and --arousal out."
        )
    if not source.exists():
        raise ConfigError(f"There is no file or folder {source}; give --input one that exists.")


def refuse_other_modalities(values: dict[str, Any], modality: Modality) -> None:
    """ConfigError for a flag of another modality, unless it asks for nothing."""
    from multigan.errors import ConfigError
    from multigan.sampling import sampling_of
    from recipes.settings import asks_for_nothing

    own = sampling_of(modality).settings.__dataclass_fields__
    others = [
        flag
        for flag in modality_flags()
        if flag.key in values and flag.key not in own and not asks_for_nothing(flag.key, values[flag.key])
    ]
    if not others:
        return
    heading = others[0].heading
    alike = [flag.option.opts[0] for flag in others if flag.heading == heading]
    are, them = ("are", "them") if len(alike) > 1 else ("is", "it")
    raise ConfigError(
        f"{' and '.join(alike)} {are} of {heading.lower()}, and this run makes samples of the modality {modality.name!r}: "
        f"leave {them} out."
    )
