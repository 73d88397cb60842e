"""The ``multigan`` command. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import errno
import os

import click

from multigan import __version__
from multigan.errors import MultiganError, printable
from recipes.commands.evaluate import evaluate
from recipes.commands.recipe import recipe
from recipes.commands.sample import sample
from recipes.commands.weights import weights


class _Multigan(click.Group):
    """Turns errors into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except MultiganError as error:
            click.echo(f"Error: {printable(' '.join(str(error).splitlines()))}", err=True)
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
                where = printable(str(error.filename or "a file"))
                click.echo(
                    f"Error: {where}: {error.strerror}. Mend that; a run in training goes on with --resume.",
                    err=True,
                )
                ctx.exit(1)
            reason = printable(" ".join(f"{type(error).__name__}: {error}".split())[:400])
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


main.add_command(recipe)
main.add_command(evaluate)
main.add_command(sample)
main.add_command(weights)


if __name__ == "__main__":
    main()
