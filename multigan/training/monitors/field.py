"""How the players are pushed: the gradient of each by its own loss, as one vector field over all parameters.

v(w) = (grad of the generator's loss by its parameters, grad of the discriminator's by its own); arXiv:1906.04848 eq. 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from multigan.game import Game
from multigan.protocols import Batch
from multigan.training.chance import seed_all
from multigan.training.monitors.watch import Watch, flat

N_STEPS = 20
"""Steps of Arnoldi's iteration: as many eigenvalues are estimated, the outermost first."""
DIFFERENCE = 1e-4
"""The step of the differences that stand for a product with the Jacobian, as a share of the parameters' norm."""
PLACES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""On the line from an earlier point (0) to this one (1) where the angle is taken."""


def trained(watch: Watch, game: Game) -> list[str]:
    """The networks that the stage trains, in the game's order."""
    names = {name for update in watch.updates for name in update.trains}
    return [name for name in game.networks if name in names]


def field(game: Game, watch: Watch, batch: Batch) -> dict[str, Tensor]:
    """The mean gradient of each network over the steps of the run, flat, on one batch; lazy updates count as in the mean."""
    for parameters in game.parameters.values():
        for parameter in parameters:
            parameter.requires_grad_()
    found = {name: [torch.zeros_like(p) for p in game.parameters[name]] for name in trained(watch, game)}
    for update in watch.updates:
        players = game.players(update.roles, eager=True, samples_seen=watch.samples_seen)
        seed_all(watch.seed, watch.samples_seen, "field", update.name)
        loss = update.objective(players, batch).loss.mean()
        own = [p for name in update.trains for p in game.parameters[name]]
        slopes = torch.autograd.grad(loss, own, allow_unused=True)
        totals = [total for name in update.trains for total in found[name]]
        for total, slope in zip(totals, slopes, strict=True):
            if slope is not None:
                total += slope
    return {name: flat(parts) for name, parts in found.items()}


def motion(game: Game, watch: Watch) -> dict[str, float]:
    """The norm of each player's gradient, and how far its last step went as a share of its weights (0: it rests)."""
    values: dict[str, float] = {}
    for name, slope in field(game, watch, watch.training_batch(0, "field")).items():
        own = flat(game.parameters[name])
        size = float(own.norm())
        values[f"{name}_gradient"] = float(slope.norm())
        values[f"{name}_weights"] = size
        if name in watch.before:
            values[f"{name}_update"] = float((own - flat(watch.before[name])).norm()) / max(size, 1e-12)
    return values


# ---- where the path leads ----


def path(game: Game, watch: Watch) -> dict[str, float]:
    """The cosine between the field and the line from the measurement before to this one; arXiv:1906.04848, section 4.1.

    ``angle_end`` is that at this point: 0 where the game goes round it; its sign changes where a point that attracts is
    passed (the field points away from where descent goes). ``angle_bump`` is how far the cosine rises
    on the line above its ends. ``turn`` is the cosine between the last two moves: -1 where they go back and forth, 0 where
    they have nothing in common, 1 on a straight line. ``return`` is the distance to the nearest of the earlier points, as a
    share of the farthest point since then: near 0 where the players come back to where they were.
    """
    here = parameters_of(game, watch)
    values = _returns(here, [_joined(point) for point in watch.past])
    if not watch.past:
        return values
    before, batch = watch.past[-1], watch.training_batch(0, "field")
    line = {name: here[name] - before[name] for name in here}
    way = _joined(line)
    if float(way.norm()) == 0:
        return values
    cosines = []
    for place in PLACES:
        move_to(game, {name: before[name] + place * line[name] for name in here})
        slope = _joined(field(game, watch, batch))
        cosines.append(float(slope @ way / (slope.norm() * way.norm()).clamp_min(1e-300)))
    values["angle_end"] = cosines[-1]
    values["angle_bump"] = max(cosines[1:-1]) - max(cosines[0], cosines[-1])
    return values


