"""What a person asks to be run, and what that comes to: a recipe, its modality, its data and its folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from multigan.config import to_dict
from multigan.errors import ConfigError
from multigan.modality import Modality, Splits, modality_of
from multigan.protocols import DescribedDataset
from multigan.reading.prepare import key_of
from multigan.runs import RunFacts, read_run
from recipes.catalogue import read
from recipes.publish import REPORT_FILES
from recipes.settings import Recipe, load_recipe, saved_recipe
from recipes.starting_from import Start, read_start, recipe_from

_WRITTEN = (
    *("recipe.yaml", "run.json", "metrics.jsonl", "monitors.jsonl"),
    *("grid.png", "intensity.png", "interpolation.png", "world.gif", "compare.gif"),
    *REPORT_FILES,
    *("checkpoints", "previews", "samples", "stages", "tensorboard", "pairs"),
)
"""What a run has in its folder."""


@dataclass(frozen=True)
class RunRequest:
    """The words of ``multigan recipe run``."""

    recipe: str
    sets: tuple[str, ...] = ()
    preset: str | None = None
    data: Path | None = None
    out: Path | None = None
    resume: bool = False
    plugins: tuple[str, ...] = ()
    compare: Path | None = None
    """The folder of a finished run whose film is to be shown beside this one's."""
    start_from: Path | None = None
    """A run folder, or an official file, whose networks are trained on."""


@dataclass(frozen=True)
class Run:
    """A recipe that is to be run, or to go on."""

    recipe: Recipe
    modality: Modality
    data_folder: Path | None
    """Of real data; None: the embedded data."""
    folder: Path | None
    """None: the first free one of the recipe's name, once it is known that the run can begin."""
    resumed: bool = False
    notes: tuple[str, ...] = ()
    """What a person is told first, such as older names of settings."""
    changed: tuple[str, ...] = ()
    """Of a resumed run: what ``--set`` changes among what training reads, by the recipe's sections."""
    start: Start | None = None
    """Networks that a new run begins from."""


def new_run(request: RunRequest) -> Run:
    """The run of a recipe; ConfigError where the recipe does not fit, or its folder is taken."""
    notes: list[str] = []
    recipe = load_recipe(
        request.recipe,
        preset=request.preset,
        sets=request.sets,
        real_data=request.data is not None,
        plugins=request.plugins,
        notes=notes,
    )
    start = None if request.start_from is None else read_start(request.start_from)
    if start is not None:
        recipe = recipe_from(recipe, start, request.sets, request.plugins)
    refuse_taken(request.out)
    modality = modality_of(recipe.modality, request.plugins)
    data_folder = request.data.resolve() if request.data else None
    return Run(recipe, modality, data_folder, request.out, notes=tuple(notes), start=start)


def resumed_run(request: RunRequest) -> Run:
    """The run's own recipe and data, with ``--set`` on top; its folder is ``--out`` or the newest run of the recipe."""
    if request.preset is not None:
        raise ConfigError(
            "A resumed run keeps its own recipe; leave out --preset (--set can still change a setting)."
        )
    if request.start_from is not None:
        raise ConfigError("A resumed run goes on from its own checkpoint; leave out --start-from.")
    folder = request.out or _newest_run(request.recipe)
    facts = read_run(folder)
    before = facts.get("data")
    notes: list[str] = []
    own = saved_recipe(folder, request.plugins)
    recipe = saved_recipe(folder, request.plugins, request.sets, notes)
    _refuse_other_recipe(folder, request.recipe, own.name, facts.get("recipe"), recipe.name)
    data_folder = request.data.resolve() if request.data else Path(str(before)) if before else None
    modality = modality_of(recipe.modality, request.plugins)
    return Run(recipe, modality, data_folder, folder, True, tuple(notes), _changed(own, recipe))


def _changed(before: Recipe, after: Recipe) -> tuple[str, ...]:
    """The sections that training reads and that differ."""
    old, new = to_dict(before), to_dict(after)
    changed = [
        name for name in ("modality", "seed", "data", "architecture", "training") if old[name] != new[name]
    ]
    if before.evaluation.validation != after.evaluation.validation:
        changed.append("evaluation.validation")
    return tuple(changed)


def recipe_name(recipe: str) -> str:
    """The name that a recipe in the catalogue or in a file gives itself; its own where it gives none."""
    return str(read(recipe)[0].get("name", recipe))


