"""examples/series as a person installs it: multichannel time series, from a CSV file to a CSV file."""

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from multigan.errors import DataError
from multigan.modality import modality_of
from multigan.testing import check_modality
from tests.worlds.commands import invoke, ran
from tests.worlds.packages import install

ROOT = Path(__file__).parents[2]
SMALL = {
    "device": "cpu", "data.length": 16, "architecture.width": 8, "training.samples": 320, "training.batch": 32,
    "training.checkpoint_every": 160, "training.preview_every": 320, "evaluation.n": 64, "evaluation.validation": 32,
    "sampling.per_label": 20,
}  # fmt: skip
SETS = [f"--set={name}={value}" for name, value in SMALL.items()]
OWN = {"channel distance", "worst channel distance", "correlation difference", "worst correlation difference",
       "train here, test on real"}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory):
    site = install(ROOT / "examples" / "series", tmp_path_factory.mktemp("series"))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(site))
        yield site
    for name in [name for name in sys.modules if name.partition(".")[0] == "series"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    """Series of 16 steps, and a few that are shorter."""
    path = tmp_path_factory.mktemp("machines") / "machines.csv"
    random = np.random.default_rng(0)
    lines = ["unit,time,pressure,state,flow"]
    for unit in range(150):
        up, length = unit % 2, 16 if unit < 145 else 9
        for step in range(length):
            level = (step if up else length - step) + random.normal(0, 0.5)
            lines.append(
                f"u{unit},2024-01-{step + 1:02d},{level:.1f},{('down', 'up')[up]},{round(3 * level)}"
            )
    path.write_text("\n".join(lines).replace("state", "class") + "\n")
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory, machines):
    folder = tmp_path_factory.mktemp("series-run") / "run"
    output = ran("recipe", "run", "time-series", *SETS, "--data", machines, "--out", folder)
    assert "The report is in" in output
    told = " ".join(output.split())
    assert "channels: pressure, flow; label in 'class'; time in 'time'; which series in 'unit'" in told
    assert "5 series of fewer than 16 steps were left out" in told
    return folder


def opened(text, folder, **settings):
    from series.series_data import SeriesData, open_series

    path = folder / "series.csv"
    path.write_text(text)
    return open_series(SeriesData(**{"length": 8, **settings}), path, lambda *at: None)


def read(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_it_is_there_by_name_once_it_is_installed():
    assert modality_of("series").name == "series"
    assert "time-series is valid" in ran("recipe", "validate", "time-series")


@pytest.mark.kernels
def test_it_keeps_the_contracts_of_a_modality(tmp_path):
    """Also a resume to the same bits, and two processes as one."""
    from series.series import SERIES
    from series.series_data import SeriesData, drawn

    data = SeriesData(length=16, drawn=100)
    data = replace(data, channels=drawn(data)[0])
    check_modality(SERIES, (3, 16), tmp_path, {"convolution": {"width": 4, "latent_size": 4}}, 4, data)


# ---- the drawn series ----


def test_the_drawn_temperature_follows_the_load():
    from series.drawn import CHANNELS, LAG, SHAPES, draw_series

    values, shapes = draw_series(400, 48, 0)
    assert values.shape == (400, len(CHANNELS), 48)
    assert np.bincount(shapes).tolist() == [100] * len(SHAPES)
    load, temperature = values[:, 0], values[:, 1]
    lagged = [
        np.mean(
            [
                np.corrcoef(one[: 48 - lag], other[lag:])[0, 1]
                for one, other in zip(load, temperature, strict=True)
            ]
        )
        for lag in (0, LAG + 1, 12)
    ]
    assert lagged[1] > 0.97
    assert lagged[1] > max(lagged[0], lagged[2]) + 0.02
    assert (load[shapes == 0, -4:].mean(1) > load[shapes == 0, :4].mean(1)).mean() > 0.95


# ---- files ----


def test_series_are_cut_into_windows(tmp_path):
    lines = [f"{unit},{step},{unit}.{step % 10}\n" for unit in range(12) for step in range(20)]
    splits = opened("id,t,x\n" + "".join(lines), tmp_path)
    every = [*splits.train.recordings, *splits.held_out.recordings]
    assert len(every) == 24  # two of 8 steps of each, the rest of 4 is left
    units = [{int(one.values.min()) for one in side.recordings} for side in (splits.train, splits.held_out)]
    assert units[0].isdisjoint(units[1])  # both windows of a series lie on one side
    overlapping = opened("id,t,x\n" + "".join(lines), tmp_path, stride=4)
    assert len(overlapping.train) + len(overlapping.held_out) == 48


def test_one_long_recording_is_cut_where_its_label_changes(tmp_path):
    text = "x,class\n" + "".join(f"{row * row % 97},{'ab'[row // 20 % 2]}\n" for row in range(400))
    splits = opened(text, tmp_path)
    assert len(splits.train) + len(splits.held_out) == 40
    assert splits.train.labels == ("a", "b")
    assert any("share steps" in note for note in opened(text, tmp_path, stride=2).notes)


def test_scaling_gives_back_what_was_written(tmp_path):
    from series.series_data import unscaled

    lines = [
        f"{unit},{(7 * unit + step * step) % 50 / 4},{1000 + step}\n"
        for unit in range(12)
        for step in range(8)
    ]
    splits = opened("id,x,y\n" + "".join(lines), tmp_path)
    assert np.abs(splits.train.samples).max() <= 1
    written = np.stack([one.values for one in splits.train.recordings])
    assert (unscaled(splits.train.samples, splits.data.channels) == written).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,x\n" + "1,1\n" * 7 + "1,\n", r"channel 'x' lacks a number in row 8; fill the gaps"),
        ("id,x,when\n" + "1,1,2020-01-01\n" * 8, r"column 'when' holds something else than numbers"),
        ("id,x,class\n" + "1,1,a\n" * 7 + "1,1,b\n", r"series '1' has several labels"),
        ("id,x\n" + "1,1\n" * 7, r"has no series of 8 steps; the longest has 7"),
        ("id,class\n" + "1,a\n" * 8, r"has no column of numbers beside series, time and label"),
    ],
)
def test_what_cannot_be_learnt_is_one_sentence(text, message, tmp_path):
    with pytest.raises(DataError, match=message):
        opened(text, tmp_path)