def _returns(here: Mapping[str, Tensor], past: list[Tensor]) -> dict[str, float]:
    now = _joined(here)
    values = {}
    if len(past) >= 2:
        last, before = now - past[-1], past[-1] - past[-2]
        values["turn"] = float(last @ before / (last.norm() * before.norm()).clamp_min(1e-300))
    distances = [float((now - point).norm()) for point in past]
    shares = [distances[i] / max(max(distances[i + 1 :]), 1e-300) for i in range(len(distances) - 2)]
    if shares:
        values["return"] = min(shares)
    return values


def _joined(parts: Mapping[str, Tensor]) -> Tensor:
    return torch.cat(list(parts.values()))


def parameters_of(game: Game, watch: Watch) -> dict[str, Tensor]:
    """The parameters of each network that is trained, flat."""
    return {name: flat(game.parameters[name]) for name in trained(watch, game)}


@torch.no_grad()
def move_to(game: Game, point: Mapping[str, Tensor]) -> None:
    """Give networks these flat parameters."""
    for name, values in point.items():
        start = 0
        for parameter in game.parameters[name]:
            piece = values[start : start + parameter.numel()].view_as(parameter)
            parameter.copy_(piece.to(parameter))
            start += parameter.numel()


# ---- the Jacobian ----


def spectrum(game: Game, watch: Watch) -> dict[str, float]:
    """The outermost eigenvalues of the field's Jacobian, by Arnoldi's iteration; arXiv:1906.04848, section 4.2.

    Small steps of descent come nearer along an eigenvector with a positive real part, leave along one with a negative real
    part, and go round in the plane of a pair with an imaginary one. Products with the Jacobian are differences of the field
    in float64, on one batch and the same latents.
    """
    kind = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # latents too
    try:
        game = replace(game, autocast=nullcontext)
        watch = replace(watch, device=torch.device("cpu"))  # some accelerators have no float64
        for part in (*game.networks.values(), game.augment):
            if isinstance(part, nn.Module):
                part.cpu().double()
        batch = watch.training_batch(0, "spectrum")
        condition = None if batch.condition is None else batch.condition.double()
        batch = Batch(batch.real.double() if batch.real.is_floating_point() else batch.real, condition)
        here = parameters_of(game, watch)
        sizes = {name: len(part) for name, part in here.items()}
        step = DIFFERENCE * float(_joined(here).norm())

        def product(direction: Tensor) -> Tensor:
            ends = []
            for sign in (1, -1):
                parts = direction.split(list(sizes.values()))
                move_to(game, {name: here[name] + sign * step * part
                               for name, part in zip(sizes, parts, strict=True)})  # fmt: skip
                ends.append(_joined(field(game, watch, batch)))
            return (ends[0] - ends[1]) / (2 * step)

        random = np.random.default_rng((watch.seed, 23)).standard_normal(sum(sizes.values()))
        values = ritz_values(product, torch.from_numpy(random), N_STEPS)
    finally:
        torch.set_default_dtype(kind)
    return {
        "largest": float(values.abs().max()),
        "lowest_real": float(values.real.min()),
        "highest_imaginary": float(values.imag.max()),
        "steps": len(values),
    }


def ritz_values(product: Callable[[Tensor], Tensor], start: Tensor, n_steps: int) -> Tensor:
    """Eigenvalues of the Hessenberg matrix that Arnoldi's iteration makes (Arnoldi 1951), complex [at most n_steps]."""
    n_steps = min(n_steps, len(start))
    basis, upper = [start / start.norm()], np.zeros((n_steps + 1, n_steps))
    for column in range(n_steps):
        image = product(basis[-1])
        scale = float(image.norm())
        for _ in range(2):  # the second time takes off what rounding left
            for row, own in enumerate(basis):
                share = float(own @ image)
                upper[row, column] += share
                image = image - share * own
        rest = float(image.norm())
        if rest <= 1e-12 * max(scale, 1e-300) or not math.isfinite(rest):
            n_steps = column + 1
            break
        upper[column + 1, column] = rest
        basis.append(image / rest)
    square = upper[:n_steps, :n_steps]
    if not np.isfinite(square).all():
        return torch.full((1,), complex(math.nan, math.nan))
    return torch.linalg.eigvals(torch.from_numpy(square))
