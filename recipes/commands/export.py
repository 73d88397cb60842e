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
@click.option(
    "--demo",
    type=options.Place(),
    metavar="FILE.html",
    help="A page that makes samples in a browser, in one file; with --runtime.",
)
@click.option(
    "--runtime",
    type=options.Place(),
    metavar="FOLDER",
    help="The files of onnxruntime-web for --demo: run `npm pack onnxruntime-web`, unpack it, and give package/dist.",
)
@options.plugin
def export(
    run_folder: Path,
    onnx: Path | None,
    safetensors: Path | None,
    demo: Path | None,
    runtime: Path | None,
    plugins: tuple[str, ...],
) -> None:
    """Write the generator of a run for other programs: as ONNX, as safetensors, or as a page for a browser."""
    import torch

    from multigan.exporting import write_onnx, write_weights
    from multigan.pretrained.weights import readable_size
    from multigan.sampling import load_generator
    from recipes.demo.page import runtime_files, write_demo

    if onnx is None and safetensors is None and demo is None:
        raise ConfigError(
            "There is nothing to write: give --onnx FILE or --safetensors FILE or --demo FILE.html, or several."
        )
    if (demo is None) != (runtime is None):
        raise ConfigError(
            "--demo and --runtime go together: the page, and the folder of onnxruntime-web's files that compute in it."
        )
    files = runtime_files(runtime) if runtime is not None else {}
    for path in (onnx, safetensors, demo):
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
        if demo is not None:
            write_demo(trained, demo, files)
            click.echo(
                for_terminal(f"Wrote {demo} ({readable_size(demo.stat().st_size)}): open it in a browser.")
            )
    except OSError as error:
        raise ConfigError(
            f"{error.filename or 'The file'} cannot be written ({error.strerror}); choose another name."
        ) from error
