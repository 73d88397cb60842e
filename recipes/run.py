"""One recipe run: data -> training -> samples and pictures -> evaluation -> report."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from multigan import __version__
from multigan.checkpoint import checkpoint_folders, load
from multigan.config import to_dict
from multigan.errors import CheckpointError, ConfigError
from multigan.locks import locked
from multigan.losses import LOSSES
from multigan.modality import Splits
from multigan.outputs import clear
from multigan.protocols import condition_shape_of
from multigan.runs import RunFacts
from multigan.sampling import TrainedGenerator, load_generator, refuse_too_many, sampling_of, write_under
from multigan.training.assemble import assemble, choose_device, chosen_monitors, fresh_networks
from multigan.training.augmenting import settled
from multigan.training.hooks.checkpoints import Checkpoints, StageNetworks
from multigan.training.hooks.log import MetricsLog
from multigan.training.hooks.previews import Previews
from multigan.training.hooks.progress import ProgressBar
from multigan.training.monitors.hook import Monitors
from multigan.training.settings import TrainingSettings
from multigan.training.trainer import Trainer
from multigan.training.world import World, join, leave
from multigan.writing import make_folder, refuse_links, write_text
from recipes.conditions import N_EXAMPLES, asked_labels, examples_of, takes_tensors
from recipes.console import console_of_files, progress_bar, say, say_labels
from recipes.diagnosis import facts_of, say_cost, say_idle, teller
from recipes.measure import refuse_too_few, refuse_unwritable_labels, report_run, validation_figure
from recipes.pictures import fixed_preview, write_pictures
from recipes.reports import REPORTS
from recipes.request import (
    Run,
    RunRequest,
    data_digest,
    new_run,
    numbered_folder,
    recipe_name,
    refuse_nothing_to_compare,
    refuse_nothing_to_train,
    refuse_other_data,
    refuse_taken,
    resumed_run,
)
from recipes.starting_from import begin_from, refuse_other_labels

INTERRUPTED = 130


def dry(request: RunRequest) -> None:
    """Print the resolved settings and what the run would take."""
    from recipes.plan import plan_lines

    run = new_run(request)
    recipe, modality, console = run.recipe, run.modality, console_of_files()
    labels = look_at(run)
    for note in run.notes:
        say(console, f"Note: {note}")
    console.print(recipe.to_yaml(), highlight=False, markup=False, soft_wrap=True)
    own = recipe.training.augmentation
    most = int(recipe.training.samples / own.min_passes) if own.min_passes else None
    if most is not None and settled(recipe.training, most + 1) is not recipe.training:
        say(console, f"Augmentation ({own.name}) only with {most:,} training samples or fewer.")
    counted = () if labels is None else (len(labels),)
    for line in plan_lines(modality, recipe, modality.sample_shape(recipe.data), *counted):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def look_at(run: Run) -> Sequence[str] | None:
    """The labels of a run's data, None where they are not known without decoding a sample.

    DataError or ConfigError where the data cannot be read or no samples of them could be made, as far as that shows.
    """
    recipe, modality = run.recipe, run.modality
    labels = modality.look(recipe.data, run.data_folder) if modality.look else None
    if labels is not None:
        refuse_unwritable_labels(labels)
    refuse_too_many(modality.sample_shape(recipe.data), recipe.sampling.per_label)
    return labels


def start(request: RunRequest) -> int:
    """Run the recipe; the exit code (130 where it was interrupted and saved).

    Under torchrun every process trains; the first one alone prepares data, writes, speaks, and goes on to the report.
    """
    run = resumed_run(request) if request.resume else new_run(request)
    refuse_nothing_to_compare(run, request.compare)
    world = join(choose_device(run.recipe.device).type == "cuda")
    console = console_of_files(quiet=not world.leads)
    for note in run.notes:
        say(console, f"Note: {note}")
    with ExitStack() as lock:
        if world.leads and run.resumed and run.folder is not None:
            lock.enter_context(locked(run.folder))
        return _start(request, run, world, console, lock)


def _start(request: RunRequest, run: Run, world: World, console: Console, lock: ExitStack) -> int:
    """The run, once it is known that nobody else is at it; a new one takes the ``lock`` of its folder here."""
    splits = world.first(lambda: _open_data(run, console))
    _say_unaugmented(run.recipe.training, len(splits.train), console)
    facts, digest = _facts(run, splits), data_digest(splits)
    if run.start is not None:
        note = refuse_other_labels(run.start, facts.labels, facts.sample_shape)
        say(
            console, f"Beginning from the networks of {run.start.place}." if note is None else f"Note: {note}"
        )
    if run.resumed and run.folder is not None:
        refuse_other_data(run.folder, facts, digest)
    trainer = _trainer(run, splits, facts, world, console)
    _check_what_follows(run, splits, trainer)
    # only now: what cannot be assembled leaves no folder
    folder = run.folder or (numbered_folder(run.recipe.name) if world.leads else Path())
    if world.leads and not run.resumed:
        _make_run_folder(folder)
        lock.enter_context(locked(folder))
        refuse_taken(folder)  # another run may have been faster
    trainer.run_folder = folder
    if run.resumed:
        for checkpoint in checkpoint_folders(folder / "checkpoints")[-1:]:  # none: killed before the first
            _restore(trainer, checkpoint)
        refuse_nothing_to_train(run, trainer.samples_seen, trainer.total_samples)
        say(console, f"Resuming {folder} at {trainer.samples_seen:,} samples.")
    if world.leads:
        # of a resumed run too: --set may have changed it
        more: dict[str, object] = {"recipe": recipe_name(request.recipe), "data_digest": digest}
        _describe(folder, run, facts, more | {"training_samples": trainer.total_samples})
    seconds = _train(run, splits, trainer, console)
    leave()
    if trainer.interrupted:
        say(console, f"Stopped at {trainer.samples_seen:,} samples; everything is saved. Resume with:")
        say(console, f"  {_resuming(request, folder)}")
        return INTERRUPTED
    if not world.leads:
        return 0
    trained = load_generator(folder, trainer.device, request.plugins)
    checkpoint = trained.checkpoint.name
    say(console, f"Trained in {seconds / 60:.1f} min; sampling from checkpoint {checkpoint}.")
    _finish(run, splits, trained, folder, console)
    if run.modality.film and request.compare is not None:
        run.modality.film.beside([request.compare, folder], folder / "compare.gif")
        say(console, f"{folder / 'compare.gif'} shows this game beside that of {request.compare}.")
    return 0


def _open_data(run: Run, console: Console) -> Splits:
    with progress_bar(console) as progress:
        splits = run.modality.open_data(run.recipe.data, run.data_folder, progress)
    for note in splits.notes:
        say(console, f"Note: {note}")
    say_labels(console, splits)
    if run.recipe.evaluation.n:
        refuse_too_few(splits)
    refuse_unwritable_labels(splits.train.labels)
    return splits


def _say_unaugmented(wanted: TrainingSettings, n_samples: int, console: Console) -> None:
    """Say so where a run leaves its augmentation out, since it has many training samples."""
    if settled(wanted, n_samples) is wanted:
        return
    own = wanted.augmentation
    say(
        console,
        f"Note: no augmentation ({own.name}), since each of {n_samples:,} training samples is seen "
        f"{wanted.samples / n_samples:.1f} times, and augmentation begins at {own.min_passes:g}; --set "
        "training.augmentation.min_passes=0 has it all the same.",
    )


def _facts(run: Run, splits: Splits) -> RunFacts:
    train, data = splits.train, run.recipe.data if splits.data is None else splits.data
    shape = tuple(train.sample_shape)
    tensor = condition_shape_of(train) if takes_tensors(train) else ()
    labels = asked_labels(train)
    return RunFacts(run.recipe.modality, run.recipe.architecture, labels, shape, to_dict(data), tensor)


def _trainer(run: Run, splits: Splits, facts: RunFacts, world: World, console: Console) -> Trainer:
    recipe, training, folder = run.recipe, run.recipe.training, run.folder or Path()

    def hooks(ema: Any) -> list[Any]:
        trained = TrainedGenerator(ema, run.modality, facts, folder)
        figure = validation_figure(trained, splits.train, recipe.evaluation.validation, recipe.seed)
        return [
            MetricsLog(training.log_every),
            *_monitors(run, splits, console),
            run.modality.film.hook(recipe, splits.train)
            if run.modality.film
            else Previews(
                training.preview_every,
                fixed_preview(trained, recipe.seed, examples_of(splits.held_out, N_EXAMPLES)),
            ),
            StageNetworks(lambda: ema),
            Checkpoints(training.checkpoint_every, training.keep_checkpoints, figure),
        ]

    return assemble(
        run.modality,
        recipe,
        splits.train,
        folder,
        hooks if world.leads else lambda ema: (),
        world,
        (lambda networks: None) if run.start is None else partial(begin_from, run.start),
    )


def _monitors(run: Run, splits: Splits, console: Console) -> list[Monitors]:
    """What measures the game, where the recipe asks for that."""
    recipe, training = run.recipe, run.recipe.training
    chosen = chosen_monitors(training)
    if not chosen:
        return []

    def fresh() -> dict[str, Any]:
        return fresh_networks(run.modality, recipe, splits.train)

    every, budget, loss = training.monitor_every, training.monitor_budget, LOSSES[training.loss]
    tell = teller(console, facts_of(recipe, run.modality))
    monitors = Monitors(chosen, every, budget, splits.held_out, loss, fresh, tell)
    say_idle(console, monitors.idle, len(splits.held_out))
    return [monitors]


def _restore(trainer: Trainer, checkpoint: Path) -> None:
    """CheckpointError where a checkpoint is whole, but none of this run."""
    state = load(checkpoint)
    try:
        trainer.load_state_dict(state)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError) as error:
        raise CheckpointError(
            f"The checkpoint {checkpoint} does not fit this run; restore it, or remove it and resume from an earlier one."
        ) from error


def _check_what_follows(run: Run, splits: Splits, trainer: Trainer) -> None:
    """ConfigError for samples or reports that could not be made of this generator: it would be found hours later."""
    generator = trainer.networks["generator"]
    sampling_of(run.modality).check(generator, run.recipe.sampling)
    refuse_too_many(splits.train.sample_shape, run.recipe.sampling.per_label)
    for name in run.recipe.report:
        REPORTS[name].check(generator, splits)


def _make_run_folder(folder: Path) -> None:
    try:
        make_folder(folder)
    except OSError as error:
        raise ConfigError(f"Cannot write to {folder}: {error.strerror}. Choose another --out.") from error


def _describe(folder: Path, run: Run, facts: RunFacts, more: dict[str, object]) -> None:
    """Write ``recipe.yaml`` and ``run.json``."""
    try:
        write_text(folder / "recipe.yaml", run.recipe.to_yaml())
        more |= {"multigan": __version__, "command": shlex.join(["multigan", *sys.argv[1:]])}
        facts.save(folder, **more, data=str(run.data_folder) if run.data_folder else None)
    except OSError as error:
        raise ConfigError(f"Cannot write to {folder}: {error.strerror}. Choose another --out.") from error


def _train(run: Run, splits: Splits, trainer: Trainer, console: Console) -> float:
    """Train to the end or to an interruption; the seconds that it took."""
    train = splits.train
    n_labels = "1 label" if len(train.labels) == 1 else f"{len(train.labels) or 'no'} labels"
    say(
        console,
        f"Training {run.recipe.architecture['name']} on {len(train):,} samples of {n_labels}, "
        f"{trainer.total_samples:,} samples to see, on {_where(trainer)}, into {trainer.run_folder}",
    )
    begun = time.monotonic()
    if not trainer.world.leads:
        trainer.run()
        return 0.0
    with ProgressBar(console=console) as bar:
        trainer.hooks.insert(-1, bar)  # before the checkpoints, which come last
        trainer.run()
    say_cost(console, trainer.hooks, run.recipe.training.monitor_budget)
    return time.monotonic() - begun


def _where(trainer: Trainer) -> str:
    size, parts = trainer.world.size, trainer.n_parts
    if size == 1:
        return trainer.device.type
    idle = (
        f", {size - parts} of them idle, since the run's batches have {parts} parts" if parts < size else ""
    )
    return f"{size} processes ({trainer.device.type}{idle})"


def _resuming(request: RunRequest, folder: Path) -> str:
    """The command that goes on."""
    plugins = [word for plugin in request.plugins for word in ("--plugin", plugin)]
    return shlex.join(
        ["multigan", "recipe", "run", request.recipe, "--out", str(folder), "--resume", *plugins]
    )


def _finish(run: Run, splits: Splits, trained: TrainedGenerator, folder: Path, console: Console) -> None:
    """Pictures, samples and reports of a trained run."""
    recipe, labels = run.recipe, trained.facts.labels
    examples = examples_of(splits.held_out, N_EXAMPLES)
    pictures = write_pictures(trained, folder, recipe.seed, recipe.sampling, examples)
    samples = folder / "samples"
    refuse_links(samples, folder)
    clear(samples)  # of an earlier end of this run, from another checkpoint
    some = examples_of(splits.held_out, recipe.sampling.per_label)
    if some is None:
        written = trained.sampling.write(trained, recipe.sampling, labels, recipe.seed, samples)
    else:
        written = write_under(trained, recipe.sampling, some.conditions, recipe.seed, samples)
    say(console, written.sentence)
    if run.modality.kind is None:
        say(console, f"There is no report: samples of the modality {run.modality.name!r} are not measured.")
    elif not recipe.evaluation.n:
        say(console, "There is no report: evaluation.n is 0.")
    else:
        report_run(trained, splits, recipe, folder, console)
    say(console, f"Look at {' and '.join(str(folder / name) for name in pictures)} too.")
