"""How generated token numbers are handed over: at a temperature, in one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from multigan.modality import Written
from multigan.sampling import PLAIN, TrainedGenerator, draw_samples, generate
from multigan.sequences.decoding import Decoding
from multigan.sequences.table import write_table
from multigan.tokens.settings import TokenSampling


def generate_tokens(
    trained: TrainedGenerator, latent: Tensor, conditions: Tensor | None, options: TokenSampling
) -> Tensor:
    """Tokens [N, T] at the temperature and top-p that the options ask for."""
    decoding = Decoding(options.temperature, options.top_p)
    return generate(trained.network, latent, conditions, decoding=decoding)


def write_rows(
    trained: TrainedGenerator, options: TokenSampling, labels: Sequence[str], seed: int, folder: Path
) -> Written:
    """``per_label`` rows in ``folder``/samples.tsv; there are no labels."""
    samples = draw_samples(trained, None, seed, options.per_label, options)
    texts = trained.modality.media(samples.tensor, trained.data)
    rows = [
        (text, seed, index, *options.columns().values())
        for text, index in zip(texts, samples.indices, strict=True)
    ]
    path = write_table(folder, ("text", "seed", "index", *options.columns()), rows, trained)
    count = f"{len(rows):,} {'sequence' if len(rows) == 1 else 'sequences'}"
    return Written([path], f"Wrote {count} to {path}.", (*(f"  {text}" for text in texts), ""))


SAMPLING = replace(PLAIN, settings=TokenSampling, generate=generate_tokens, write=write_rows)
