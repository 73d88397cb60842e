"""One recipe run: data -> training -> samples and pictures -> evaluation -> report."""

from __future__ import annotations

import contextlib
import shlex
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from multigan import __version__
from multigan.checkpoint import checkpoint_folders, load, write_text
from multigan.config import to_dict, to_yaml
from multigan.errors import ConfigError
from multigan.modality import Splits
from multigan.runs import RunFacts
from multigan.sampling import TrainedGenerator, load_generator, require_truncation
from multigan.text.safety import load_filter
from multigan.training.assemble import assemble, choose_device
from multigan.training.hooks.checkpoints import Checkpoints, StageNetworks
from multigan.training.hooks.log import MetricsLog
from multigan.training.hooks.previews import Previews
from multigan.training.hooks.progress import ProgressBar
from multigan.training.trainer import Trainer
from recipes.console import console_of_files, progress_bar, say
from recipes.measure import refuse_too_few, report_run, validation_figure
from recipes.pictures import PictureRequest, SampleRequest, fixed_preview, write_pictures, write_samples
from recipes.resume import refuse_other_data, to_resume
from recipes.settings import Resolved, RunRequest, resolved
from recipes.texts import text_request, write_texts

INTERRUPTED = 130


def dry(request: RunRequest) -> None:
    """Print the resolved settings and what the run would take."""
    from recipes.plan import plan_lines

    whole = resolved(
        request.recipe, preset=request.preset, sets=request.sets, real_data=request.data is not None
    )
    console = Console()
    for note in whole.notes:
        console.print(f"Note: {note}", highlight=False, markup=False, soft_wrap=True)
    console.print(to_yaml(whole.recipe), highlight=False, markup=False, soft_wrap=True)
    for line in plan_lines(whole.modality, whole.run, whole.modality.sample_shape(whole.data)):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def start(request: RunRequest) -> int:
    """Run the recipe; the exit code (130 where it was interrupted and saved)."""
    console = console_of_files()
    folder = request.out
    if request.resume:
        folder, whole, data_folder = to_resume(request)
    else:
        whole = resolved(
            request.recipe, preset=request.preset, sets=request.sets, real_data=request.data is not None
        )
        data_folder = request.data.resolve() if request.data else None
        _refuse_taken(request.out)
    for note in whole.notes:
        say(console, f"Note: {note}")
    splits = _open(whole, data_folder, console)
    refuse_too_few(splits.train)
    if request.resume and folder is not None:
        refuse_other_data(folder, _facts(whole, splits))
    trainer = _trainer(whole, splits, folder or Path())
    if whole.recipe.sampling.truncation != 1:  # the samples at the end could not be drawn
        require_truncation(trainer.networks["generator"])
    if whole.modality.name == "text":
        load_filter(whole.recipe.sampling.filter)  # one that does not read would be found hours later
    # only now: what cannot be assembled leaves no folder
    folder = folder or _numbered_folder(whole.recipe.name)
    trainer.run_folder = folder
    if request.resume:
        for checkpoint in checkpoint_folders(folder / "checkpoints")[-1:]:  # none: killed before the first
            trainer.load_state_dict(load(checkpoint))
        say(console, f"Resuming {folder} at {trainer.samples_seen:,} samples.")
    _describe(folder, whole, splits, data_folder)  # of a resumed run too: --set may have changed it
    train = splits.train
    say(
        console,
        f"Training {whole.run.architecture['name']} on {len(train):,} samples of {len(train.labels) or 'no'} labels, "
        f"{trainer.total_samples:,} samples to see, on {trainer.device.type}, into {folder}",
    )
    begun = time.monotonic()
    with ProgressBar() as bar:
        trainer.hooks.insert(-1, bar)  # before the checkpoints, which come last
        trainer.run()
    if trainer.interrupted:
        say(console, f"Stopped at {trainer.samples_seen:,} samples; everything is saved. Resume with:")
        say(
            console,
            f"  {shlex.join(['multigan', 'recipe', 'run', request.recipe, '--out', str(folder), '--resume'])}",
        )
        return INTERRUPTED
    _finish(whole, splits, folder, time.monotonic() - begun, console)
    return 0


