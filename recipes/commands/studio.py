"""``multigan studio``: its options."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path

import click

from multigan.errors import ConfigError
from recipes.commands import options

_RUNS = Path("runs")
_LOCAL = ("127.0.0.1", "localhost", "::1")


@click.command()
@click.argument("runs", metavar="[RUN ...]", nargs=-1, type=options.Run())
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Which of this machine's addresses to serve on."
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=7860, show_default=True, help="0: any that is free."
)
@click.option("--no-browser", is_flag=True, help="Do not open the page in a browser.")
@click.option(
    "--share",
    is_flag=True,
    help="Also serve it to anybody who has the link, by a server of gradio on the internet.",
)
@options.device
@options.plugin
def studio(
    runs: tuple[Path, ...],
    host: str,
    port: int,
    no_browser: bool,
    share: bool,
    device: str,
    plugins: tuple[str, ...],
) -> None:
    """Generate, steer, train and compare in a browser: the runs under runs/, and those named."""
    missing = next((name for name in ("gradio", "uvicorn") if importlib.util.find_spec(name) is None), None)
    if missing is not None:
        raise ConfigError(
            f"The studio needs {missing}, which is not installed: pip install 'multigan[studio]'."
        )
    from multigan.runs import RunFacts
    from multigan.training.assemble import choose_device
    from recipes.studio.runs import Studio

    if share and ":" in host:
        raise ConfigError(
            f"--share passes on what is served on an IPv4 address, and {host} is one of IPv6: leave --host or --share out."
        )
    for run in runs:
        RunFacts.read(run)
    port = _free(host, port)
    if host not in _LOCAL:
        click.echo(
            f"Warning: on {host} whoever reaches this machine's port {port} can use the studio, see its runs and train on "
            "its folders. Leave --host out to serve this machine alone.",
            err=True,
        )
    if share:
        click.echo(
            "Warning: whoever has the link can use the studio, see its runs and train on its folders, and what they see "
            "passes through a server of gradio. Leave --share out to serve this machine alone.",
            err=True,
        )
    from recipes.studio.app import serve

    def told(address: str) -> None:
        click.echo(f"The studio is at {address} (Ctrl+C ends it).")
        if not no_browser and "://127.0.0.1" in address:
            click.launch(address)

    shared = share or host not in _LOCAL
    serve(Studio(runs, _RUNS, choose_device(device), plugins, shared), host, port, share, told)


def _free(host: str, port: int) -> int:
    """The port, or one that is free for 0; ConfigError where it is taken or the host is none of this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
            return trial.getsockname()[1]
    except OSError as error:
        raise ConfigError(
            f"Nothing can be served on {host}, port {port}: {error.strerror}. Give another --port (0: any that is free) or "
            "--host."
        ) from error
