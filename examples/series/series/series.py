"""The modality of multichannel time series: a CSV file with a row per step in, one of the same form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from multigan.modality import Architecture, Modality, Written
from multigan.registry import Registry
from multigan.sampling import PLAIN, TrainedGenerator
from multigan.sampling_settings import SamplingSettings
from multigan.writing import write_text
from series.cells import write_sheet
from series.handing import check_label_strength, conditions_by_share
from series.pictures import write_curves
from series.series_data import Channels, Recording, SeriesData, drawn, look, open_series, unscaled
from series.series_networks import ConvolutionSettings, build


def channels_in(data: SeriesData) -> Channels:
    """How a run's series are read and written; of the drawn ones where no run has said so yet."""
    return data.channels or drawn(data)[0]


def media(samples: Tensor, data: SeriesData) -> list[Recording]:
    """Each sample as a series in the units of the data."""
    channels = channels_in(data)
    return [Recording(channels, values) for values in unscaled(samples.numpy(), channels)]


def rows_of(recording: Recording, name: str, label: str) -> list[list[str]]:
    """A row for each step, in the order of the file's columns."""
    channels = recording.channels
    rows = []
    for step, values in enumerate(recording.values.T):
        cells = {
            one.name: one.numbers.write(float(value))
            for one, value in zip(channels.channels, values, strict=True)
        }
        own = {channels.series: name, channels.time: str(step), channels.label: label}
        rows.append([(cells | own)[column] for column in channels.names])
    return rows


def preview(samples: Tensor, columns: int, path: Path, data: SeriesData) -> None:
    """Each series as a small drawing, a colour for each channel."""
    write_curves(samples.numpy(), columns, path)


def write_recordings(samples: Tensor, paths: Sequence[Path], data: SeriesData) -> None:
    """Each sample as a CSV file of its own, a row per step, without its label."""
    for recording, path in zip(media(samples, data), paths, strict=True):
        mark = recording.channels.delimiter
        rows = [[one.name for one in recording.channels.channels]]
        for values in recording.values.T:
            rows.append(
                [
                    one.numbers.write(float(value))
                    for one, value in zip(recording.channels.channels, values, strict=True)
                ]
            )
        write_text(path, "".join(mark.join(row) + "\n" for row in rows))


def write_series(
    trained: TrainedGenerator, options: SamplingSettings, labels: Sequence[str], seed: int, folder: Path
) -> Written:
    """One file of ``options.per_label`` series in all, in which labels are as frequent as in the training data."""
    channels = channels_in(trained.data)
    if channels.series is None:  # else nobody could tell where one ends
        channels = replace(channels, names=("series", *channels.names), series="series")
    n = options.per_label
    conditions, own = conditions_by_share(trained, labels, channels.shares, n, seed)
    samples = trained.sampling.draw(trained, conditions, seed, n, options)
    recordings = [replace(one, channels=channels) for one in media(samples.tensor, trained.data)]
    rows = [
        row
        for number, (recording, label) in enumerate(zip(recordings, own, strict=True), 1)
        for row in rows_of(recording, str(number), label)
    ]
    path = write_sheet(channels.names, rows, channels.delimiter, folder, trained)
    return Written([path], f"Wrote {n:,} series of {len(recordings[0].values.T):,} steps to {path}.")


SERIES = Modality(
    name="series",
    data_settings=SeriesData,
    open_data=open_series,
    sample_shape=lambda data: (len(channels_in(data).channels), data.length),
    architectures=Registry(
        "series architecture", {"convolution": Architecture("convolution", ConvolutionSettings, build)}
    ),
    preview=preview,
    media=media,
    write_samples=write_recordings,
    file_suffix=".csv",
    kind="series.series_kind:SERIES",
    look=look,
    sampling=replace(PLAIN, write=write_series, check=check_label_strength),
)
