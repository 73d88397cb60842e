"""Optimisers by name, for networks whose gradient comes from several updates, some of them lazy."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from multigan.config import settings
from multigan.ramps import Number, ends_of, value_of
from multigan.registry import Registry
from multigan.spectral import follow, is_normalised


def lazy_correction(intervals: Iterable[int]) -> float:
    """1 / (1 + sum 1/k) over penalties applied every k steps, each an optimiser step of its own; k/(k+1) for one.

    Their extra steps must not speed the optimiser up (arXiv:1912.04958, appendix B).
    """
    return 1 / (1 + sum(1 / k for k in intervals))


def _check_rates(own: Any) -> None:
    if not all(0 <= end < math.inf for end in ends_of(own.lr)) or max(ends_of(own.lr)) <= 0:
        raise ValueError(f"lr is above 0 (a ramp may end at 0), found {own.lr}")
    for name in ("clip_gradient", "clip_weights"):
        limit = getattr(own, name)
        if limit is not None and not 0 < limit < math.inf:
            raise ValueError(f"{name} is above 0, or null for none, found {limit}")


def _check_share(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{name} is at least 0 and below 1, found {value}")


@settings
class AdamSettings:
    """Adam (arXiv:1412.6980)."""

    lr: Number = 0.002
    """The learning rate, or a ramp of it over samples seen."""
    betas: tuple[Number, Number] = (0.0, 0.99)
    """The decay of the first and of the second moment, each a number or a ramp of it."""
    clip_gradient: float | None = None
    """The norm that the gradient of all parameters together is cut to; null: it is left."""
    clip_weights: float | None = None
    """Every weight is kept in [-c, c] after each step (WGAN, arXiv:1701.07875 algorithm 1; c = 0.01 there); null: none."""

    def __post_init__(self) -> None:
        _check_rates(self)
        for beta in self.betas:
            for end in ends_of(beta):
                _check_share("each of betas", end)


@settings
class AdamWSettings(AdamSettings):
    """Adam with decoupled weight decay (arXiv:1711.05101)."""

    weight_decay: float = 0.01
    """Every step shrinks weights by this times the learning rate; vectors, such as biases, are left."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.weight_decay < math.inf:
            raise ValueError(f"weight_decay is at least 0, found {self.weight_decay}")


@settings
class RMSpropSettings:
    """RMSprop, with which WGAN was trained (arXiv:1701.07875)."""

    lr: Number = 5e-5
    alpha: float = 0.99
    """The decay of the squared gradient."""
    clip_gradient: float | None = None
    clip_weights: float | None = None

    def __post_init__(self) -> None:
        _check_rates(self)
        _check_share("alpha", self.alpha)


@settings
class SgdSettings:
    """Stochastic gradient descent; of a game, descent-ascent."""

    lr: Number = 0.01
    momentum: float = 0.0
    clip_gradient: float | None = None
    clip_weights: float | None = None

    def __post_init__(self) -> None:
        _check_rates(self)
        _check_share("momentum", self.momentum)


