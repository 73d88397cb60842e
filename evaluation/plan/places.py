"""Sets of fakes side by side: samples of one place in their lists are compared in pairs, also where some are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from evaluation.evidence import MOST_NEIGHBOURS
from evaluation.features.subset import Subset
from evaluation.samples import Samples
from evaluation.statistics import copies
from evaluation.statistics.estimate import N_GROUPS
from multigan.reading.files import named


def rows_side_by_side(
    fakes: Mapping[str, Samples], most_missing: float
) -> tuple[dict[str, np.ndarray], list[str]]:
    """The samples of each set that are drawn from, in the order of their places, and what to know of that.

    All of them, unless the sets have the same names but for a share ``most_missing`` of the larger: then those whose name
    every set has, so that the i-th of one set is the i-th of all.
    """
    everything = {name: np.arange(len(samples)) for name, samples in fakes.items()}
    lists = {name: list(samples.names) for name, samples in fakes.items()}
    if len({tuple(names) for names in lists.values()}) == 1:
        return everything, []
    if any(len(set(names)) < len(names) for names in lists.values()):
        return everything, []
    first, *others = lists.values()
    common = set(first).intersection(*others)
    if len(common) < (1 - most_missing) * max(map(len, lists.values())):
        return everything, []
    shared = [name for name in first if name in common]
    chosen = {}
    for subject, names in lists.items():
        row = {name: number for number, name in enumerate(names)}
        chosen[subject] = np.array([row[name] for name in shared])
    lost = sorted(set().union(*lists.values()) - common)
    if not lost:
        return chosen, []
    return chosen, [
        f"{len(lost)} of the names of fakes are not in every set ({named(lost)}), so they were left out of all: samples of "
        "one name are compared in pairs."
    ]


def good_side_by_side(
    subsets: Mapping[str, Subset], drawn: Mapping[str, np.ndarray], n_listed: Mapping[str, int]
) -> tuple[dict[str, Subset], list[str]]:
    """The subsets without the places that one of as long a list could not be read at, and what to know of that."""
    good = {name: np.isin(drawn[name], subset.rows) for name, subset in subsets.items()}
    kept, notes = dict(subsets), []
    for size in dict.fromkeys(n_listed.values()):
        partners = [name for name in subsets if n_listed[name] == size]
        everywhere = np.logical_and.reduce([good[name] for name in partners])
        n_lost = int((~everywhere).sum())
        if len(partners) < 2 or not n_lost:
            continue
        for name in partners:
            kept[name] = subsets[name].part(np.flatnonzero(everywhere[good[name]]))
        notes.append(
            f"{n_lost} of the places that were drawn {'has' if n_lost == 1 else 'have'} a sample that could not be read, "
            f"and {'was' if n_lost == 1 else 'were'} left out of {named(partners)} alike: samples of one place are "
            "compared in pairs."
        )
    return kept, notes


def near_copies_together(
    subsets: Mapping[str, Subset], real: Subset, features: str, n_listed: Mapping[str, int]
) -> tuple[dict[str, Subset], list[str]]:
    """The subsets, of n samples each, in an order that keeps near-copies in one group of the jackknife, and what to know.

    Sets whose lists are as long, so that they are compared in pairs, get one order. Near-copies are told by the features of
    that name; without any, nothing moves.
    """
    n, moved, notes = len(real), dict(subsets), []
    looked_at = slice(min(n, MOST_NEIGHBOURS))
    beside = copies.usual(real.features[features][looked_at])
    pairs = {
        name: copies.links(subset.features[features][looked_at], beside) for name, subset in subsets.items()
    }
    for name, own in pairs.items():
        if len(own):
            share = len(np.unique(own)) / len(range(n)[looked_at])
            effective = copies.effective_n(copies.clusters(n, own))
            few = effective < 2 * N_GROUPS
            notes.append(
                f"{share:.0%} of the {name} samples are near-copies of each other, so that {n:,} of them tell about as "
                f"much as {effective:,.0f} independent ones. Near-copies are left out together, and intervals are wider "
                f"for it{', though not wide enough for so few' if few else ''}."
            )
    for size in dict.fromkeys(n_listed.values()):
        partners = [name for name in subsets if n_listed[name] == size]
        cluster = copies.joint_clusters(n, [pairs[name] for name in partners])
        if not any(len(pairs[name]) for name in partners):
            continue
        order = copies.kept_together(cluster)
        for name in partners:
            moved[name] = replace(subsets[name].part(order), clusters=cluster[order])
    return moved, notes
