"""What is asked of a modality's samples: drawn the same for the same seed, and written the same each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from multigan.config import to_dict
from multigan.errors import ConfigError
from multigan.modality import Modality, Samples
from multigan.protocols import is_tensor
from multigan.runs import RunFacts
from multigan.sampling import TrainedGenerator, latents, sampling_of
from multigan.testing.subject import Subject, alike, require

_FEW, _MANY = 2, 35
"""Fewer than one batch of ``multigan.sampling.generate``, and more."""


def check_files(modality: Modality, samples: Tensor, folder: Path, data: Any = None) -> None:
    """Each sample is one file, the same bytes each time, and a preview is one picture."""
    data = modality.data_settings() if data is None else data
    media = modality.media(samples, data)
    require(len(media) == len(samples), f"media gives {len(media)} for {len(samples)} samples")
    written: list[list[bytes]] = []
    for name in ("first", "second"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        paths = [folder / name / f"{i}{modality.file_suffix}" for i in range(len(samples))]
        modality.write_samples(samples, paths, data)
        require(all(path.is_file() for path in paths), "write_samples leaves out files")
        written.append([path.read_bytes() for path in paths])
    require(written[0] == written[1], "write_samples gives other bytes for the same samples")
    require(len(set(written[0])) == len(samples), "write_samples gives one file for different samples")
    preview = folder / "previews" / "preview.png"
    preview.parent.mkdir(exist_ok=True)
    modality.preview(samples, 2, preview, data)
    require(preview.is_file() and preview.stat().st_size > 0, "preview writes no file")


@torch.no_grad()
def check_sampling(subject: Subject, folder: Path) -> None:
    """The modality's ``Sampling`` with its default settings, of a generator that has learnt nothing."""
    modality, what, generator = subject.modality, subject.what, subject.networks()["generator"]
    data = modality.data_settings() if subject.data is None else subject.data
    shape = subject.sample_shape
    tensor = subject.condition_shape if is_tensor(subject.condition_shape) else ()
    facts = RunFacts(modality.name, dict(subject.raw), subject.labels, shape, to_dict(data), tensor)
    trained = TrainedGenerator(generator.eval().requires_grad_(False), modality, facts, folder)
    sampling = sampling_of(modality)
    options = replace(sampling.settings(), per_label=_FEW)
    try:
        sampling.check(generator, options)
    except ConfigError as error:
        raise AssertionError(f"{what}: Sampling.check refuses the default settings: {error}") from error
    latent = latents(generator, 0, range(_FEW))
    generated = sampling.generate(trained, latent, subject.conditions(_FEW), options)
    found = list(generated.shape)
    require(len(generated) == _FEW, f"{what}: Sampling.generate gives {found} for {_FEW} latents")
    _check_draw(what, trained, subject.conditions(_MANY), options)
    page = folder / "page.png"
    sampling.page(trained, generated, 2, page, options)
    require(page.is_file() and page.stat().st_size > 0, f"{what}: Sampling.page writes no file")
    if not tensor:  # nobody can name one
        _check_write(what, trained, options, subject.labels, folder)


def _check_draw(what: str, trained: TrainedGenerator, conditions: Tensor | None, options: Any) -> None:
    def drawn(n: int, seed: int) -> Samples:
        own = None if conditions is None else conditions[:n]
        samples = trained.sampling.draw(trained, own, seed, n, options)
        lengths = len(samples.tensor), len(samples.rows), len(samples.indices)
        require(len(set(lengths)) == 1, f"{what}: Sampling.draw gives {lengths} samples, rows and indices")
        require(
            lengths[0] <= n and all(0 <= row < n for row in samples.rows),
            f"{what}: Sampling.draw gives more samples than asked for, or rows of conditions that there are not",
        )
        return samples

    few, many, other = drawn(_FEW, 0), drawn(_MANY, 0), drawn(_FEW, 1)
    by_index = dict(zip(many.indices, many.tensor, strict=True))
    require(
        all(
            index in by_index and alike(sample, by_index[index])
            for index, sample in zip(few.indices, few.tensor, strict=True)
        ),
        f"{what}: Sampling.draw gives other samples for the same seed when more are asked for",
    )
    chance = latents(trained.network, 0, range(1)).shape[1] > 0
    changed = len(few.tensor) == 0 or not alike(few.tensor, other.tensor)
    require(changed or not chance, f"{what}: Sampling.draw gives the same samples for another seed")


def _check_write(
    what: str, trained: TrainedGenerator, options: Any, labels: Sequence[str], folder: Path
) -> None:
    contents: list[dict[str, bytes]] = []
    for name in ("written", "written-again"):
        written = trained.sampling.write(trained, options, labels, 0, folder / name)
        require(bool(written.paths), f"{what}: Sampling.write names no file that it wrote")
        missing = [path.name for path in written.paths if not path.is_file()]
        require(not missing, f"{what}: Sampling.write does not write {', '.join(missing)}, which it names")
        files = (path for path in (folder / name).rglob("*") if path.is_file())
        contents.append({path.relative_to(folder / name).as_posix(): path.read_bytes() for path in files})
    require(contents[0] == contents[1], f"{what}: Sampling.write gives other files for the same seed")
