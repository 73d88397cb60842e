"""The smallest run of the recipe, as arguments of ``multigan``."""

SETTINGS = {
    "device": "cpu",
    "data.resolution": 16,
    "architecture.channel_base": 128,
    "architecture.channel_max": 16,
    "training.samples": 640,
    "training.batch": 8,
    "training.checkpoint_every": 160,
    "training.preview_every": 320,
    "training.log_every": 40,
    "sampling.per_label": 2,
    "evaluation.n": 64,
    "evaluation.validation": 32,
}
DRAWN = {"data.drawn": 256, "data.drawn_held_out": 64}


def arguments(**more: object) -> list[str]:
    """The smallest run of the recipe, as arguments of ``multigan``; ``training__samples=80`` changes it."""
    chosen = SETTINGS | DRAWN | {name.replace("__", "."): value for name, value in more.items()}
    sets = [f"--set={name}={value}" for name, value in chosen.items()]
    return ["recipe", "run", "emotive-images", "--preset=cpu-32", *sets]
