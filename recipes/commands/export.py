"""``multigan export``: a trained generator for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from multigan.errors import ConfigError, for_terminal
from recipes.commands import options


@click.command()
@click.argument("run_folder", metavar="RUN", type=options.Run())
@click.option(
    "--onnx",
    type=options.Place(),
    metavar="FILE",
    help="The whole computation, from latent, condition and truncation to samples.",
)
@click.option("--safetensors", type=options.Place(), metavar="FILE", help="The averaged generator's weights.")
@options.plugin
def export(run_folder: Path, onnx: Path | None, safetensors: Path | None, plugins: tuple[str, ...]) -> None:
    """Write the generator of a run for other programs, as ONNX or as safetensors."""
    import torch

    from multigan.exporting import write_onnx, write_weights
    from multigan.sampling import load_generator

    if onnx is None and safetensors is None:
        raise ConfigError("There is nothing to write: give --onnx FILE or --safetensors FILE, or both.")
    for path in (onnx, safetensors):
        if path is not None and path.exists():
            raise ConfigError(f"{path} is there already, and nothing is replaced: choose another name.")
    trained = load_generator(run_folder, torch.device("cpu"), plugins)
    try:
        if safetensors is not None:
            write_weights(trained, safetensors)
            click.echo(for_terminal(f"Wrote the generator's weights to {safetensors}."))
        if onnx is not None:
            difference = write_onnx(trained, onnx)
            click.echo(
                for_terminal(
                    f"Wrote {onnx}; onnxruntime's samples differ from torch's by {difference:.1e} at most."
                )
            )
    except OSError as error:
        raise ConfigError(
            f"{error.filename or 'The file'} cannot be written ({error.strerror}); choose another name."
        ) from error
