"""``multigan recipe``: train, sample, evaluate and report, in one command."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from recipes.commands import options


@click.group()
def recipe() -> None:
    """Train, sample, evaluate and report, in one command."""


@recipe.command("list")
def list_recipes() -> None:
    """The recipes that come with the package, and those of packages that are installed beside it."""
    from multigan.config import read_yaml
    from multigan.errors import ConfigError
    from recipes.catalogue import find, installed, names

    def description(name: str) -> str:
        try:
            return str(read_yaml(find(name)).get("description", ""))
        except ConfigError as error:  # of another package, which hides none of the others
            return str(error)

    every = [*names(), *sorted(set(installed()) - set(names()))]
    width = max(map(len, every))
    for name in every:
        click.echo(f"{name:<{width}}  {description(name)}")


@recipe.command()
@click.argument("name")
@click.option("--resolved", is_flag=True, help="On its base, as one recipe; its comments are left out.")
def show(name: str, resolved: bool) -> None:
    """Print a recipe as it is written, with its presets."""
    from multigan.config import to_yaml
    from recipes.catalogue import find, read

    whole, _ = read(name)
    click.echo(to_yaml(whole) if resolved else find(name).read_text(encoding="utf-8"), nl=False)


@recipe.command()
@click.argument("name")
@click.argument("file", type=options.Place())
def copy(name: str, file: Path) -> None:
    """Copy a recipe to a FILE of your own, to change and run."""
    from multigan.config import read_yaml, to_yaml
    from multigan.errors import ConfigError
    from multigan.writing import write_text
    from recipes.catalogue import BASES, find, names, read

    whole, _ = read(name)
    base = read_yaml(find(name)).get("base")
    moves = base is None or base in (*names(), *names(BASES))  # a base in a file is beside the recipe
    text = find(name).read_text(encoding="utf-8") if moves else to_yaml(whole)
    if file.is_dir():
        file = file / find(name).name
    if os.path.lexists(file):
        raise ConfigError(f"{file} exists already; choose another name or remove it.")
    try:
        write_text(file, text)
    except OSError as error:
        raise ConfigError(
            f"Cannot write {file}: {error.strerror}. Choose a folder that exists and can be written."
        ) from error
    click.echo(f"Wrote {file}. Run it with: multigan recipe run {file}")


@recipe.command()
@click.argument("recipe_or_file")
@options.settings
@options.preset
@options.plugin
def validate(
    recipe_or_file: str, sets: tuple[str, ...], preset: str | None, plugins: tuple[str, ...]
) -> None:
    """Check a recipe and every one of its presets without running it."""
    from recipes.augmentation.settings import check_study, is_study
    from recipes.catalogue import preset_names, read
    from recipes.family.settings import check_family, is_family
    from recipes.settings import load_recipe

    if is_family(read(recipe_or_file)[0]):
        check_family(recipe_or_file, preset, sets, plugins)
        click.echo(f"{recipe_or_file} is valid, and so are its members.")
        return
    if is_study(read(recipe_or_file)[0]):
        check_study(recipe_or_file, preset, sets, plugins)
        click.echo(f"{recipe_or_file} is valid, and so is the recipe of its generators.")
        return
    presets = [preset] if preset else preset_names(*read(recipe_or_file)) or [None]
    notes: list[str] = []
    for name in presets:
        for real_data in (False, True):
            load_recipe(
                recipe_or_file, preset=name, sets=sets, real_data=real_data, plugins=plugins, notes=notes
            )
    for note in notes:
        click.echo(f"Note: {note}")
    click.echo(
        f"{recipe_or_file} is valid ({', '.join(str(name) for name in presets if name) or 'no presets'})."
    )


@recipe.command()
@click.argument("recipe_or_file")
@options.settings
@options.preset
@click.option(
    "--data",
    type=options.Place(),
    help="A folder of real samples (of texts, also a file) in place of the embedded data.",
)
@click.option(
    "--oracle",
    type=options.Place(),
    help="Of seqgan-oracle: the network that writes its data (safetensors) [default: drawn by the seed].",
)
@click.option("--out", type=options.Place(), help="The run folder [default: runs/NAME, numbered].")
@click.option(
    "--resume", is_flag=True, help="Continue the run in --out (by default the newest of this recipe)."
)
@click.option(
    "--compare",
    type=options.Place(),
    help="Of ring: the folder of a finished run; compare.gif shows its film beside this one's.",
)
@click.option(
    "--start-from",
    type=options.Place(exists=True),
    help="Train on from the networks of a finished run, or of a network-snapshot .pkl of StyleGAN2-ADA.",
)
@options.plugin
@click.option("--dry-run", is_flag=True, help="Print the resolved settings and the plan, and do nothing.")
def run(
    recipe_or_file: str,
    sets: tuple[str, ...],
    preset: str | None,
    data: Path | None,
    oracle: Path | None,
    out: Path | None,
    resume: bool,
    compare: Path | None,
    start_from: Path | None,
    plugins: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Train, sample, evaluate and report."""
    from recipes import run as single
    from recipes.augmentation import runs as study
    from recipes.augmentation.settings import is_study
    from recipes.catalogue import read
    from recipes.family import runs as family
    from recipes.family.settings import is_family
    from recipes.request import RunRequest

    if oracle is not None:
        sets = (*sets, f"data.oracle={json.dumps(str(oracle.resolve()))}")
    request = RunRequest(recipe_or_file, sets, preset, data, out, resume, plugins, compare, start_from)
    raw, _ = read(recipe_or_file)
    module = family if is_family(raw) else study if is_study(raw) else single
    if start_from is not None and module is not single:
        raise click.UsageError("--start-from is of one run, and this recipe makes several; leave it out.")
    if dry_run:
        module.dry(request)
    else:
        sys.exit(module.start(request))


@recipe.command(hidden=True)
@click.argument("folder", type=options.Place())
@click.argument("n", type=int)
@click.argument("seed", type=int)
@options.plugin
def trial(folder: Path, n: int, seed: int, plugins: tuple[str, ...]) -> None:
    """One trial of a study of augmentation, which runs it by itself."""
    from recipes.augmentation.trials import Trial, go

    sys.exit(go(folder, Trial(n, seed), plugins))