def _finish(whole: Resolved, splits: Splits, folder: Path, seconds: float, console: Console) -> None:
    trained = load_generator(folder, choose_device(whole.run.device))
    options, seed = whole.recipe.sampling, whole.recipe.seed
    say(console, f"Trained in {seconds / 60:.1f} min; sampling from checkpoint {trained.checkpoint.name}.")
    texts = text_request(trained, options.temperature, options.top_p, options.filter)
    how = {} if texts is None else {"decoding": texts.decoding(trained)}
    view = PictureRequest(seed, options.intensity, options.truncation, how, texts and texts.page(trained))
    write_pictures(trained, folder, view)
    request = SampleRequest(
        options.per_label, trained.facts.labels, options.intensity, options.truncation, seed
    )
    if texts is None:
        write_samples(trained, request, folder / "samples")
    else:
        say(console, write_texts(trained, request, texts, folder / "samples").sentence)
    if whole.modality.measured_as is None:
        say(console, f"There is no report: samples of the modality {whole.modality.name!r} are not measured.")
    else:
        report_run(trained, splits, folder, whole.recipe, console)
    if getattr(trained.data, "sentences", None) == "oracle":
        from recipes.reports.oracle import report_oracle

        for line in report_oracle(trained, splits.held_out, folder, whole.recipe.evaluation.n, seed):
            say(console, line)
    pictures = " and ".join(str(folder / name) for name in ("grid.png", "interpolation.png"))
    say(console, f"Look at {pictures} too.")


def _open(whole: Resolved, data_folder: Path | None, console: Console) -> Splits:
    with progress_bar(console) as progress:
        splits = whole.modality.open_data(whole.data, data_folder, progress)
    for note in splits.notes:
        say(console, f"Note: {note}")
    return splits


def _trainer(whole: Resolved, splits: Splits, folder: Path) -> Trainer:
    training = whole.run.training

    def hooks(ema: Any) -> list[Any]:
        trained = TrainedGenerator(ema, whole.modality, _facts(whole, splits), folder)
        figure = validation_figure(
            trained, splits.train, whole.recipe.evaluation.validation, whole.recipe.seed
        )
        return [
            MetricsLog(training.log_every),
            Previews(training.preview_every, fixed_preview(trained, whole.recipe.seed)),
            StageNetworks(lambda: ema),
            Checkpoints(training.checkpoint_every, training.keep_checkpoints, figure),
        ]

    return assemble(whole.modality, whole.run, splits.train, folder, hooks)


def _facts(whole: Resolved, splits: Splits) -> RunFacts:
    train = splits.train
    data = whole.run.data if splits.data is None else to_dict(splits.data)
    return RunFacts(
        whole.modality.name, whole.run.architecture, train.labels, tuple(train.sample_shape), data
    )


def _describe(folder: Path, whole: Resolved, splits: Splits, data_folder: Path | None) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / "recipe.yaml", to_yaml(whole.recipe))
        more = {"multigan": __version__, "command": shlex.join(["multigan", *sys.argv[1:]])}
        _facts(whole, splits).save(folder, **more, data=str(data_folder) if data_folder else None)
    except OSError as error:
        raise ConfigError(f"Cannot write to {folder}: {error.strerror}. Choose another --out.") from error


def _refuse_taken(out: Path | None) -> None:
    if out is None:
        return
    if (out / "run.json").exists():
        raise ConfigError(f"{out} holds a run already; add --resume to continue it, or choose another --out.")
    if out.exists() and not out.is_dir():
        raise ConfigError(f"{out} is a file; --out takes a folder.")


def _numbered_folder(name: str) -> Path:
    """The first free of runs/NAME, runs/NAME-2, ...: made at once, so that no other run takes it too."""
    root = Path("runs")
    numbered = (root / name, *(root / f"{name}-{number}" for number in range(2, 10_000)))
    try:
        for folder in numbered:
            with contextlib.suppress(FileExistsError):
                folder.mkdir(parents=True)
                return folder
    except OSError as error:
        raise ConfigError(
            f"Cannot write to {root}: {error.strerror}. Choose another folder with --out."
        ) from error
    raise ConfigError(f"{root} holds too many runs of {name}; remove some, or name a folder with --out.")
