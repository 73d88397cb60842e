"""Training settings by the names that multigan 0.1.0 gave them, in today's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from multigan.config import expand_counts, merge
from multigan.errors import ConfigError
from multigan.registry import unknown_name

_MOVED = {
    "regularisers": "penalties",
    "generator_lr": "optimisers.generator.lr",
    "discriminator_lr": "optimisers.discriminator.lr",
    "clip_discriminator": "optimisers.discriminator.clip_weights",
    "discriminator_repeat": "schedule.discriminator_repeat",
    "discriminator_samples": "schedule.discriminator_samples",
    "ema_half_life_samples": "ema.half_life_samples",
    "ema_ramp_up": "ema.ramp_up",
}
"""Settings that have another place and the same meaning."""
_LIKELIHOOD = {"samples": 0, "lr": 0.01, "decay": False}
_ADAPTIVE = {"target": 0.6, "interval": 4, "speed_samples": 500_000}
_BETAS = {"beta1": 0.0, "beta2": 0.99}
_OBJECTIVES = {
    "policy_gradient": ("n_rollouts", "lag", "baseline"),
    "importance": (),
    "relaxed": ("temperature",),
}
"""Objectives of sequences, and which of the older settings were theirs: a saved recipe wrote out those of all."""
_OPTIONS = {option for options in _OBJECTIVES.values() for option in options}


def in_new_form(
    training: Mapping[str, Any], below: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """``training`` with today's names, and a note for each older one that says what it is called now.

    ``training`` may be a whole or a part of one that is laid on ``below``, which is in today's form and completes what only
    half is given (one of two betas). ConfigError where an older name and the one that took its place are both given.
    """
    translation = _Translation(training, below or {})
    for old, new in _MOVED.items():
        if old in training:
            translation.put([old], [new], training[old])
    translation.objective_and_likelihood()
    translation.betas()
    if "clip_generator_gradient" in training:
        new = [f"optimisers.{name}.clip_gradient" for name in translation.of_generator()]
        translation.put(["clip_generator_gradient"], new, training["clip_generator_gradient"])
    translation.augmentation()
    return translation.result, translation.notes


class _Translation:
    """The new form as it grows."""

    def __init__(self, training: Mapping[str, Any], below: Mapping[str, Any]) -> None:
        former = {*_MOVED, *_BETAS, "objective", "likelihood", "clip_generator_gradient"}
        self.training, self.below = training, below
        self.result: dict[str, Any] = {key: value for key, value in training.items() if key not in former}
        self.notes: list[str] = []
        self._objective, self._likelihood = self._mapping("objective"), self._mapping("likelihood")
        for key in self._likelihood:
            if key not in _LIKELIHOOD:
                known = [f"likelihood.{name}" for name in _LIKELIHOOD]
                raise ConfigError("training: " + unknown_name("setting", f"likelihood.{key}", known))
        teaches = expand_counts(self._likelihood.get("samples", 0))
        name = self._objective.get("name")
        self._sequence = name in _OBJECTIVES or (isinstance(teaches, int) and teaches > 0)
        self._adversarial = name == "pathwise" and not self._sequence

    def _mapping(self, key: str) -> Mapping[str, Any]:
        value = self.training.get(key, {})
        if not isinstance(value, Mapping):
            raise ConfigError(
                f"training.{key} is {value!r} where a mapping, lines of key: value, is expected."
            )
        return value

    def put(self, old: Sequence[str], new: Sequence[str], value: Any) -> None:
        """Set a value at its new places, and note that."""
        for path in new:
            self._set(old[0], path, value)
        self.notes.append(f"{_several(old)} {'are' if len(old) > 1 else 'is'} now {_several(new)}.")

    def _set(self, old: str, path: str, value: Any) -> None:
        taken = _taken(self.training, path)
        if taken:
            raise ConfigError(
                f"training.{old} is the older name of training.{path}, and training.{taken} is given too; leave the older "
                "one out."
            )
        for part in reversed(path.split(".")):
            value = {part: value}
        self.result = merge(self.result, value)

    def of_generator(self) -> list[str]:
        """The optimisers that step the generator."""
        schedule = self.below.get("schedule")
        before = isinstance(schedule, Mapping) and schedule.get("name") == "sequence"
        stages = (self._sequence or bool(self._likelihood) or before) and not self._adversarial
        return ["generator", "likelihood"] if stages else ["generator"]

    def objective_and_likelihood(self) -> None:
        """Where the generator's gradient comes from, which says what the schedule is."""
        if self._adversarial:
            self.put(["objective"], ["schedule.name"], "adversarial")
            return
        if self._sequence:
            self._set("objective" if "name" in self._objective else "likelihood", "schedule.name", "sequence")
        name = self._objective.get("name")
        foreign = _OPTIONS - set(_OBJECTIVES[name]) if name in _OBJECTIVES else set()
        own = {key: value for key, value in self._objective.items() if key not in {"likelihood", *foreign}}
        if name == "pathwise":  # likelihood alone: which objective would come after it says nothing
            own = {}
        if own:
            self.put(["objective"], ["schedule.objective"], own)
        if "likelihood" in self._objective:
            self.put(["objective.likelihood"], ["schedule.likelihood_weight"], self._objective["likelihood"])
        if "samples" in self._likelihood:
            self.put(["likelihood.samples"], ["schedule.likelihood_samples"], self._likelihood["samples"])
        if "lr" in self._likelihood or "decay" in self._likelihood:
            which = "likelihood.lr" if "lr" in self._likelihood else "likelihood.decay"
            self.put([which], ["optimisers.likelihood.lr"], self._rate())

    def _rate(self) -> Any:
        """The rate of the likelihood's stage, as it falls or stays."""
        before = _at(self.below, "optimisers.likelihood.lr")
        ramp = before if isinstance(before, Mapping) else {}
        start = ramp.get("start", _LIKELIHOOD["lr"] if before is _ABSENT else before)
        rate = self._likelihood.get("lr", start)
        return {"start": rate, "end": 0.0} if self._likelihood.get("decay", bool(ramp)) else rate

    def betas(self) -> None:
        """Adam's, which all optimisers shared."""
        own = [name for name in _BETAS if name in self.training]
        if not own:
            return
        before = _at(self.below, "optimisers.generator.betas")
        first, second = _BETAS.values() if before is _ABSENT else before
        betas = [self.training.get("beta1", first), self.training.get("beta2", second)]
        names = [*self.of_generator(), "discriminator"]
        self.put(own, [f"optimisers.{name}.betas" for name in names], betas)

    def augmentation(self) -> None:
        """How a probability adapts has a place of its own."""
        old = self.training.get("augmentation")
        if not isinstance(old, Mapping):
            return
        adaptive = {key: value for key, value in old.items() if key in _ADAPTIVE}
        if not adaptive:
            return
        self.result["augmentation"] = {key: value for key, value in old.items() if key not in _ADAPTIVE}
        # a saved recipe wrote them out where there was nothing to adapt
        name = old.get("name", "ada")
        usual = all(expand_counts(value) == _ADAPTIVE[key] for key, value in adaptive.items())
        if name == "none" or (name != "ada" and usual):
            return
        for key, value in adaptive.items():
            self.put([f"augmentation.{key}"], [f"augmentation.p.{key}"], value)


_ABSENT = object()


def _at(values: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, or ``_ABSENT``."""
    found: Any = values
    for part in path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return _ABSENT
        found = found[part]
    return found


def _taken(values: Mapping[str, Any], path: str) -> str | None:
    """The part of a dotted path at which a value stands in the way of another, or None."""
    parts = path.split(".")
    for end in range(1, len(parts) + 1):
        value = _at(values, ".".join(parts[:end]))
        if value is _ABSENT:
            return None
        if end == len(parts) or not isinstance(value, Mapping):
            return ".".join(parts[:end])
    return None


def _several(paths: Sequence[str]) -> str:
    names = [f"training.{path}" for path in paths]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
