"""distinct-n: how many different n-grams do texts hold?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.metrics.tokens import Grams, Tokens, grams
from evaluation.statistics.estimate import Estimate, groups, n_groups_of
from evaluation.statistics.intervals import jackknife
from multigan.errors import DataError

ORDERS = (1, 2, 3, 4)


def distinct(texts: Sequence[Tokens]) -> dict[int, float]:
    """Different n-grams over all n-grams of the texts [N] together, for n = 1 to 4; in (0, 1], 0 without n-grams.

    arXiv:1510.03055, section 5.1. It falls as texts are added, so compare at equal N.
    """
    tables = grams(texts, ORDERS[-1])
    return {
        order: _share(table.first.sum(), table.count.sum())
        for order, table in zip(ORDERS, tables, strict=True)
    }


def estimate_distinct(texts: Sequence[Tokens]) -> dict[int, Estimate]:
    """distinct-1..4 with the jackknife's interval."""
    if len(texts) < 2:
        raise DataError(f"distinct-n needs at least 2 texts; found {len(texts)}. Give more.")
    n_groups = n_groups_of(len(texts))
    member = groups(len(texts), n_groups)
    return {
        order: _estimate(table, member, n_groups)
        for order, table in zip(ORDERS, grams(texts, ORDERS[-1]), strict=True)
    }


def _estimate(table: Grams, member: np.ndarray, n_groups: int) -> Estimate:
    total, n_distinct = table.count.sum(), table.first.sum()
    totals = np.bincount(member[table.text], table.count, n_groups)
    gram, group = np.divmod(np.unique(table.gram * n_groups + member[table.text]), n_groups)
    alone = np.bincount(gram)[gram] == 1  # n-grams that go when their only group goes
    lost = np.bincount(group[alone], minlength=n_groups)
    value = _share(n_distinct, total)
    left_out = np.array([_share(n_distinct - lost[g], total - totals[g]) for g in range(n_groups)])
    note = f"of {int(total):,} n-grams in all."
    return Estimate(value, left_out, jackknife(value, left_out, lowest=0, highest=1), len(member), note)


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0
