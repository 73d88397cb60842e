"""Best responses: a copy of one player trains against the other, which stands still.

They are local and take a number of steps. What they miss makes ``distance`` and ``duality_gap`` look smaller than they are,
never larger, but for the noise of held-out samples, which the interval tells. ``proximal_gap`` may err either way: it takes
the least of values that are themselves found by a search for the largest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor

from multigan.game import Game, Players
from multigan.losses import LOSSES, AdversarialLoss
from multigan.objectives import Objective, Outcome, per_sample
from multigan.penalties import leaf, slope_at
from multigan.protocols import Batch, Grows
from multigan.training.chance import seed_all
from multigan.training.monitors.watch import Value, Watch, mean_and_error, wilson, with_interval


@dataclass(frozen=True)
class Search:
    """How a best response is looked for: steps of Adam, looked at ``n_looks`` times, from several places."""

    steps: int = 200
    lr: float = 1e-3
    betas: tuple[float, float] = (0.5, 0.99)
    n_looks: int = 8
    n_perturbed: int = 0
    """Searches more, from where noise has moved the player."""
    spread: float = 0.1
    """The deviation of that noise, as a share of the root mean square of each tensor (and at least of itself)."""


SEARCH = Search()
PERTURBED = Search(steps=100, n_perturbed=1)
PROXIMAL = Search(steps=20)
PROXIMAL_WEIGHT, PROXIMAL_STEPS = 0.1, 5
"""Lambda, and the steps of the discriminator after each of the generator."""


def value_of_loss(loss: AdversarialLoss) -> Value:
    """What the discriminator wins: its loss, negated, of real samples and fresh fakes."""

    def value(players: Players, batch: Batch) -> Tensor:
        real = players.logits(players.augment(batch.real), batch.condition)
        fake = players.logits(players.fake(batch), batch.condition)
        return -per_sample(loss.discriminator(real, fake))

    return value


def mixed_logits(players: Players, batch: Batch) -> tuple[Tensor, Tensor]:
    """Logits of real samples and of fresh fakes, [N] or [N, K] each, from two batches that hold both kinds.

    A coin says of each pair which of the two goes into which batch. So the others of a batch say nothing of a sample's kind
    to layers that look at them (batch normalisation, a minibatch's deviation): real ones among themselves would.
    """
    real, fake = batch.real, players.generate(len(batch.real), batch.condition)
    swapped = (torch.rand(len(real)) < 0.5).to(real.device)

    def either(yes: Tensor, no: Tensor) -> Tensor:
        return torch.where(swapped.view(-1, *[1] * (yes.ndim - 1)), yes, no)

    first = players.logits(either(fake, real), batch.condition)
    second = players.logits(either(real, fake), batch.condition)
    return either(second, first), either(first, second)


def best_response(
    game: Game,
    name: str,
    objectives: Sequence[Objective],
    watch: Watch,
    score: Callable[[Game], float],
    search: Search = SEARCH,
) -> Game:
    """The copy of the game in which the network ``name`` has the highest score that a search met; where it stands counts."""
    best, highest = game, score(game)
    for start in range(1 + search.n_perturbed):
        own = game.copy()
        if start:
            _perturb(own, name, search.spread, watch, start)
        _only(own, name)
        optimiser = torch.optim.Adam(own.networks[name].parameters(), search.lr, search.betas)
        for step in range(search.steps):
            batch = watch.training_batch(step, name, start)
            descend(own, objectives, optimiser, batch, watch.samples_seen)
            if (step + 1) % max(search.steps // search.n_looks, 1) == 0:
                found = score(own)
                if found > highest:
                    best, highest = own.copy(), found
    return best


def descend(
    game: Game,
    objectives: Sequence[Objective],
    optimiser: torch.optim.Optimizer,
    batch: Batch,
    samples_seen: int,
) -> None:
    """One step on the sum of objectives."""
    players = game.players(samples_seen=samples_seen)
    optimiser.zero_grad(set_to_none=True)
    total = torch.stack([objective(players, batch).loss.mean() for objective in objectives]).sum()
    total.backward()
    optimiser.step()


def _only(game: Game, name: str) -> None:
    for other, parameters in game.parameters.items():
        for parameter in parameters:
            parameter.requires_grad_(other == name)
            parameter.grad = None


@torch.no_grad()
def _perturb(game: Game, name: str, spread: float, watch: Watch, start: int) -> None:
    seed_all(watch.seed, watch.samples_seen, "perturb", name, start)
    for parameter in game.parameters[name]:
        size = float(parameter.square().mean().sqrt()) or spread
        parameter.add_(torch.randn_like(parameter), alpha=spread * size)


# ---- the distance of the two distributions ----

LOGISTIC = LOSSES["non_saturating"]


def distance(game: Game, watch: Watch, search: Search = SEARCH) -> dict[str, float]:
    """The minimax half: a discriminator that begins anew learns to tell real samples from fakes, whatever the run's loss.

    With the log loss its value is 2 JSD - log 4 at its best (arXiv:1406.2661, theorem 1), so that

        JSD >= 1/2 E log P(x) + 1/2 E log(1 - P(G(z))) + log 2   [nats, 0 to log 2],

    scored on samples that neither trained nor chose it. Real samples and fakes come to it in the same batches
    (``mixed_logits``), and unaugmented. ``accuracy`` is that of the same discriminator, a classifier
    two-sample test (arXiv:1610.06545): 0.5 where the two cannot be told apart. Negative values are noise around 0.
    """
    own = watch.fresh()["discriminator"]
    if isinstance(own, Grows):  # as far as the one that plays
        own.grow(float(cast(Tensor, game.networks["discriminator"].level)))
    trial = replace(
        game, networks={**game.networks, "discriminator": own}, augment=torch.nn.Identity(), compiled={}
    )
    choosing, scoring = watch.halves()
    best = best_response(
        trial, "discriminator", [lambda players, batch: Outcome(-_told_apart(players, batch), {})], watch,
        lambda own: float(watch.scores(own, choosing, _told_apart).mean()), search,
    )  # fmt: skip
    jsd = 0.5 * watch.scores(best, scoring, _told_apart) + math.log(2)
    right = watch.scores(best, scoring, _right)
    n_right, n = float(right.sum()), 2 * len(right)
    low, high = wilson(n_right, n)
    accuracy = {"accuracy": n_right / n, "accuracy_low": low, "accuracy_high": high}
    return with_interval("jsd", *mean_and_error(jsd)) | accuracy | {"n": n, "steps": search.steps}


def _right(players: Players, batch: Batch) -> Tensor:
    """[N]: how many of a real sample and a fake are read rightly; a logit of 0 is half right."""
    real, fake = (per_sample(logits) for logits in mixed_logits(players, batch))
    return (real.sign() + 1) / 2 + (1 - fake.sign()) / 2


def _told_apart(players: Players, batch: Batch) -> Tensor:
    """[N]: log P(x) + log(1 - P(G(z)))."""
    return -per_sample(LOGISTIC.discriminator(*mixed_logits(players, batch)))


# ---- duality gaps ----


def duality_gap(game: Game, watch: Watch, search: Search = SEARCH, name: str = "gap") -> dict[str, float]:
    """max over D' of V(G, D') minus min over G' of V(G', D); arXiv:1811.05512 eq. 2.

    Both searches train on training samples, choose on held-out ones and are scored on others. At a stationary point that is
    no equilibrium no search from there moves, and the gap reads 0; perturbed copies leave it (arXiv:2012.06723).
    """
    choosing, scoring = watch.halves()

    def score(sign: int) -> Callable[[Game], float]:
        return lambda own: sign * float(watch.scores(own, choosing).mean())

    discriminating = best_response(
        game, "discriminator", watch.objectives("discriminator"), watch, score(1), search
    )
    generating = best_response(game, "generator", watch.objectives("generator"), watch, score(-1), search)
    apart = watch.scores(discriminating, scoring) - watch.scores(generating, scoring)
    return with_interval(name, *mean_and_error(apart)) | {"n": 2 * len(apart), "steps": search.steps}


def perturbed_gap(game: Game, watch: Watch) -> dict[str, float]:
    """The duality gap with searches from perturbed copies too; arXiv:2012.06723."""
    return duality_gap(game, watch, PERTURBED)


def proximal_gap(
    game: Game,
    watch: Watch,
    search: Search = PROXIMAL,
    weight: float = PROXIMAL_WEIGHT,
    inner_steps: int = PROXIMAL_STEPS,
) -> dict[str, float]:
    """The proximal duality gap, arXiv:2105.04801: the generator that answers knows that the discriminator answers too.

    max over D' of V(G, D') minus min over G' of V^lambda(G', D), where V^lambda(G', D) is the maximum over D~ of
    V(G', D~) - lambda E ||grad D~(x) - grad D(x)||^2 over real x (a Sobolev distance, arXiv:2002.09124). A GAN may have a
    proximal equilibrium and no Nash equilibrium.
    """
    choosing, scoring = watch.halves()
    if not watch.train.batch([0]).real.is_floating_point():
        return {}  # tokens have no slope
    trained = watch.objectives("discriminator")
    wide = replace(search, steps=search.steps * inner_steps)
    discriminating = best_response(
        game, "discriminator", trained, watch,
        lambda own: float(watch.scores(own, choosing).mean()), wide,
    )  # fmt: skip
    near = _near(game.copy(), weight)
    best, lowest = None, math.inf
    own = game.copy()
    answers = {name: torch.optim.Adam(own.networks[name].parameters(), search.lr, search.betas)
               for name in ("generator", "discriminator")}  # fmt: skip
    for step in range(search.steps + 1):
        _only(own, "discriminator")
        for inner in range(inner_steps):
            batch = watch.training_batch(step * inner_steps + inner, "proximal")
            descend(own, [*trained, near], answers["discriminator"], batch, watch.samples_seen)
        if step % max(search.steps // search.n_looks, 1) == 0:
            value = _proximal_value(own, game, watch, choosing, weight)
            if float(value.mean()) < lowest:
                best, lowest = own.copy(), float(value.mean())
        _only(own, "generator")
        batch = watch.training_batch(step, "proximal", "generator")
        descend(own, watch.objectives("generator"), answers["generator"], batch, watch.samples_seen)
    answer = _proximal_value(best or game, game, watch, scoring, weight)
    apart = watch.scores(discriminating, scoring) - answer
    return with_interval("proximal_gap", *mean_and_error(apart)) | {
        "n": 2 * len(apart),
        "steps": search.steps,
    }


def _near(start: Game, weight: float) -> Objective:
    """lambda ||grad D~(x) - grad D(x)||^2 at real samples, D as it was at the start."""

    def objective(players: Players, batch: Batch) -> Outcome:
        return Outcome(weight * _sobolev(players, start.players(), batch), {})

    return objective


def _sobolev(own: Players, other: Players, batch: Batch) -> Tensor:
    """[N]: the squared distance between the slopes of two discriminators at real samples."""
    points = leaf(batch.real)
    with torch.enable_grad():
        ours = slope_at(points, own.discriminator(points, batch.condition))
        theirs = slope_at(points, other.discriminator(points, batch.condition)).detach()
    return (ours - theirs).flatten(1).square().sum(1)


def _proximal_value(own: Game, start: Game, watch: Watch, rows: object, weight: float) -> Tensor:
    """[N]: V(G', D~) - lambda times the Sobolev distance, on held-out samples."""
    other = start.players()

    def value(players: Players, batch: Batch) -> Tensor:
        return watch.value(players, batch) - weight * _sobolev(players, other, batch).detach()

    return watch.scores(own, rows, value)  # type: ignore[arg-type]
