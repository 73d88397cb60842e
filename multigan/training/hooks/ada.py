"""The controller of adaptive discriminator augmentation: it moves the probability of the augmentations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn

from multigan.errors import ConfigError


class AdaptiveProbability:
    """Hold the overfitting signal r = E[sign(D(real))] at ``target`` by moving ``augment.p``.

    r is the mean over the discriminator's augmented real samples of the last ``interval`` steps, over all
    ranks (arXiv:2006.06676, equation 1). Then

        p <- clamp(p + sign(r - target) * step_samples * interval / speed_samples, 0, 1),

    so that p can go from 0 to 1 in ``speed_samples`` samples. ``augment`` has ``p``, a scalar float buffer.
    """

    name = "ada"

    def __init__(
        self, augment: nn.Module, target: float = 0.6, interval: int = 4, speed_samples: int = 500_000
    ) -> None:
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
        self._step_signs: Tensor | None = None  # of this step and rank: [sum of signs, number of samples]
        self._sign_sum = self._n_samples = self._signal = 0.0  # over all ranks, since p last moved
        self._n_steps = 0

    @property
    def _p(self) -> Tensor:
        return cast(Tensor, self._augment.p)

    def after_update(self, trainer: Any, update: Any, outcome: Any) -> None:
        """Take the signs of the discriminator's logits on real samples; no wait for the device."""
        logits = outcome.signals.get("real_logits")
        if update.network != "discriminator" or logits is None:
            return
        signs = torch.stack(
            (logits.sign().sum(dtype=torch.float32), logits.new_tensor(logits.numel()).float())
        )
        self._step_signs = signs if self._step_signs is None else self._step_signs + signs

    def after_step(self, trainer: Any) -> None:
        """Add up the step over the ranks, so that all hold one state; every ``interval`` steps move p."""
        if self._step_signs is not None:
            if torch.distributed.is_available() and torch.distributed.is_initialized():
                torch.distributed.all_reduce(self._step_signs)
            sign_sum, n_samples = self._step_signs.tolist()
            self._sign_sum += sign_sum
            self._n_samples += n_samples
            self._step_signs = None
        self._n_steps += 1
        if self._n_steps == self._interval:
            self._move(trainer.step_samples * self._interval / self._speed_samples)

    def _move(self, amount: float) -> None:
        if self._n_samples:
            self._signal = self._sign_sum / self._n_samples
            direction = (self._signal > self._target) - (self._signal < self._target)
            self._p.fill_(min(max(float(self._p) + direction * amount, 0.0), 1.0))
        self._sign_sum = self._n_samples = 0.0
        self._n_steps = 0

    def signals(self) -> dict[str, float]:
        """``p``: the probability; ``r``: the signal when it last moved (0 before)."""
        return {"p": float(self._p), "r": self._signal}

    def state_dict(self) -> dict[str, Any]:
        """The probability and what has been counted since it last moved."""
        return {
            "p": float(self._p),
            "sign_sum": self._sign_sum,
            "n_samples": self._n_samples,
            "n_steps": self._n_steps,
            "signal": self._signal,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where ``state_dict`` was taken."""
        self._p.fill_(state["p"])
        self._sign_sum, self._n_samples = state["sign_sum"], state["n_samples"]
        self._n_steps, self._signal = state["n_steps"], state["signal"]
        self._step_signs = None