def _refuse_other_recipe(folder: Path, recipe: str, saved: str, begun_as: object, name: str) -> None:
    """ConfigError where a run would go on as that of another recipe."""
    asked = recipe_name(recipe)
    if asked not in (saved, begun_as):
        raise ConfigError(
            f"{folder} is a run of the recipe {saved}, and {recipe} is the recipe {asked}: resume it with its own "
            f"({folder / 'recipe.yaml'} is a copy), or choose another --out."
        )
    if name != saved:
        raise ConfigError(f"A resumed run keeps its name ({saved}); leave out --set name={name}.")


def refuse_nothing_to_compare(run: Run, other: Path | None) -> None:
    """ConfigError where another run's film is to be shown beside this one's, and one of them has none."""
    if other is None:
        return
    if run.modality.film is None:
        raise ConfigError(
            f"--compare shows two films side by side, and runs of {run.recipe.name} are not filmed; leave it out."
        )
    run.modality.film.check(other)


def refuse_nothing_to_train(run: Run, n_seen: int, n_samples: int) -> None:
    """ConfigError where a run has seen all of its samples, so that its recipe would tell of what was never trained."""
    if n_seen >= n_samples and run.changed:
        raise ConfigError(
            f"{run.folder} has been trained to its end ({n_seen:,} samples), and --set changes its "
            f"{' and '.join(run.changed)}, which only training reads: give it more to train "
            "too (training.samples), or start a new run."
        )


def data_digest(splits: Splits) -> str:
    """SHA-256 of what the training and the held-out samples hold, in their order, with their labels."""
    return key_of([_digest_of(side) for side in (splits.train, splits.held_out)])


def _digest_of(data: DescribedDataset) -> str:
    own = getattr(data, "digest", None)
    if isinstance(own, str):
        return own
    digest = hashlib.sha256(repr(data.labels).encode())
    for start in range(0, len(data), 256):
        batch = data.batch(range(start, min(start + 256, len(data))))
        for tensor in (batch.real, batch.condition):
            digest.update(b"" if tensor is None else tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()


def refuse_other_data(folder: Path, facts: RunFacts, digest: str) -> None:
    """ConfigError where samples, labels or vocabulary are not those that the run began with."""
    before = read_run(folder)
    data = before.get("data_settings")
    tokenizer = data.get("tokenizer") if isinstance(data, dict) else None
    if [before.get("labels"), tokenizer] != [list(facts.labels), facts.data.get("tokenizer")]:
        raise ConfigError(
            f"The data are not those that {folder} was trained on: their labels or vocabulary differ. Resume with the same "
            "data and data settings, or start a new run."
        )
    if before.get("data_digest", digest) != digest:
        raise ConfigError(
            f"The data are not those that {folder} was trained on: samples, labels or how they are read differ. Resume with "
            "the same data and data settings, or start a new run."
        )


def numbered_folder(name: str, root: Path = Path("runs")) -> Path:
    """The first free of runs/NAME, runs/NAME-2, ...: made at once, so that no other run takes it too."""
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
    raise ConfigError(f"{root} holds too many folders of {name}; remove some, or name a folder with --out.")


def _newest_run(recipe: str) -> Path:
    """The folder of the run of a recipe that was written to last."""
    name = recipe_name(recipe)
    numbered = re.compile(re.escape(name) + r"(-\d+)?")
    runs = [path.parent for path in Path("runs").glob("*/run.json") if numbered.fullmatch(path.parent.name)]
    if not runs:
        raise ConfigError(f"There is no run of {name} in ./runs to resume; name its folder with --out.")
    return max(runs, key=lambda path: (path / "run.json").stat().st_mtime)


def refuse_taken(out: Path | None) -> None:
    """ConfigError where a new run would take the place of another one or of a person's own files."""
    if out is None:
        return
    if (out / "run.json").exists():
        raise ConfigError(f"{out} holds a run already; add --resume to continue it, or choose another --out.")
    if out.exists() and not out.is_dir():
        raise ConfigError(f"{out} is a file; --out takes a folder.")
    taken = [name for name in _WRITTEN if os.path.lexists(out / name)]
    if taken:
        raise ConfigError(
            f"{out} holds {' and '.join(taken)}, which a run would write; choose another --out, or move what is there away."
        )
