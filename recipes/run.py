"""One recipe run: data -> training -> samples and pictures -> evaluation -> report."""

from __future__ import annotations

import contextlib
import re
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from multigan import __version__
from multigan.checkpoint import checkpoint_folders, load, write_text
from multigan.config import load as load_settings
from multigan.config import merge, parse_overrides, read_yaml, to_dict, to_yaml
from multigan.errors import ConfigError
from multigan.modality import MODALITIES, Modality, Splits, architecture_of
from multigan.sampling import RunFacts, TrainedGenerator, load_generator, read_run, require_truncation
from multigan.text.safety import load_filter
from multigan.training.assemble import assemble, check_names, choose_device
from multigan.training.hooks import Checkpoints, MetricsLog, Previews, StageNetworks
from multigan.training.progress import ProgressBar
from multigan.training.settings import RunSettings
from multigan.training.trainer import Trainer
from recipes.evaluation import console_of_files, progress_bar, say
from recipes.measure import refuse_too_few, report_run, validation_figure
from recipes.outputs import PictureRequest, SampleRequest, fixed_preview, write_pictures, write_samples
from recipes.recipe import RecipeSettings, read, resolve
from recipes.texts import text_request, write_texts

INTERRUPTED = 130


@dataclass(frozen=True)
class RunRequest:
    """What a person asked for on the command line."""

    recipe: str
    sets: tuple[str, ...] = ()
    preset: str | None = None
    data: Path | None = None
    out: Path | None = None
    resume: bool = False


@dataclass(frozen=True)
class Resolved:
    """A recipe whose every part has been checked."""

    recipe: RecipeSettings
    run: RunSettings
    modality: Modality
    data: Any
    """The modality's own data settings."""


def resolved(recipe: str, *, preset: str | None, sets: Sequence[str], real_data: bool) -> Resolved:
    """The recipe with its preset and changes, checked against the modality and the architecture; ConfigError otherwise."""
    import torch

    raw, source = read(recipe)
    asked = parse_overrides(sets).get("device", raw.get("device", "auto"))
    accelerated = torch.cuda.is_available() and asked in ("auto", "cuda")
    plain = resolve(raw, source, preset=preset, accelerated=accelerated, real_data=real_data, sets=sets)
    return check(plain, source)


def check(plain: dict[str, Any], source: str) -> Resolved:
    """Validate a mapping without presets, and fill in every default, so that a saved recipe never changes meaning."""
    recipe = load_settings(RecipeSettings, plain, source)
    modality = MODALITIES[recipe.modality]
    data = load_settings(modality.data_settings, recipe.data, f"{source}: data")
    architecture, options = architecture_of(modality, recipe.architecture)
    keys = ("modality", "seed", "device", "training")
    run = load_settings(RunSettings, {key: plain[key] for key in keys if key in plain}, source)
    whole = {"name": architecture.name, **to_dict(options)}
    check_names(modality, run.training)
    run = replace(run, data=to_dict(data), architecture=whole)
    recipe = replace(recipe, data=run.data, architecture=whole, training=to_dict(run.training))
    return Resolved(recipe, run, modality, data)


def dry(request: RunRequest) -> None:
    """Print the resolved settings and what the run would take."""
    from recipes.plan import plan_lines

    whole = resolved(
        request.recipe, preset=request.preset, sets=request.sets, real_data=request.data is not None
    )
    console = Console()
    console.print(to_yaml(whole.recipe), highlight=False, markup=False, soft_wrap=True)
    for line in plan_lines(whole.modality, whole.run, whole.modality.sample_shape(whole.data)):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def start(request: RunRequest) -> int:
    """Run the recipe; the exit code (130 where it was interrupted and saved)."""
    console = console_of_files()
    folder = request.out
    if request.resume:
        folder, whole, data_folder = _to_resume(request)
    else:
        whole = resolved(
            request.recipe, preset=request.preset, sets=request.sets, real_data=request.data is not None
        )
        data_folder = request.data.resolve() if request.data else None
        _refuse_taken(request.out)
    splits = _open(whole, data_folder, console)
    refuse_too_few(splits.train)
    if request.resume and folder is not None:
        _refuse_other_data(folder, _facts(whole, splits))
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
        from recipes.oracle_report import report_oracle

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


def _refuse_other_data(folder: Path, facts: RunFacts) -> None:
    """ConfigError where labels or vocabulary are not those that the run began with: its tokens would change meaning."""
    held = read_run(folder)
    settings = held.get("data_settings")
    before = [held.get("labels"), settings.get("tokenizer") if isinstance(settings, dict) else None]
    if before != [list(facts.labels), facts.data.get("tokenizer")]:
        raise ConfigError(
            f"The data are not those that {folder} was trained on: their labels or vocabulary differ. Resume with the same "
            "data and data settings, or start a new run."
        )


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


def _to_resume(request: RunRequest) -> tuple[Path, Resolved, Path | None]:
    """The run's own recipe and data, with ``--set`` on top; its folder is ``--out`` or the newest run of the recipe."""
    if request.preset is not None:
        raise ConfigError(
            "A resumed run keeps its own recipe; leave out --preset (--set can still change a setting)."
        )
    folder = request.out
    if folder is None:
        name = read(request.recipe)[0].get("name", request.recipe)
        numbered = re.compile(re.escape(name) + r"(-\d+)?")
        runs = [
            path.parent for path in Path("runs").glob("*/run.json") if numbered.fullmatch(path.parent.name)
        ]
        if not runs:
            raise ConfigError(f"There is no run of {name} in ./runs to resume; name its folder with --out.")
        folder = max(runs, key=lambda path: (path / "run.json").stat().st_mtime)
    held = read_run(folder).get("data")
    plain = merge(read_yaml(folder / "recipe.yaml"), parse_overrides(request.sets))
    data_folder = request.data.resolve() if request.data else Path(str(held)) if held else None
    return folder, check(plain, str(folder / "recipe.yaml")), data_folder
