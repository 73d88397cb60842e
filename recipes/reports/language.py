"""How likely a generator of token sequences finds real ones: NLL-gen."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import nn

from evaluation.figures import HELD_OUT
from evaluation.metrics.likelihood import estimate_nll
from multigan.errors import ConfigError
from multigan.modality import Splits
from multigan.protocols import SequenceGenerator
from recipes.reports.figures import figure_of
from recipes.reports.records import Evidence, Findings, RunReport

_AT_ONCE = 256


@runtime_checkable
class CountedTokens(Protocol):
    """A data set of sequences that knows how long each is."""

    @property
    def lengths(self) -> np.ndarray:
        """int64 [N]: the tokens of each sequence, the one that ends it included."""
        ...


def check(generator: nn.Module, splits: Splits) -> None:
    """ConfigError where there are no sequences."""
    if not isinstance(generator, SequenceGenerator) or not isinstance(splits.held_out, CountedTokens):
        raise ConfigError(
            "The report 'language' is of token sequences: it needs a generator with log_prob and data with lengths, and "
            f"{type(generator).__name__} or {type(splits.held_out).__name__} has none; leave it out of the recipe's report."
        )


@torch.no_grad()
def nll_gen(evidence: Evidence) -> Findings:
    """Of held-out sequences by the generator, at temperature 1, in nats per token of its own vocabulary.

    Nothing where fewer than two are held out or generated: there is no interval.
    """
    network, held_out = evidence.trained.network, evidence.splits.held_out
    if min(len(held_out), len(evidence.rows)) < 2:
        return Findings()
    device = next(network.parameters()).device
    sums = []
    for rows in np.array_split(np.arange(len(held_out)), max(1, -(-len(held_out) // _AT_ONCE))):
        batch = held_out.batch(rows).to(device)
        sums.append(network.log_prob(batch.real, batch.condition).double().sum(1).cpu())  # type: ignore[operator]
    estimate = estimate_nll(torch.cat(sums).numpy(), held_out.lengths)  # type: ignore[attr-defined]
    reading = (
        "How likely the generator finds real text that it never saw, in nats a token; lower is better, and a collapse "
        "raises it. Unknown words count as one token."
    )
    return Findings((figure_of("NLL-gen", estimate, HELD_OUT, evidence.seed, False, reading),))


LANGUAGE = RunReport(check, nll_gen)
