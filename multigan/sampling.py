"""A run folder -> its generator -> samples for a label, an intensity and a seed, and the files that hold them."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Generator as RandomState
from torch import Tensor, nn

from multigan.blends import shares_of
from multigan.checkpoint import EVERY_FORMAT, best, checkpoint_folders, latest, load
from multigan.directions import Direction, read_directions, require_styles, shift_of
from multigan.errors import CheckpointError, ConfigError
from multigan.interpolating import between
from multigan.modality import (
    Modality,
    Samples,
    Sampling,
    Written,
    build_networks,
    data_settings_of,
    modality_of,
)
from multigan.outputs import publishing
from multigan.protocols import Represents
from multigan.reading.formulas import no_formula
from multigan.runs import RunFacts
from multigan.sampling_settings import SamplingSettings, TruncatedSampling, layers_of, parse_mix
from multigan.truncation import require_truncation, style_means

LABELS = "labels.csv"
_BATCH = 32
_LONGEST_NAME = 160


class Chosen(NamedTuple):
    """Samples of a seed that are handed over, by their rows of the conditions, and the latent that each has."""

    rows: Sequence[int]
    latents: Sequence[int]


@dataclass(frozen=True)
class TrainedGenerator:
    """The averaged (EMA) generator of a run, in evaluation mode."""

    network: nn.Module
    modality: Modality
    facts: RunFacts
    checkpoint: Path
    choose: Callable[[Tensor | None, int, Sequence[int], Any], Chosen] | None = None
    """(conditions [N, ...] or None, seed, N numbers of samples, options) -> which samples are handed over, for options that
    reject some."""

    @cached_property
    def data(self) -> Any:
        """The modality's own data settings of the run."""
        return data_settings_of(self.modality, self.facts.data, f"the data settings of {self.checkpoint}")

    @property
    def run_folder(self) -> Path:
        return self.checkpoint.parent.parent

    @cached_property
    def directions(self) -> dict[str, Direction]:
        """Those that `multigan directions` keeps in the run, by name; ConfigError where there are none."""
        return read_directions(self.run_folder, identity(self.network))

    @property
    def sampling(self) -> Sampling:
        """How the modality hands over samples."""
        return sampling_of(self.modality)


def sampling_of(modality: Modality) -> Sampling:
    """How a modality hands over samples: as it says, or ``PLAIN``."""
    return modality.sampling or PLAIN


def load_generator(run_folder: Path, device: torch.device, plugins: Sequence[str] = ()) -> TrainedGenerator:
    """The EMA generator of the best checkpoint by its validation figure, or of the newest where none has one.

    ``plugins`` are packages that the modality of the run may be imported from (see ``modality_of``).
    """
    facts = RunFacts.read(run_folder)
    modality = modality_of(facts.modality, plugins)
    folder, state = _chosen(run_folder / "checkpoints")
    try:
        return _generator_of(facts, modality, state["parts"]["hooks.ema_generator"], folder, device)
    except (KeyError, TypeError) as error:
        raise CheckpointError(MISFIT.format(folder)) from error


def load_stage(trained: TrainedGenerator, run_folder: Path, stage: str) -> TrainedGenerator:
    """The averaged generator of the same run as it was at the end of an earlier stage (``stages/NAME``)."""
    folder = run_folder / "stages" / stage
    device = next(trained.network.parameters()).device
    return _generator_of(trained.facts, trained.modality, load(folder, formats=EVERY_FORMAT), folder, device)


MISFIT = "{} does not fit the architecture in run.json; restore it or train again."


