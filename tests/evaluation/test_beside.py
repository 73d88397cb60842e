"""Pretrained features that nobody asked for: measured beside the default ones where their files are there."""

import hashlib
from dataclasses import replace

import pytest

from evaluation.extractors.random_features import RandomFeatures
from evaluation.figures import GENERATED
from evaluation.kinds import all_kinds
from evaluation.kinds.image import IMAGE
from evaluation.pipeline import evaluate
from multigan.pretrained.weights import WeightFile
from tests.worlds.kinds import with_records
from tests.worlds.pictures import noise

CONTENT = b"weights"
NAME = "efficientnet-lite0"
REAL, FAKE = noise(60, 0), noise(30, 1)
LINE = f"Features of {NAME} were not measured. {NAME} "


class Small(RandomFeatures):
    """Stands in for the network, whose images are large: it has other features, and loads from a file."""

    name = NAME

    def forward(self, prepared):
        return super().forward(prepared)[:, :16] ** 2


@pytest.fixture
def kind():
    digest = hashlib.sha256(CONTENT).hexdigest()
    file = replace(IMAGE.record(NAME).weights[0], filename="lite0.pth", sha256=digest)

    def load(device, files):
        assert files["weights"].read_bytes() == CONTENT
        return Small(device)

    return with_records(IMAGE, replace(IMAGE.record(NAME), weights=(file,), load=load))


@pytest.fixture
def standing(tmp_path, monkeypatch):
    folder = tmp_path / "standing"
    folder.mkdir()
    monkeypatch.setenv("MULTIGAN_WEIGHTS", str(folder))
    return folder


def figures(report):
    return {figure.name: figure.value for figure in report.figures if figure.subject == GENERATED}


def test_figures_in_pretrained_features_stand_beside_the_default_ones_where_their_files_are(kind, standing):
    plain = evaluate(REAL, FAKE, modality=kind)
    (line,) = [warning for warning in plain.warnings if NAME in warning]
    assert line.startswith(f"{LINE}needs weights that are not there: lite0.pth")
    assert not any(NAME in name for name in figures(plain))

    (standing / "lite0.pth").write_bytes(CONTENT)
    both = evaluate(REAL, FAKE, modality=kind)
    assert not any(LINE in warning for warning in both.warnings)
    assert figures(both).items() > figures(plain).items()
    more = {name.removesuffix(f"[{NAME}]") for name in figures(both).keys() - figures(plain).keys()}
    assert more == {name.partition("[")[0] for name in figures(plain) if "[random-conv-v1]" in name} - {
        "authenticity",
        "copies",
        "nearest distance ratio",
    }  # which look through the default ones alone
    assert set(both.provenance["extractors"]) == {*plain.provenance["extractors"], NAME}


def test_what_is_named_is_measured_and_nothing_else(kind, standing):
    (standing / "lite0.pth").write_bytes(CONTENT)
    for named in ({"metrics": "KD"}, {"features": "random-conv-v1", "metrics": "KD"}):
        report = evaluate(REAL, FAKE, modality=kind, **named)
        assert set(figures(report)) == {"KD[random-conv-v1]"}
    (standing / "lite0.pth").unlink()
    assert not any(NAME in warning for warning in evaluate(REAL, FAKE, modality=kind, metrics="KD").warnings)


def test_a_damaged_file_is_named_and_the_rest_is_measured(kind, standing):
    (standing / "lite0.pth").write_bytes(b"something else")
    report = evaluate(REAL, FAKE, modality=kind)
    assert "FD[random-conv-v1]" in figures(report)
    (line,) = [warning for warning in report.warnings if LINE.split(".")[0] in warning]
    assert f"{standing / 'lite0.pth'} is not lite0.pth of {NAME}" in line


def test_a_place_with_weights_of_another_network_does_not_hide_the_standing_ones(kind, standing, tmp_path):
    (standing / "lite0.pth").write_bytes(CONTENT)
    (tmp_path / "alexnet.pth").write_bytes(b"of lpips")
    for place in (tmp_path / "alexnet.pth", tmp_path):
        assert f"KD[{NAME}]" in figures(evaluate(REAL, FAKE, modality=kind, weights=place))
    (standing / "lite0.pth").rename(tmp_path / "lite0.pth")
    assert f"KD[{NAME}]" in figures(evaluate(REAL, FAKE, modality=kind, weights=tmp_path))


def test_what_is_measured_unasked_is_small_and_its_hash_is_known():
    records = [record for kind in all_kinds() for record in kind.extractors if record.beside]
    assert {record.name for record in records} >= {NAME, "sentence"}
    for file in (file for record in records for file in record.weights):
        assert isinstance(file, WeightFile)
        assert file.sha256
        assert file.size_bytes
        assert file.size_bytes < 100e6
