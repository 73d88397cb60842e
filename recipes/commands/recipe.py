"""``multigan recipe``: train, sample, evaluate and report, in one command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.group()
def recipe() -> None:
    """Train, sample, evaluate and report, in one command."""


@recipe.command("list")
def list_recipes() -> None:
    """The recipes that come with the package."""
    from multigan.config import read_yaml
    from recipes.catalogue import CATALOGUE, names

    width = max(map(len, names()))
    for name in names():
        click.echo(f"{name:<{width}}  {read_yaml(CATALOGUE / f'{name}.yaml').get('description', '')}")


@recipe.command()
@click.argument("name")
def show(name: str) -> None:
    """Print a recipe as it is written, with its presets."""
    from recipes.catalogue import find, read

    read(name)
    click.echo(find(name).read_text(encoding="utf-8"), nl=False)


@recipe.command()
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
def copy(name: str, file: Path) -> None:
    """Copy a recipe to a FILE of your own, to change and run."""
    from multigan.errors import ConfigError
    from recipes.catalogue import find, read

    read(name)
    text = find(name).read_text(encoding="utf-8")
    if file.is_dir():
        file = file / find(name).name
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError as error:
        raise ConfigError(f"{file} exists already; choose another name or remove it.") from error
    except OSError as error:
        raise ConfigError(
            f"Cannot write {file}: {error.strerror}. Choose a folder that exists and can be written."
        ) from error
    click.echo(f"Wrote {file}. Run it with: multigan recipe run {file}")


_set = click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a setting, such as training.samples=200k.",
)


_preset = click.option("--preset", help="A preset of the recipe; by default chosen by this machine.")


@recipe.command()
@click.argument("recipe_or_file")
@_set
@_preset
def validate(recipe_or_file: str, sets: tuple[str, ...], preset: str | None) -> None:
    """Check a recipe and every one of its presets without running it."""
    from recipes.catalogue import preset_names, read
    from recipes.settings import resolved

    presets = [preset] if preset else preset_names(*read(recipe_or_file)) or [None]
    notes: dict[str, None] = {}
    for name in presets:
        for real_data in (False, True):
            whole = resolved(recipe_or_file, preset=name, sets=sets, real_data=real_data)
            notes |= dict.fromkeys(whole.notes)
    for note in notes:
        click.echo(f"Note: {note}")
    click.echo(
        f"{recipe_or_file} is valid ({', '.join(str(name) for name in presets if name) or 'no presets'})."
    )


@recipe.command()
@click.argument("recipe_or_file")
@_set
@_preset
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="A folder of real samples (of texts, also a file) in place of the embedded data.",
)
@click.option(
    "--oracle",
    type=click.Path(path_type=Path),
    help="Of seqgan-oracle: the network that writes its data (safetensors) [default: drawn by the seed].",
)
@click.option("--out", type=click.Path(path_type=Path), help="The run folder [default: runs/NAME, numbered].")
@click.option(
    "--resume", is_flag=True, help="Continue the run in --out (by default the newest of this recipe)."
)
@click.option("--dry-run", is_flag=True, help="Print the resolved settings and the plan, and do nothing.")
def run(
    recipe_or_file: str,
    sets: tuple[str, ...],
    preset: str | None,
    data: Path | None,
    oracle: Path | None,
    out: Path | None,
    resume: bool,
    dry_run: bool,
) -> None:
    """Train, sample, evaluate and report."""
    from recipes.run import dry, start
    from recipes.settings import RunRequest

    if oracle is not None:
        sets = (*sets, f"data.oracle={json.dumps(str(oracle.resolve()))}")
    request = RunRequest(recipe=recipe_or_file, sets=sets, preset=preset, data=data, out=out, resume=resume)
    if dry_run:
        dry(request)
    else:
        sys.exit(start(request))
