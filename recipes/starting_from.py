"""Training that begins from trained networks: those of another run, or of an official StyleGAN2 file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor, nn

from multigan.checkpoint import EVERY_FORMAT, best, latest, load
from multigan.config import parse_overrides, to_dict
from multigan.errors import CheckpointError, ConfigError
from multigan.runs import RunFacts
from recipes.settings import Recipe, recipe_of

_AVERAGE, _NETWORKS = "hooks.ema_generator", "networks."
_OWN = "head.classes."
"""Of a discriminator, what reads labels from pictures alone: it begins anew where a file has none."""


@dataclass(frozen=True)
class Start:
    """Networks to begin from."""

    place: Path
    facts: RunFacts
    weights: Mapping[str, Mapping[str, Tensor]]
    """Of each network by name; the generator's are its averaged ones."""


def read_start(place: Path) -> Start:
    """The networks of a run folder's best checkpoint, or of an official file.

    ConfigError where there is no discriminator beside the generator; DataError or CheckpointError where nothing can be read.
    """
    if place.is_file():
        return _of_file(place)
    facts = RunFacts.read(place)
    root = place / "checkpoints"
    checkpoint = best(root) or latest(root)
    try:
        parts = load(checkpoint, formats=EVERY_FORMAT)["parts"]
        weights = {
            name.removeprefix(_NETWORKS): dict(state)
            for name, state in parts.items()
            if name.startswith(_NETWORKS)
        }
        weights["generator"] = dict(parts[_AVERAGE])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{checkpoint} holds no networks to begin from; give another run.") from error
    return _whole(Start(place, facts, weights), "it came without one")


def _of_file(place: Path) -> Start:
    from multigan.image.importing import read_file
    from multigan.image.settings import ImageData

    official = read_file(place)
    labels = tuple(map(str, range(official.n_labels)))
    data = to_dict(ImageData(resolution=official.shape[-1]))
    facts = RunFacts("image", official.architecture, labels, official.shape, data)
    critic = {} if official.discriminator is None else {"discriminator": official.discriminator}
    return _whole(Start(place, facts, {"generator": official.weights, **critic}), official.lacking)


def _whole(start: Start, lacking: str) -> Start:
    """The start without its mean style, which would no longer be that of a generator that trains on."""
    if "discriminator" not in start.weights:
        raise ConfigError(
            f"{start.place} has no discriminator to train on with ({lacking.rstrip('.')}); give another one."
        )
    if not start.facts.architecture.get("style_mean"):
        return start
    generator = {name: tensor for name, tensor in start.weights["generator"].items() if name != "style_mean"}
    facts = replace(start.facts, architecture={**start.facts.architecture, "style_mean": False})
    return replace(start, facts=facts, weights={**start.weights, "generator": generator})


def recipe_from(recipe: Recipe, start: Start, sets: Sequence[str], plugins: Sequence[str]) -> Recipe:
    """The recipe with the architecture and the size of samples of the start.

    ConfigError for another modality, and where ``--set`` asks for another architecture or resolution.
    """
    if recipe.modality != start.facts.modality:
        raise ConfigError(
            f"{start.place} makes samples of the modality {start.facts.modality!r}, and the recipe {recipe.name} trains "
            f"{recipe.modality!r}: choose a recipe of that modality."
        )
    plain = to_dict(recipe)
    over = parse_overrides(sets)
    if "architecture" in over:
        raise ConfigError(
            "--start-from brings the architecture of the networks: leave --set architecture... out."
        )
    size = start.facts.data.get("resolution")
    if size is not None and "resolution" in plain["data"]:
        asked = over.get("data", {})
        if isinstance(asked, Mapping) and asked.get("resolution", size) != size:
            raise ConfigError(
                f"{start.place} makes pictures of {size} pixels, and data.resolution is set to {asked['resolution']}: leave "
                "it out."
            )
        plain["data"]["resolution"] = size
    return recipe_of({**plain, "architecture": dict(start.facts.architecture)}, str(start.place), plugins)


def refuse_other_labels(start: Start, labels: Sequence[str], shape: Sequence[int]) -> str | None:
    """ConfigError where the data have other labels or another shape; a note where classes without names take theirs."""
    known = start.facts.labels
    if tuple(shape) != start.facts.sample_shape:
        raise ConfigError(
            f"{start.place} makes samples of the shape {list(start.facts.sample_shape)}, and those of the data have "
            f"{list(shape)}; give data or settings of the same."
        )
    if tuple(labels) == known:
        return None
    if len(labels) == len(known) and known == tuple(map(str, range(len(known)))):
        pairs = ", ".join(f"{number} is {label}" for number, label in zip(known, labels, strict=True))
        return f"Classes of {start.place} take the labels of the data in their order: {pairs}."
    of = f"the labels {', '.join(known)}" if known else "no labels"
    advice = (
        "leave those of the data out with --set data.label=none"
        if not known
        else "give data that have the same, in the same order"
    )
    raise ConfigError(
        f"{start.place} has {of}, and the data have {', '.join(labels) if labels else 'none'}: {advice}."
    )


def begin_from(start: Start, networks: Mapping[str, nn.Module]) -> None:
    """Give fresh networks the start's weights; CheckpointError where they do not fit."""
    for name, network in networks.items():
        weights = start.weights.get(name)
        if weights is None:
            raise CheckpointError(
                f"{start.place} lacks the network {name!r}; give a run of the same architecture."
            )
        try:
            missing, unexpected = network.load_state_dict(dict(weights), strict=False)
        except (TypeError, AttributeError, RuntimeError) as error:
            raise CheckpointError(
                f"The networks of {start.place} do not fit its architecture; restore it."
            ) from error
        odd = [key for key in (*missing, *unexpected) if not key.startswith(_OWN)]
        if odd:
            raise CheckpointError(
                f"{start.place} does not fit its architecture at {odd[0]}; give another run."
            )
