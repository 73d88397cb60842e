"""Official generators against what they make by themselves, and what a file does not get."""

import numpy as np
import pytest
import torch

from multigan.errors import ConfigError, DataError
from multigan.image.importing import read_file, run_of
from multigan.image.modality import IMAGE
from multigan.image.official import read_networks
from multigan.modality import build_networks
from multigan.sampling import generate, load_generator
from tests.worlds.commands import invoke, ran
from tests.worlds.official_files import write_official_files
from tests.worlds.official_stylegan2 import CASES


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_official_files(tmp_path_factory.mktemp("official"))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("truncation", [1.0, 0.5])
def test_samples_are_those_of_the_official_network(files, tmp_path, name, truncation):
    run_of(files / f"{name}.pkl", None, tmp_path / "run")
    trained = load_generator(tmp_path / "run", torch.device("cpu"))
    made = np.load(files / f"{name}.npz")
    expected = torch.from_numpy(made[f"at_{truncation}"])
    condition = torch.eye(3, dtype=torch.float64)[torch.arange(5) % 3] if trained.facts.labels else None
    samples = generate(trained.network.double(), torch.from_numpy(made["z"]), condition, truncation)
    assert float((samples - expected).abs().max()) < 1e-6
    assert float(expected.abs().max()) > 0.4


@pytest.mark.parametrize("name", CASES)
def test_logits_are_those_of_the_official_discriminator(files, name):
    official = read_file(files / f"{name}.pkl")
    shape = (official.n_labels,) if official.n_labels else ()
    critic = build_networks(IMAGE, official.architecture, official.shape, shape)["discriminator"]
    assert official.discriminator is not None
    missing, unexpected = critic.load_state_dict(official.discriminator, strict=False)
    assert all(key.startswith("head.classes.") for key in missing)
    assert unexpected == []
    made = np.load(files / f"{name}.npz")
    condition = torch.eye(3, dtype=torch.float64)[torch.arange(12) % 3] if shape else None
    logits = critic.double()(torch.from_numpy(made["images"]), condition).detach()
    assert float((logits - torch.from_numpy(made["logits"])).abs().max()) < 1e-6
    assert float(logits.std()) > 1e-3


def test_the_command_makes_a_run_that_is_sampled(files, tmp_path):
    words = (
        "import",
        "stylegan",
        files / "labels.pkl",
        "--labels",
        "joy, sadness,calm",
        "--out",
        tmp_path / "run",
    )
    assert "of 3 classes at 16x16 pixels" in ran(*words)
    ran(
        "sample",
        tmp_path / "run",
        "--emotion",
        "calm",
        "--n",
        2,
        "--truncation",
        0.7,
        "--out",
        tmp_path / "x",
    )
    assert len(list((tmp_path / "x").glob("calm-*.png"))) == 2
    again = invoke(*words)
    assert again.exit_code == 1
    assert "is there already, and nothing is replaced" in again.output


def test_labels_fit_the_classes(files, tmp_path):
    with pytest.raises(ConfigError, match="has 3 classes, and --labels names 2"):
        run_of(files / "labels.pkl", ("joy", "calm"), tmp_path / "run")
    with pytest.raises(ConfigError, match="there twice"):
        run_of(files / "labels.pkl", ("joy", "joy", "calm"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_stylegan3_is_refused(files):
    with pytest.raises(DataError, match=r"StyleGAN3 generator .* only cfg stylegan2 is read"):
        read_networks((files / "third.pkl").read_bytes(), "third.pkl")


def test_a_damaged_file_is_refused_in_a_sentence(files):
    content = (files / "labels.pkl").read_bytes()
    for end in range(0, len(content) - 1, 997):
        with pytest.raises(DataError):
            read_networks(content[:end], "cut.pkl")


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "no.pkl"
    path.write_text("no pickle")
    with pytest.raises(DataError, match=r"cannot be read as a pickle|is refused"):
        run_of(path, None, tmp_path / "run")
    with pytest.raises(DataError, match="cannot be read"):
        run_of(tmp_path / "missing.pkl", None, tmp_path / "run")
