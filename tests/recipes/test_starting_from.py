"""Training that begins from trained networks: what it begins with, what stays frozen, and the same bits when resumed."""

import shutil

import pytest
import torch

from multigan.audio.modality import AUDIO
from multigan.checkpoint import load, save
from multigan.errors import CheckpointError
from multigan.image.importing import read_file
from multigan.modality import build_networks
from multigan.runs import RunFacts
from recipes.starting_from import begin_from, read_start, refuse_other_labels
from tests.worlds.commands import error_of, invoke, ran
from tests.worlds.official_files import write_official_files
from tests.worlds.pictures import fill
from tests.worlds.runs import arguments
from tests.worlds.untrained import untrained

SHORT = {
    "training__samples": 64, "training__checkpoint_every": 32, "training__preview_every": 64, "evaluation__n": 0,
    "evaluation__validation": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def official(tmp_path_factory):
    return write_official_files(tmp_path_factory.mktemp("official"))


def words(**settings):
    """A short run, whose architecture is that of the start."""
    return [word for word in arguments(**{**SHORT, **settings}) if "architecture." not in word]


def stopped(*command):
    """The last line of a command that has begun to speak before it ends with an error."""
    result = invoke(*command)
    assert result.exit_code == 1, result.output
    return result.output.splitlines()[-1]


def same(one, other):
    """Whether two nested states have the same bits."""
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def trained(folder, start, *more, **settings):
    """The states of the networks at the end of a short run that begins from ``start``."""
    ran(*words(**settings), "--out", folder, "--start-from", start, *more)
    return load(folder / "checkpoints" / "000000064")["parts"]


@pytest.mark.kernels
def test_a_run_begins_from_another_and_frozen_layers_stay(finished, tmp_path):
    start = read_start(finished.folder)
    parts = trained(tmp_path / "run", finished.folder, training__freeze_d=2)
    before, after = start.weights["discriminator"], parts["networks.discriminator"]
    frozen = {name for name in before if name.startswith(("from_image.", "blocks.0."))}
    assert len(frozen) >= 6
    kept = {name for name in before if torch.equal(before[name], after[name])}
    assert frozen <= kept
    assert not any(name.startswith(("blocks.1.", "last.", "features.", "head.logit.weight")) for name in kept)
    generator = parts["networks.generator"]["blocks.1.refine.weight"]
    distance = float(
        (generator - start.weights["generator"]["blocks.1.refine.weight"]).norm() / generator.norm()
    )
    assert 0 < distance < 0.5  # trained on, and not anew: fresh weights are as far as sqrt(2)


@pytest.mark.kernels
def test_a_resumed_run_has_the_same_bits(finished, tmp_path):
    trained(tmp_path / "whole", finished.folder, training__freeze_d=1)
    shutil.copytree(tmp_path / "whole", tmp_path / "cut")
    shutil.rmtree(tmp_path / "cut" / "checkpoints" / "000000064")
    ran("recipe", "run", "emotive-images", "--out", tmp_path / "cut", "--resume")
    whole, cut = (load(tmp_path / name / "checkpoints" / "000000064") for name in ("whole", "cut"))
    compared = [part for part in whole["parts"] if part != "hooks.metrics"]  # which has seconds
    assert len(compared) >= 6
    assert [part for part in compared if not same(whole["parts"][part], cut["parts"][part])] == []


@pytest.mark.kernels
def test_an_official_file_is_trained_on_with_ones_own_pictures(official, tmp_path):
    fill(tmp_path / "mine", "abc", 16)
    parts = trained(
        tmp_path / "run", official / "labels.pkl", "--data", tmp_path / "mine", training__freeze_d=1
    )
    before = read_file(official / "labels.pkl")
    assert torch.equal(
        parts["networks.discriminator"]["from_image.weight"], before.discriminator["from_image.weight"]
    )
    own = parts["networks.generator"]["blocks.1.refine.weight"]
    begun = before.weights["blocks.1.refine.weight"]
    assert 0 < float((own - begun).norm() / begun.norm()) < 0.5
    facts = RunFacts.read(tmp_path / "run")
    assert facts.labels == ("a", "b", "c")
    assert facts.architecture["discriminator"] == "skip"
    assert facts.architecture["discriminator_head"] == "mapping"
    ran("sample", tmp_path / "run", "--emotion", "b", "--n", 1, "--out", tmp_path / "made")


@pytest.mark.kernels
def test_one_without_labels_takes_pictures_without_labels(official, tmp_path):
    fill(tmp_path / "mine", "ab", 20)
    more = ("--data", tmp_path / "mine", "--set", "data.label=none")
    parts = trained(tmp_path / "run", official / "plain.pkl", *more)
    assert parts["networks.discriminator"].keys() == read_file(official / "plain.pkl").discriminator.keys()
    told = stopped(*words(), "--start-from", official / "plain.pkl", "--out", tmp_path / "x")
    assert "has no labels, and the data have joy" in told
    assert told.endswith("leave those of the data out with --set data.label=none.")


def test_the_imported_run_is_the_file(official, tmp_path):
    ran("import", "stylegan", official / "residual.pkl", "--out", tmp_path / "run")
    file, run = read_start(official / "residual.pkl"), read_start(tmp_path / "run")
    assert file.facts.architecture == run.facts.architecture
    for name, weights in file.weights.items():
        assert all(torch.equal(tensor, run.weights[name][key]) for key, tensor in weights.items())


def test_classes_without_names_take_those_of_the_data(official):
    start = read_start(official / "labels.pkl")
    note = refuse_other_labels(start, ("joy", "calm", "awe"), (3, 16, 16))
    assert note.endswith("in their order: 0 is joy, 1 is calm, 2 is awe.")


def test_what_does_not_fit_is_said(finished, official, tmp_path):
    plain, out = words()[:4], ("--out", tmp_path / "run")
    start = ("--start-from", finished.folder)
    assert "leave out --start-from" in error_of("recipe", "run", "emotive-images", "--resume", *start)
    told = error_of(*plain, *start, *out, "--set", "architecture.channel_max=8")
    assert "--start-from brings the architecture of the networks" in told
    told = error_of(*plain, "--start-from", official / "labels.pkl", *out, "--set", "data.resolution=32")
    assert "makes pictures of 16 pixels, and data.resolution is set to 32" in told
    bare = untrained("image", tmp_path / "bare")
    assert "has no discriminator to train on with (it came without one)" in error_of(
        *plain, "--start-from", bare
    )
    sounds = untrained("audio", tmp_path / "sounds")
    told = error_of("recipe", "run", "emotive-images", "--start-from", sounds)
    assert "no discriminator" in told
    assert not (tmp_path / "run").exists()


def test_more_frozen_layers_than_there_are_is_said(finished, tmp_path):
    start = ("--start-from", finished.folder, "--out", tmp_path / "run")
    told = stopped(*words(training__freeze_d=9), *start)
    assert (
        "training.freeze_d is 9, and of the discriminator of half-wavelet-stylegan2 it can be at most" in told
    )


def test_weights_of_other_networks_are_refused(finished):
    start = read_start(finished.folder)
    with pytest.raises(Exception, match="lacks the network 'critic'"):
        begin_from(start, {"critic": torch.nn.Linear(1, 1)})


@pytest.mark.parametrize("damage", [5, None, [1], {"one": 2}, "text"], ids=str)
def test_a_checkpoint_whose_networks_are_none_is_refused_in_a_sentence(tmp_path, damage):
    run = untrained("audio", tmp_path / "run")
    facts = RunFacts.read(run)
    parts = {"hooks.ema_generator": damage, "networks.discriminator": damage}
    save(
        run / "checkpoints" / "000000001",
        {"parts": parts},
        meta={"samples": 1, "figure": None, "better": "lower"},
    )
    networks = build_networks(AUDIO, facts.architecture, facts.sample_shape, facts.condition_shape)
    with pytest.raises(
        CheckpointError, match=r"holds no networks to begin from|does not fit its architecture"
    ):
        begin_from(read_start(run), networks)
