"""The game as it is played, frame by frame: samples, the discriminator's field, and where it pushes the generator."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from multigan.errors import ConfigError
from multigan.losses import LOSSES, AdversarialLoss
from multigan.modality import Film
from multigan.points import map as maps
from multigan.points.data import PointDataset
from multigan.points.worlds import World
from multigan.sampling import latents
from multigan.training.hooks.every import Every
from multigan.writing import make_folder, remove

if TYPE_CHECKING:
    from multigan.training.trainer import Trainer

N_POINTS = 500
"""Points of the generator in a frame, the same latents in all of them, and as many real ones."""
N_ARROWS = 60
LONGEST_ARROW = 0.16
"""In units of the plane: that of the steepest slope in a frame, which the frame names."""
FIELD_SIDE = 80
WORLD = "world.gif"


class FilmHook:
    """``previews/<samples>.png`` at the start, each interval and the end, and ``world.gif`` of them all at the end.

    In the place of ``Previews``. It shows the generator that plays, not its average; a run that is stopped and goes on has
    the frames of one that never was.
    """

    name = "previews"

    def __init__(self, interval_samples: int, data: PointDataset, loss: AdversarialLoss, seed: int) -> None:
        self._every = Every(interval_samples)
        self._data, self._loss, self._seed = data, loss, seed
        self._latent = torch.empty(0)

    def on_start(self, trainer: Trainer) -> None:
        self._latent = latents(
            trainer.networks["generator"], self._seed, range(min(N_POINTS, len(self._data)))
        )
        self._every.start(trainer.samples_seen)
        for path in frames_in(trainer.run_folder):
            if int(path.stem) > trainer.samples_seen:
                remove(path)  # it is going to be drawn again, or the interval is another one now
        if not trainer.samples_seen:
            self._draw(trainer)

    def after_step(self, trainer: Trainer) -> None:
        if self._every.due(trainer.samples_seen) or trainer.samples_seen >= trainer.total_samples:
            self._draw(trainer)

    def on_end(self, trainer: Trainer) -> None:
        if trainer.samples_seen >= trainer.total_samples:
            maps.join(
                [maps.opened(frame) for frame in frames_in(trainer.run_folder)], trainer.run_folder / WORLD
            )

    def _draw(self, trainer: Trainer) -> None:
        path = trainer.run_folder / "previews" / f"{trainer.samples_seen:09d}.png"
        make_folder(path.parent, within=trainer.run_folder)
        draw_frame(trainer.networks, self._data, self._loss, self._latent, trainer.samples_seen, path)


def film_of(run: Any, data: Any) -> FilmHook:
    """What films a run with these ``RunSettings`` on these training points."""
    return FilmHook(run.training.preview_every, data, LOSSES[run.training.loss], run.seed)


def frames_in(run_folder: Path) -> list[Path]:
    """The frames that a run has drawn so far, in their order."""
    return sorted(path for path in (run_folder / "previews").glob("*.png") if path.stem.isdecimal())


def draw_frame(
    networks: Mapping[str, nn.Module],
    data: PointDataset,
    loss: AdversarialLoss,
    latent: Tensor,
    samples_seen: int,
    path: Path,
) -> None:
    """One frame, of latents [N, Z].

    Real points are brown and generated ones blue, the field goes from blue (fake) to orange (real), and red arrows show
    where the generator's loss pushes its points.
    """
    generator, discriminator = networks["generator"], networks["discriminator"]
    device = next(discriminator.parameters()).device
    real = data.batch(np.arange(len(latent))).to(device)
    with torch.no_grad():
        fake = generator(latent.to(device), real.condition)
        field, scale = field_of(discriminator, data, real.real, fake, real.condition)
    slopes = -slope_of_loss(discriminator, loss, fake, real.real, real.condition)
    points, steps = fake.cpu().numpy(), slopes.cpu().numpy()
    shown = np.flatnonzero(maps.inside(points))[:N_ARROWS]
    steepest = float(np.linalg.norm(steps[shown], axis=1).max(initial=0.0))
    paper = maps.blank(text_lines=2)
    maps.draw_field(paper, field)
    maps.draw_dots(paper, real.real.cpu().numpy(), real=True, size=1)
    maps.draw_dots(paper, points, real=False, size=3)
    if steepest:
        maps.draw_arrows(paper, points[shown], steps[shown] * (LONGEST_ARROW / steepest))
    arrows = f"longest arrow: a slope of {steepest:.2g}" if len(shown) else "no point here to push"
    maps.write_lines(
        paper,
        f"{samples_seen:,} samples seen   {in_words(data.world, points)}",
        f"{arrows}   field: ±{scale:.2g}",
    )
    maps.write(paper, path)


def in_words(world: World, points: np.ndarray) -> str:
    """ "8/8 modes, 97% good", and how many points lie outside the map."""
    good = world.good_of_modes(points)
    outside = int((~maps.inside(points)).sum())
    said = f"{(good > 0).sum()}/{len(good)} modes, {good.sum() / len(points):.0%} good"
    return f"{said}, {outside} outside" if outside else said


def field_of(
    discriminator: nn.Module, data: PointDataset, real: Tensor, fake: Tensor, condition: Tensor | None
) -> tuple[np.ndarray, float]:
    """Logits on a grid, float [G, G] with rows from the top, and the logit that is drawn as 1; they are cut to [-1, 1].

    Counted from the middle between the means of real and generated points, since a logit has no zero in some losses. With
    labels each place is seen under the label of the Gaussian nearest to it.
    """
    steps = np.linspace(-1, 1, FIELD_SIDE, dtype=np.float32)
    x, y = np.meshgrid(steps, -steps)
    places = np.stack([x.ravel(), y.ravel()], 1)
    labels = None
    if data.labels:
        one_hot = np.eye(len(data.labels), dtype=np.float32)[data.world.nearest(places)[0]]
        labels = torch.from_numpy(one_hot).to(real.device)
    logits = discriminator(torch.from_numpy(places).to(real.device), labels)
    middle = (discriminator(real, condition).mean() + discriminator(fake, condition).mean()) / 2
    field = (logits - middle).cpu().numpy().astype(np.float64)
    scale = max(float(np.quantile(np.abs(field), 0.9)), 1e-12)
    return np.clip(field / scale, -1, 1).reshape(FIELD_SIDE, FIELD_SIDE), scale


def slope_of_loss(
    discriminator: nn.Module, loss: AdversarialLoss, fake: Tensor, real: Tensor, condition: Tensor | None
) -> Tensor:
    """The gradient of the generator's loss by each of its points, [N, 2]: downhill is where it is pushed to."""
    points = fake.detach().requires_grad_()
    real_logits = discriminator(real, condition) if loss.uses_real else None
    total = loss.generator(discriminator(points, condition), real_logits).sum()
    (slope,) = torch.autograd.grad(total, points)
    return slope


# ---- two films ----


def check_finished(run_folder: Path) -> None:
    """ConfigError where a run has no finished film."""
    if not (run_folder / WORLD).is_file() or not frames_in(run_folder):
        raise ConfigError(
            f"{run_folder} has no {WORLD}, which a finished run of 2-D points leaves beside its previews; name "
            "the folder of such a run."
        )


def film_beside(run_folders: Sequence[Path], path: Path) -> None:
    """A GIF of the films of several runs, each under the name of its folder: at every count of samples the newest frames."""
    films = [{int(frame.stem): frame for frame in frames_in(folder)} for folder in run_folders]
    names = [folder.resolve().name for folder in run_folders]
    counts = [sorted(film) for film in films]
    rows = [
        [film[own[max(bisect_right(own, now) - 1, 0)]] for film, own in zip(films, counts, strict=True)]
        for now in sorted(set().union(*counts))
    ]
    maps.join([maps.side_by_side(row, names) for row in rows], path)


FILM = Film(film_of, check_finished, film_beside)
