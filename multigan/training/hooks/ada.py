"""The probability of an augmentation: adaptive (ADA), or a function of the samples seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn

from multigan.errors import ConfigError


class AdaptiveProbability:
    """Hold the overfitting signal r = E[sign(D(real))] at ``target`` by moving ``augment.p``.

    r is the mean over the discriminator's augmented real samples of the last ``interval`` steps, over all
    ranks (arXiv:2006.06676, equation 1). Then

        p <- clamp(p + sign(r - target) * step_samples * interval / speed_samples, 0, 1),

    so that p can go from 0 to 1 in ``speed_samples`` samples. ``augment`` has ``p``, a scalar float buffer. With the name
    "apa" it is that of adaptive pseudo augmentation, which moves in the same way (arXiv:2111.06849).
    """

    def __init__(
        self,
        augment: nn.Module,
        target: float = 0.6,
        interval: int = 4,
        speed_samples: int = 500_000,
        name: str = "ada",
    ) -> None:
        self.name = name
        if not isinstance(getattr(augment, "p", None), Tensor):
            raise ConfigError(
                f"{type(augment).__name__} has no probability p for adaptive augmentation to move; "
                "choose ADA, or leave the augmentation at its fixed strength."
            )
        if not -1 < target < 1 or interval < 1 or speed_samples < 1:
            raise ConfigError(
                "Adaptive augmentation needs a target between -1 and 1, and interval and speed_samples of at "
                f"least 1; found target {target}, interval {interval}, speed_samples {speed_samples}."
            )
        self._augment = augment
        self._target, self._interval, self._speed_samples = target, interval, speed_samples
        self._signs: Tensor | None = None  # since p last moved: [sum of signs, number of logits]
        self._signal = 0.0
        self._n_steps = 0

    @property
    def _p(self) -> Tensor:
        return cast(Tensor, self._augment.p)

    def after_update(self, trainer: Any, update: Any, outcome: Any) -> None:
        """Take the signs of the discriminator's logits on real samples, of all processes; no wait for the device."""
        logits = outcome.signals.get("real_logits")
        if "discriminator" not in update.trains or logits is None:
            return
        n = torch.tensor(float(logits.numel()))
        signs = torch.stack((logits.sign().sum(dtype=torch.float32), n.to(logits.device)))
        self._signs = signs if self._signs is None else self._signs.to(signs.device) + signs

    def after_step(self, trainer: Any) -> None:
        """Every ``interval`` steps move p."""
        self._n_steps += 1
        if self._n_steps == self._interval:
            self._move(trainer.step_samples * self._interval / self._speed_samples)

    def _move(self, amount: float) -> None:
        if self._signs is not None:
            total, n = self._signs.tolist()
            self._signal = total / n
            direction = (self._signal > self._target) - (self._signal < self._target)
            self._p.fill_(min(max(float(self._p) + direction * amount, 0.0), 1.0))
        self._signs, self._n_steps = None, 0

    def signals(self) -> dict[str, float]:
        """``p``: the probability; ``r``: the signal when it last moved (0 before)."""
        return {"p": float(self._p), "r": self._signal}

    def state_dict(self) -> dict[str, Any]:
        """The probability and what has been counted since it last moved."""
        signs = None if self._signs is None else self._signs.tolist()
        return {"p": float(self._p), "signs": signs, "n_steps": self._n_steps, "signal": self._signal}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where ``state_dict`` was taken."""
        self._p.fill_(state["p"])
        self._signs = None if state["signs"] is None else torch.tensor(state["signs"])
        self._n_steps, self._signal = state["n_steps"], state["signal"]


class RampedProbability:
    """A hook: the probability of an augmentation is a function of the samples seen."""

    def __init__(self, augment: nn.Module, value: Callable[[int], float], name: str = "augmentation") -> None:
        self.name = name
        self._p, self._value = cast(Tensor, augment.p), value
        self._p.fill_(value(0))

    def before_step(self, trainer: Any, stage: Any) -> None:
        self._p.fill_(self._value(trainer.samples_seen))

    def signals(self) -> dict[str, float]:
        """``p``: the probability."""
        return {"p": float(self._p)}