class OptimisticAdam(torch.optim.Optimizer):
    """theta <- theta - 2 lr u_t + lr u_(t-1), u Adam's direction; optimistic Adam, arXiv:1711.00141 algorithm 1."""

    def __init__(
        self, parameters: Iterable[Tensor], lr: float, betas: tuple[float, float], eps: float = 1e-8
    ) -> None:
        super().__init__(parameters, {"lr": lr, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for parameter in (p for p in group["params"] if p.grad is not None):
                state = self.state[parameter]
                if not state:
                    state["step"] = torch.zeros(())
                    for name in ("exp_avg", "exp_avg_sq", "direction"):
                        state[name] = torch.zeros_like(parameter)
                state["step"] += 1
                n = float(state["step"])
                state["exp_avg"].lerp_(parameter.grad, 1 - beta1)
                state["exp_avg_sq"].mul_(beta2).addcmul_(parameter.grad, parameter.grad, value=1 - beta2)
                scale = (state["exp_avg_sq"] / (1 - beta2**n)).sqrt_().add_(group["eps"])
                direction = state["exp_avg"] / (1 - beta1**n) / scale
                parameter.sub_(2 * direction - state["direction"], alpha=group["lr"])
                state["direction"].copy_(direction)


def _adam(parameters: list[nn.Parameter], own: AdamSettings, correction: float) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=1.0, eps=1e-8, fused=True)


def _adamw(parameters: list[nn.Parameter], own: AdamWSettings, correction: float) -> torch.optim.Optimizer:
    weights, vectors = ([p for p in parameters if (p.ndim > 1) == decays] for decays in (True, False))
    groups = [{"params": weights, "weight_decay": own.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1.0, eps=1e-8, fused=True)


def _rmsprop(
    parameters: list[nn.Parameter], own: RMSpropSettings, correction: float
) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(parameters, lr=1.0, alpha=own.alpha**correction, foreach=True)


def _sgd(parameters: list[nn.Parameter], own: SgdSettings, correction: float) -> torch.optim.Optimizer:
    momentum = own.momentum**correction if own.momentum else 0.0
    return torch.optim.SGD(parameters, lr=1.0, momentum=momentum, foreach=True)


def _optimistic(
    parameters: list[nn.Parameter], own: AdamSettings, correction: float
) -> torch.optim.Optimizer:
    return OptimisticAdam(parameters, 1.0, (0.0, 0.99))


@dataclass(frozen=True)
class Rule:
    """An optimiser by name: its settings, and ``build(parameters, settings, correction of lazy updates)``.

    The rate, and betas where the settings have them, are set at every step by ``Optimiser``.
    """

    name: str
    settings: type
    build: Callable[[list[nn.Parameter], Any, float], torch.optim.Optimizer]
    paper: str


_TABLE = (
    Rule("adam", AdamSettings, _adam, "arXiv:1412.6980"),
    Rule("adamw", AdamWSettings, _adamw, "arXiv:1711.05101"),
    Rule("rmsprop", RMSpropSettings, _rmsprop, "Tieleman & Hinton 2012"),
    Rule("sgd", SgdSettings, _sgd, "Robbins & Monro 1951"),
    Rule("optimistic_adam", AdamSettings, _optimistic, "arXiv:1711.00141 algorithm 1"),
)
OPTIMISERS: Registry[Rule] = Registry("optimiser", {rule.name: rule for rule in _TABLE})


@torch.no_grad()
def clip_weights(parameters: Iterable[Tensor], limit: float) -> None:
    """Clamp every parameter to [-limit, limit]; arXiv:1701.07875 algorithm 1 (c = 0.01 there)."""
    for parameter in parameters:
        parameter.clamp_(-limit, limit)


class Optimiser:
    """What steps the parameters of some networks: a rule, the rate of the moment, and limits."""

    def __init__(
        self,
        networks: Sequence[nn.Module],
        rule: Rule,
        own: Any,
        total_samples: int,
        intervals: Iterable[int] = (),
    ) -> None:
        """``intervals`` are those of the lazy updates that step these networks too."""
        correction = lazy_correction(intervals)
        every = [parameter for network in networks for parameter in network.parameters()]
        self.parameters: list[nn.Parameter] = [parameter for parameter in every if parameter.requires_grad]
        self._normalised = [network for network in networks if is_normalised(network)]
        self.inner = rule.build(self.parameters, own, correction)
        self._lr, self._correction = value_of(own.lr, total_samples), correction
        self._betas = [value_of(beta, total_samples) for beta in getattr(own, "betas", ())]
        self._clip_gradient, self._clip_weights = own.clip_gradient, own.clip_weights
        self.lr_at(0)

    def lr_at(self, samples_seen: int) -> float:
        """Set the learning rate and the betas of this moment; the rate, corrected for lazy updates as betas are."""
        rate = self._lr(samples_seen) * self._correction
        betas = tuple(
            float(value) ** self._correction if value else 0.0
            for value in (beta(samples_seen) for beta in self._betas)
        )
        for group in self.inner.param_groups:
            group["lr"] = rate
            if betas:
                group["betas"] = betas
        return rate

    def clear(self) -> None:
        """Forget the gradients."""
        self.inner.zero_grad(set_to_none=True)

    def step(self, samples_seen: int) -> None:
        """One step along the gradients that are there."""
        self.lr_at(samples_seen)
        if self._clip_gradient is not None:
            nn.utils.clip_grad_norm_(self.parameters, self._clip_gradient)
        self.inner.step()
        for network in self._normalised:
            follow(network)
        if self._clip_weights is not None:
            clip_weights(self.parameters, self._clip_weights)

    def state_dict(self) -> dict[str, Any]:
        """Moments alone: where the last step left a rate, which comes from the settings, is no state."""
        return {"state": self.inner.state_dict()["state"]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Moments as they were; rates and betas are settings, which may have changed."""
        self.inner.load_state_dict({**state, "param_groups": self.inner.state_dict()["param_groups"]})
        for parameter, values in self.inner.state.items():
            for name, value in values.items():
                if name != "step" and isinstance(value, Tensor):
                    # laid out in memory as the parameters are: other kernels would round in another way
                    values[name] = torch.empty_like(parameter).copy_(value)
