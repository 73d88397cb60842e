"""A little language for tests of text metrics: sentences drawn from a grammar, on a topic."""

import numpy as np

TOPICS = {
    "pets": (
        ("cat", "dog", "rabbit", "parrot"),
        ("chased", "licked", "watched"),
        ("garden", "sofa", "kitchen"),
    ),
    "sea": (
        ("sailor", "whale", "captain", "storm"),
        ("crossed", "feared", "followed"),
        ("ocean", "harbour", "reef"),
    ),
}
ADJECTIVES = tuple(
    f"{first}{last}" for first in ("dark", "old", "wild", "soft", "pale") for last in ("", "er", "ish")
)


def sentences(n: int, seed: int, topic: str = "pets") -> tuple[str, ...]:
    """``n`` sentences of 6 to 14 words."""
    random_state = np.random.default_rng(seed)
    nouns, verbs, places = TOPICS[topic]

    def noun() -> str:
        adjectives = random_state.choice(ADJECTIVES, random_state.integers(0, 3))
        return " ".join(("the", *map(str, adjectives), str(random_state.choice(nouns))))

    def sentence() -> str:
        return f"{noun()} {random_state.choice(verbs)} {noun()} in the {random_state.choice(places)} ."

    return tuple(sentence() for _ in range(n))