def _generator_of(
    facts: RunFacts, modality: Modality, state: Any, folder: Path, device: torch.device
) -> TrainedGenerator:
    """The generator of a run with saved weights."""
    networks = build_networks(modality, facts.architecture, facts.sample_shape, facts.condition_shape)
    network = networks["generator"]
    try:
        network.load_state_dict(state)
    except (KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise CheckpointError(MISFIT.format(folder)) from error
    return TrainedGenerator(network.to(device).eval().requires_grad_(False), modality, facts, folder)


def _chosen(root: Path) -> tuple[Path, dict[str, Any]]:
    """The checkpoint that is sampled from, and its state; another one where a run in training removes it meanwhile."""
    while True:
        folder = best(root) or latest(root)
        try:
            return folder, load(folder, formats=EVERY_FORMAT)
        except CheckpointError:
            if folder in checkpoint_folders(root):
                raise


def condition_for(labels: Sequence[str], emotion: str, intensity: float) -> Tensor:
    """[C]: the one-hot of a label, or the weighted sum of a mix's (``multigan.blends``), times ``intensity`` in [0, 1]."""
    shares = shares_of(labels, emotion)
    if not 0 <= intensity <= 1:
        raise ConfigError(f"Intensity is between 0 and 1; found {intensity}.")
    return torch.tensor([shares.get(label, 0.0) * intensity for label in labels])


def latents(generator: nn.Module, seed: int, indices: Sequence[int]) -> Tensor:
    """[N, Z] on the CPU: sample i has its own latent, a function of (seed, i) alone, whatever else is sampled."""
    rows = []
    for index in indices:
        word = int(np.random.SeedSequence((seed, index)).generate_state(1, np.uint64)[0] >> np.uint64(1))
        rows.append(generator.latent(1, RandomState().manual_seed(word)))  # type: ignore[operator]
    return torch.cat(rows).cpu()


def varied_latents(
    generator: nn.Module, seed: int, indices: Sequence[int], options: SamplingSettings
) -> Tensor:
    """``latents`` [N, Z], drawn towards the first of the seed as far as the options' ``variation`` asks."""
    own = latents(generator, seed, indices)
    if options.variation == 1:
        return own
    return between(latents(generator, seed, [0]).expand_as(own), own, options.variation)


@torch.no_grad()
def generate(
    generator: nn.Module,
    latent: Tensor,
    condition: Tensor | None,
    truncation: float = 1.0,
    shift: Tensor | None = None,
    mixed: Mapping[str, Tensor] | None = None,
    **how: Any,
) -> Tensor:
    """Samples [N, ...] on the CPU for latents [N, Z] and conditions [N, ...] (or None), decoded where they are encoded.

    Of a generator that has styles, ``mixed`` are latents [1, Z] that the layers of a level take them from (arXiv:1812.04948,
    section 3.1), under each sample's own condition; ``shift`` [W] is added to them after the truncation.
    ``how`` is what else the generator's ``forward`` takes, such as the ``decoding`` of texts.
    """
    device = next(generator.parameters()).device
    centres = None if truncation == 1 else style_means(generator, condition, len(latent))
    # every batch has the same size, padded by repeats: other sizes may take other kernels and round in another way
    rows = torch.arange(-(-len(latent) // _BATCH) * _BATCH).clamp(max=len(latent) - 1).split(_BATCH)
    samples = []
    for row in rows:
        part = latent[row].to(device)
        own = None if condition is None else condition[row].to(device)
        if centres is None and shift is None and not mixed:
            output = generator(part, own, **how)
        else:
            styles = _mixed_styles(generator, part, own, mixed or {})
            if centres is not None:
                styles = centres[row.to(device)].lerp(styles, truncation)
            output = generator.synthesis(styles if shift is None else styles + shift.to(device))  # type: ignore[operator]
        samples.append(decoded(generator, output))
    return torch.cat(samples)[: len(latent)]


def decoded(generator: nn.Module, output: Tensor) -> Tensor:
    """What a generator wrote as samples [N, ...] on the CPU."""
    return (generator.representation.decode(output) if isinstance(generator, Represents) else output).cpu()


def _mixed_styles(
    generator: Any, latent: Tensor, condition: Tensor | None, mixed: Mapping[str, Tensor]
) -> Tensor:
    styles = generator.mapping(latent, condition)
    own = styles.clone() if mixed else styles  # those of all layers may share their memory
    for level, other in mixed.items():
        layers = layers_of(level, styles.shape[1])
        own[:, layers] = generator.mapping(other.to(latent.device).expand_as(latent), condition)[:, layers]
    return own


# ---- how samples are handed over ----


def conditions_for(trained: TrainedGenerator, label: str, levels: Sequence[float]) -> Tensor | None:
    """[N, C]: a label or a mix at each of the intensities; None for the label "" of a run without labels."""
    if not label:
        return None
    return torch.stack([condition_for(trained.facts.labels, label, level) for level in levels])


def draw_samples(
    trained: TrainedGenerator, conditions: Tensor | None, seed: int, n: int, options: Any
) -> Samples:
    """``n`` samples of a seed under conditions [N, ...] (None: of a run without any), the first or those of the options.

    Where the options reject some, sample i is the first that is accepted of those that have its place, if any is.
    """
    rows, which = handed_over(trained, conditions, seed, n, options)
    latent = varied_latents(trained.network, seed, which, options)
    own = None if conditions is None else conditions[list(rows)]
    tensor = trained.sampling.generate(trained, latent, own, options)
    numbers = options.numbers(n)
    return Samples(tensor, tuple(rows), tuple(numbers[row] for row in rows), options.columns())


def handed_over(
    trained: TrainedGenerator, conditions: Tensor | None, seed: int, n: int, options: Any
) -> Chosen:
    """Which of ``n`` samples of a seed a person gets: all, or those that ``trained.choose`` finds."""
    numbers = options.numbers(n)
    if trained.choose is not None:
        return trained.choose(conditions, seed, numbers, options)
    if getattr(options, "reject", None):
        raise ConfigError("What is rejected is not decided here: draw with `multigan sample RUN --reject`.")
    return Chosen(range(n), numbers)


def write_files(
    trained: TrainedGenerator,
    options: SamplingSettings,
    labels: Sequence[str],
    seed: int,
    folder: Path,
    *,
    suffix: str | None = None,
    make: Callable[[Tensor | None, Callable[[int], Path]], Sequence[int]] | None = None,
) -> Written:
    """A file for each sample, and ``labels.csv`` (file, emotion, intensity, seed, index, the options' columns).

    A file's name tells what makes it another sample: see ``file_stem``. ``make(conditions, path of an index)`` writes the
    files of one label and tells the indices that it wrote; None writes what the modality draws as it is. What is refused:
    see ``write_labelled``.
    """
    suffix = trained.modality.file_suffix if suffix is None else suffix

    def as_drawn(conditions: Tensor | None, path_of: Callable[[int], Path]) -> Sequence[int]:
        samples = trained.sampling.draw(trained, conditions, seed, options.per_label, options)
        paths = [path_of(index) for index in samples.indices]
        trained.modality.write_samples(samples.tensor, paths, trained.data)
        return samples.indices

    levels = [options.intensity] * options.per_label
    conditions = {label: conditions_for(trained, label, levels) for label in labels or ("",)}
    known = trained.facts.labels

    def write(into: Path) -> Iterator[dict[str, object]]:
        for label in conditions:

            def path_of(index: int, stem: str = file_stem(known, label, options)) -> Path:
                return into / f"{stem}-{seed}-{index:05d}{suffix}"

            for index in (make or as_drawn)(conditions[label], path_of):
                facts = {"emotion": label, "intensity": options.intensity, "seed": seed, "index": index}
                yield {"file": path_of(index).name, **facts, **options.columns()}

    return write_labelled(trained, folder, write)


def write_labelled(
    trained: TrainedGenerator, folder: Path, write: Callable[[Path], Iterable[Mapping[str, object]]]
) -> Written:
    """The files that ``write(a folder)`` makes there, and their rows of ``labels.csv``, which it yields.

    Rows of files that were written to the folder before stay. ConfigError where the folder cannot be written, or holds
    files of these names that are somebody's own or of another generator.
    """
    try:
        with publishing(folder, by=identity(trained.network), merges=(LABELS,)) as stage:
            rows = [{name: no_formula(cell) for name, cell in row.items()} for row in write(stage.folder)]
            stage.merges[LABELS] = lambda old: _with_rows(old, rows)
    except OSError as error:
        raise unwritable(folder, error) from error
    paths = [folder / str(row["file"]) for row in rows]
    return Written(paths, f"Wrote {len(paths)} sample{'s' * (len(paths) != 1)} and labels.csv to {folder}.")


def write_under(
    trained: TrainedGenerator, options: SamplingSettings, conditions: Tensor, seed: int, folder: Path
) -> Written:
    """``write_files`` of a sample under each of some conditions that are tensors [N, ...], which no label names."""

    def make(_: Tensor | None, path_of: Callable[[int], Path]) -> Sequence[int]:
        samples = trained.sampling.draw(trained, conditions, seed, len(conditions), options)
        paths = [path_of(index) for index in samples.indices]
        trained.modality.write_samples(samples.tensor, paths, trained.data)
        return samples.indices

    return write_files(trained, options, (), seed, folder, make=make)


def _with_rows(old: bytes | None, rows: Sequence[dict[str, object]]) -> bytes:
    """The content of a labels.csv with more rows; those of the same files are replaced where they stand."""
    text = io.StringIO("" if old is None else old.decode(), newline="")
    known = {row["file"]: row for row in csv.DictReader(text)} | {str(row["file"]): row for row in rows}
    columns = dict.fromkeys(column for row in known.values() for column in row)
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, list(columns), restval="")
    writer.writeheader()
    writer.writerows(known.values())
    return table.getvalue().encode()


def refuse_too_many(
    sample_shape: Sequence[int],
    n: int,
    what: str = "samples of a label",
    remedy: str = "lower sampling.per_label (multigan sample --n), and take others by another --seed",
) -> None:
    """ConfigError with the ``remedy`` where n samples, which are made at a time, take more memory than is used."""
    each = _ROW_BYTES + 4 * math.prod(sample_shape[:1] if len(sample_shape) == 2 else sample_shape)
    most = SAMPLES_BYTES // each
    if n > most:
        raise ConfigError(
            f"{n:,} {what} are asked for, and at most {most:,} of these are made at a time: {remedy}."
        )


SAMPLES_BYTES = 2**33
"""What the samples of one label may take."""
_ROW_BYTES = 4_096


def unwritable(folder: Path, error: OSError) -> ConfigError:
    """The error of samples that could not be written."""
    return ConfigError(f"Cannot write samples to {folder}: {error.strerror}. Choose another --out.")


def file_stem(labels: Sequence[str], emotion: str, options: SamplingSettings) -> str:
    """The beginning of a sample's file name: its label or mix and the settings that are not as they are by default.

    "joy", "joy-truncation=0.5", "joy-70%+surprise-30%". Characters that some system has no place for are %XX, so that no
    two stems meet.
    """
    chosen = [f"{name}={value}" for name, value in options.distinctions().items()]
    parts = [_emotion_name(labels, emotion) or "sample", *(as_file_name(one) for one in chosen)]
    return "-".join(parts)


def _emotion_name(labels: Sequence[str], emotion: str) -> str:
    shares = shares_of(labels, emotion) if emotion else {}
    if len(shares) < 2:
        return as_file_name("".join(shares))
    return _shortened("+".join(f"{_escaped(label)}-{100 * share:g}%" for label, share in shares.items()))


def as_file_name(text: str) -> str:
    """A label or a setting as part of a file's name; no two share one."""
    return _shortened(_escaped(text))


def _escaped(text: str) -> str:
    """A label or a setting, which a person chose, as part of a file's name on any system; no two share one."""
    return re.sub(r'[\x00-\x1f/\\:*?"<>|%]|^[=+@-]', lambda match: f"%{ord(match[0]):02X}", text)


def _shortened(name: str) -> str:
    """The name, or its beginning and a digest of it: with what follows it a file's name has at most 255 bytes."""
    data = name.encode()
    if len(data) <= _LONGEST_NAME:
        return name
    whole = hashlib.sha256(data).hexdigest()[:16]
    return f"{data[: _LONGEST_NAME - 17].decode(errors='ignore')}~{whole}"


def identity(network: nn.Module) -> str:
    """SHA-256 of a network's weights: what tells samples of one generator from those of another."""
    digest = hashlib.sha256()
    for name, tensor in network.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


PLAIN = Sampling(
    settings=SamplingSettings,
    check=lambda network, options: None,
    generate=lambda trained, latent, conditions, options: generate(trained.network, latent, conditions),
    draw=draw_samples,
    write=write_files,
    page=lambda trained, samples, columns, path, options: trained.modality.preview(
        samples, columns, path, trained.data
    ),
)
"""Each sample as the generator makes it, in a file of its own."""


def check_truncation(network: nn.Module, options: TruncatedSampling) -> None:
    """ConfigError where a truncation or a direction is asked of a generator without styles."""
    if options.truncation != 1:
        require_truncation(network)
    for asked, what in ((options.direction, "Directions need"), (options.style_mix, "A mix of styles needs")):
        if asked is not None:
            require_styles(network, what)


def generate_truncated(
    trained: TrainedGenerator, latent: Tensor, conditions: Tensor | None, options: TruncatedSampling
) -> Tensor:
    """Samples [N, ...] at the truncation that the options ask for, of mixed styles, moved along their directions."""
    shift = None if options.direction is None else shift_of(trained.directions, options.direction)
    seeds = {} if options.style_mix is None else parse_mix(options.style_mix)
    mixed = {level: latents(trained.network, seed, [0]) for level, seed in seeds.items()}
    return generate(trained.network, latent, conditions, options.truncation, shift, mixed)
