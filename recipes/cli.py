"""The ``multigan`` command. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from multigan import __version__
from multigan.display import open_standard_streams, silence
from multigan.errors import ConfigError, MultiganError, for_terminal
from multigan.writing import NO_ROOM
from recipes.commands.compare import compare
from recipes.commands.compose import compose
from recipes.commands.diagnose import diagnose
from recipes.commands.directions import directions
from recipes.commands.evaluate import evaluate
from recipes.commands.export import export
from recipes.commands.importing import import_
from recipes.commands.interpolate import interpolate
from recipes.commands.judge import judge
from recipes.commands.new import new
from recipes.commands.project import project
from recipes.commands.push import push
from recipes.commands.recipe import recipe
from recipes.commands.sample import sample
from recipes.commands.studio import studio
from recipes.commands.training import training
from recipes.commands.weights import weights


class _Multigan(click.Group):
    """Turns errors into one line and an exit code."""

    def main(self, *args: Any, **extra: Any) -> Any:
        open_standard_streams()
        return super().main(*args, **extra)

    def invoke(self, ctx: click.Context) -> object:
        try:
            _refuse_lost_folder()
            result = super().invoke(ctx)
            sys.stdout.flush()  # what cannot be written is an error of this command, not of the interpreter's end
            return result
        except MultiganError as error:
            _say(str(error))
            ctx.exit(1)
        except click.ClickException as error:  # which names what was given, whatever that holds
            error.message = for_terminal(error.message)  # type: ignore[misc]
            raise
        except (click.exceptions.Exit, click.Abort):
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
                _say(f"{_where(error)}: {error.strerror}. {_advice(error, ctx)}")
            elif _is_of_memory(error):
                _say(
                    "There is not enough memory for this. Ask for less at a time (a smaller training.batch, network, sample "
                    "or --n), or run it where there is more; a run in training goes on with --resume."
                )
            else:
                reason = " ".join(f"{type(error).__name__}: {error}".split())[:400]
                _say(_unexpected(error, reason))
            ctx.exit(1)


def _say(sentence: str) -> None:
    click.echo(f"Error: {for_terminal(sentence)}", err=True)


def _refuse_lost_folder() -> None:
    try:
        os.getcwd()
    except OSError as error:
        raise ConfigError(
            "The working folder is gone, and files are looked for from it; change to a folder that exists (such as by cd ~)."
        ) from error


def _unexpected(error: Exception, reason: str) -> str:
    """What nobody foresaw, in a sentence; a person's own code, such as a modality, is blamed only where it failed itself."""
    path, line, in_ours = _line_outside(error)
    if path is None:
        return f"something unexpected went wrong ({reason}). Please report it; MULTIGAN_DEBUG=1 shows where."
    if in_ours:
        return (
            f"something unexpected went wrong ({reason}) in what line {line} of {path} calls. Mend that line or, where it "
            "is right, please report this; MULTIGAN_DEBUG=1 shows where."
        )
    return (
        f"Line {line} of {path} fails ({reason}); mend it. MULTIGAN_DEBUG=1 shows how that line was reached."
    )


def _line_outside(error: Exception) -> tuple[Path | None, int, bool]:
    """The innermost line of a person's own code on the way to an error, None where there is none; and whether the error came
    out of multigan's code that it called."""
    ours = {Path(__file__).parents[1] / package for package in ("multigan", "evaluation", "recipes")}
    in_ours = False
    for frame, line in reversed([*traceback.walk_tb(error.__traceback__)]):
        path = Path(frame.f_code.co_filename)
        if ours & {*path.parents}:
            in_ours = True
        elif path.is_file() and not _is_installed(path, str(frame.f_globals.get("__name__"))):
            return path, line, in_ours
    return None, 0, True


def _is_installed(path: Path, module: str) -> bool:
    """Whether a file is of Python or of a package that somebody else wrote and pip put there.

    What such a package writes itself, as torch.compile does, has a module of the package's name and lies anywhere. A package
    that offers modalities is a person's own, however it came.
    """
    from multigan.modality import installed

    name = module.partition(".")[0]
    if name in {reference.partition(":")[0].partition(".")[0] for reference in installed().values()}:
        return False
    package = getattr(sys.modules.get(name), "__file__", None)
    path = Path(package or path)
    folder = path.parent.parent if path.name == "__init__.py" else path.parent
    return (
        Path(os.__file__).parent in path.parents
        or not {"site-packages", "dist-packages"}.isdisjoint(path.parts)
        or any(folder.glob("*.dist-info"))  # by pip install --target
    )


_OF_MEMORY = (
    "can't allocate memory",
    "not enough memory",
    "out of memory",
    "Cannot allocate memory",
    "CUBLAS_STATUS_ALLOC",
)


def _is_of_memory(error: Exception) -> bool:
    """Whether memory ran out: torch says so in words."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in _OF_MEMORY)
    )


def _where(error: OSError) -> str:
    """What could not be written or read: an error without a file's name may be of the standard output."""
    if error.filename is not None:
        return os.fsdecode(error.filename) if isinstance(error.filename, bytes | str) else str(error.filename)
    *_, last = traceback.extract_tb(error.__traceback__)
    if "click" in Path(last.filename).parts or last.line == "sys.stdout.flush()":
        silence(sys.stdout)
        return "the standard output"
    return "a file"


def _advice(error: OSError, ctx: click.Context) -> str:
    mend = "Free some room" if error.errno in NO_ROOM else "Mend that"
    if ctx.invoked_subcommand == "recipe" and "run" in sys.argv:
        return f"{mend}; a run that has begun to train goes on with --resume."
    return f"{mend}, and give the command again."


@click.group(
    cls=_Multigan, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="multigan")
def main() -> None:
    """Generate emotive content with GANs, and measure how good it is."""


main.add_command(recipe)
main.add_command(evaluate)
main.add_command(export)
main.add_command(import_)
main.add_command(push)
main.add_command(diagnose)
main.add_command(directions)
main.add_command(project)
main.add_command(sample)
main.add_command(compare)
main.add_command(interpolate)
main.add_command(training)
main.add_command(compose)
main.add_command(studio)
main.add_command(weights)
main.add_command(judge)
main.add_command(new)


if __name__ == "__main__":
    main()