# ---- features ----


def test_autocorrelation_of_a_wave_turns_with_its_period():
    from series.series_features import autocorrelation, correlation

    wave = np.sin(2 * np.pi * np.arange(64) / 16)[None]
    own = autocorrelation(wave)[0]
    assert own[0] == pytest.approx(1)
    assert own[8] == pytest.approx(-(64 - 8) / 64, abs=0.01)
    assert own[16] == pytest.approx((64 - 16) / 64, abs=0.01)
    assert (autocorrelation(np.full((1, 16), 3.0)) == 0).all()
    assert correlation(wave, np.roll(wave, 4, 1), 4)[0] == pytest.approx(1)
    assert correlation(wave, np.zeros_like(wave), 0)[0] == 0


def test_the_condition_and_the_noise_of_each_step_are_heard():
    from series.series_networks import ConvolutionSettings, build

    torch.manual_seed(0)
    generator = build(ConvolutionSettings(width=4, latent_size=3), (2, 16), (2,))["generator"].eval()
    latent = generator.latent(2, torch.Generator().manual_seed(0))
    assert latent.shape == (2, 3 + 2 * 16)
    other, label = latent.clone(), torch.eye(2)
    other[:, -1] += 3  # of the last step alone
    with torch.no_grad():
        change = (generator(latent, label) - generator(other, label)).abs().amax((0, 1))
    assert change[-1] > 0
    assert (change[:11] == 0).all()


# ---- a run ----


def test_a_run_leaves_one_file_of_the_same_form(run, machines):
    given, made = read(machines), read(run / "samples" / "samples.csv")
    assert list(made[0]) == list(given[0])
    assert [row["unit"] for row in made] == [str(unit) for unit in range(1, 21) for _ in range(16)]
    assert [row["time"] for row in made[:16]] == [str(step) for step in range(16)]
    assert {row["class"] for row in made} == {"up", "down"}
    assert all(row["flow"].lstrip("-").isdecimal() for row in made)
    assert all(len(row["pressure"].partition(".")[2]) == 1 for row in made)
    pressures = [float(row["pressure"]) for row in given]
    assert all(min(pressures) <= float(row["pressure"]) <= max(pressures) for row in made)
    assert (run / "previews" / "000000320.png").is_file()


def test_a_run_is_measured_and_shown_channel_by_channel(run):
    figures = json.loads((run / "report.json").read_text())["figures"]
    of = {(figure["subject"], figure["name"]): figure for figure in figures}
    for subject in ("generated", "held-out real"):
        assert {name for whose, name in of if whose == subject} >= OWN
    assert of["held-out real", "train here, test on real"]["value"] > 0.95
    page = (run / "report.html").read_text()
    assert page.count("<figcaption><b>") == 6  # two channels: numbers, changes, autocorrelation


def test_series_from_anywhere_are_measured(run, machines, tmp_path):
    ran("sample", run, "--n", 60, "--seed", 3, "--out", tmp_path / "x.csv")
    (tmp_path / "real.csv").write_text(
        "".join(machines.read_text().splitlines(True)[: 1 + 145 * 16])
    )  # the whole ones
    asked = "evaluate", "--modality", "series", "--real", tmp_path / "real.csv", "--fake"
    ran(*asked, tmp_path / "x.csv", "--out", tmp_path / "report")
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert {figure["name"] for figure in report["figures"]} >= OWN
    (tmp_path / "odd.csv").write_text(
        "unit,pressure,class\n" + "".join(f"{u},1.{u % 7},up\n" * 16 for u in range(40))
    )
    refused = invoke(*asked, tmp_path / "odd.csv", "--out", tmp_path / "r")
    assert refused.exit_code == 1
    assert "has no column 'flow'" in refused.output.splitlines()[-1]
