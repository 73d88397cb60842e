"""Texts opened for tests, and whether two openings are the same."""

import numpy as np

from multigan.text.data import open_text
from multigan.text.settings import TextData


def opened(path, **settings):
    return open_text(TextData(**settings), path, lambda what, done, total: None)


def same(one, other):
    """Whether two openings gave identical data."""
    pairs = [(one.train, other.train), (one.held_out, other.held_out)]
    return all(
        np.array_equal(a.tokens, b.tokens)
        and (a.texts, a.names, a.labels, a.digest, a.sample_shape)
        == (b.texts, b.names, b.labels, b.digest, b.sample_shape)
        and ((a.conditions is None and b.conditions is None) or np.array_equal(a.conditions, b.conditions))
        for a, b in pairs
    )
