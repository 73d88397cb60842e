"""The ``multigan`` command. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path

import click

from multigan import __version__
from multigan.errors import MultiganError
from recipes.evaluate_command import evaluate
from recipes.sample_command import sample
from recipes.weights_command import weights


class _Multigan(click.Group):
    """Turns errors into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except MultiganError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(1)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            ctx.exit(130)
        except Exception as error:
            broken_pipe = (
                isinstance(error, OSError) and error.errno == errno.EPIPE
            )  # `| head`: click ends in silence
            if broken_pipe or os.environ.get("MULTIGAN_DEBUG"):
                raise
            if isinstance(error, OSError) and error.strerror:
                where = error.filename or "a file"
                click.echo(
                    f"Error: {where}: {error.strerror}. Mend that; a run in training goes on with --resume.",
                    err=True,
                )
                ctx.exit(1)
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:400]
            click.echo(
                f"Error: something unexpected went wrong ({reason}). Please report it; MULTIGAN_DEBUG=1 shows where.",
                err=True,
            )
            ctx.exit(1)


@click.group(
    cls=_Multigan, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="multigan")
def main() -> None:
    """Generate emotive content with GANs, and measure how good it is."""


main.add_command(evaluate)
main.add_command(sample)
main.add_command(weights)


@main.group()
def recipe() -> None:
    """Train, sample, evaluate and report, in one command."""


@recipe.command("list")
def list_recipes() -> None:
    """The recipes that come with the package."""
    from multigan.config import read_yaml
    from recipes.recipe import CATALOGUE, names

    width = max(map(len, names()))
    for name in names():
        click.echo(f"{name:<{width}}  {read_yaml(CATALOGUE / f'{name}.yaml').get('description', '')}")


@recipe.command()
@click.argument("name")
def show(name: str) -> None:
    """Print a recipe as it is written, with its presets."""
    from recipes.recipe import find, read

    read(name)
    click.echo(find(name).read_text(encoding="utf-8"), nl=False)


@recipe.command()
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
def copy(name: str, file: Path) -> None:
    """Copy a recipe to a FILE of your own, to change and run."""
    from multigan.errors import ConfigError
    from recipes.recipe import find, read

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
    from recipes.recipe import preset_names, read
    from recipes.run import resolved

    presets = [preset] if preset else preset_names(*read(recipe_or_file)) or [None]
    for name in presets:
        for real_data in (False, True):
            resolved(recipe_or_file, preset=name, sets=sets, real_data=real_data)
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
    from recipes.run import RunRequest, dry, start

    if oracle is not None:
        sets = (*sets, f"data.oracle={json.dumps(str(oracle.resolve()))}")
    request = RunRequest(recipe=recipe_or_file, sets=sets, preset=preset, data=data, out=out, resume=resume)
    if dry_run:
        dry(request)
    else:
        sys.exit(start(request))


if __name__ == "__main__":
    main()
