"""``multigan sample --reject``: what is drawn again, that seeds mean the same, and what is refused."""

import csv
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from multigan.checkpoint import latest, load, read_meta, save
from multigan.errors import ConfigError
from multigan.sampling import Chosen, conditions_for, draw_samples, generate, latents, load_generator
from recipes import rejection
from recipes.kinds import kind_of_modality
from recipes.label_reader import LabelReader
from recipes.rejection import Rejection, rejecting
from recipes.settings import sampling_options
from tests.worlds.commands import error_of, ran
from tests.worlds.untrained import untrained

CPU = ("--device", "cpu")


@pytest.fixture(scope="module")
def trained(finished):
    return load_generator(finished.folder, torch.device("cpu"))


def options_of(trained, **more):
    return sampling_options(trained.modality, more, "test")


def images(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.png")}


def only_even(samples, conditions, numbers):
    """Accepts a candidate for which the number that is drawn for it is in the upper half."""
    return numbers >= 0.5


def test_the_first_candidate_that_is_accepted_has_the_place(trained):
    chooser = Rejection(trained, only_even)
    conditions = conditions_for(trained, "joy", [1.0] * 6)
    rows, which = chooser(conditions, 5, range(6), options_of(trained))
    assert [*rows] == [*range(6)]
    attempts = []
    for row in range(6):
        numbers = [rejection._number(5, row + k * 10**9) for k in range(20)]
        attempts.append(next(k for k in range(20) if numbers[k] >= 0.5))
    assert [*which] == [row + k * 10**9 for row, k in zip(range(6), attempts, strict=True)]
    assert vars(chooser.tally) == {"places": 6, "tried": sum(attempts) + 6, "accepted": 6}


def test_a_sample_does_not_depend_on_how_many_are_asked_for(trained):
    few, many = (
        Rejection(trained, only_even)(
            conditions_for(trained, "joy", [1.0] * n), 0, range(n), options_of(trained)
        )
        for n in (3, 70)
    )
    assert [*few.latents] == [*many.latents][:3]


def test_samples_by_their_numbers_are_those_of_the_whole(trained):
    chooser = Rejection(trained, only_even)
    whole = chooser(conditions_for(trained, "joy", [1.0] * 6), 5, range(6), options_of(trained))
    some = chooser(conditions_for(trained, "joy", [1.0] * 2), 5, (4, 1), options_of(trained))
    assert [*some.rows] == [0, 1]
    assert [*some.latents] == [whole.latents[4], whole.latents[1]]


def test_places_stay_empty_where_nothing_is_accepted_in_time(trained, monkeypatch):
    monkeypatch.setattr(rejection, "ATTEMPTS", 3)
    never = {0: True}

    def accepts(samples, conditions, numbers):
        never[0] = not never[0]
        return np.asarray([not never[0] and row < 2 for row in range(len(samples))])

    chooser = Rejection(trained, accepts)
    rows, _ = chooser(conditions_for(trained, "joy", [1.0] * 64), 0, range(64), options_of(trained))
    assert len(rows) < 64
    assert f"{64 - len(rows)} of 64 places stay empty after 3 candidates each." in chooser.tally.sentence()
    with pytest.raises(ConfigError, match=r"None of 192 candidates of joy is accepted"):
        Rejection(trained, lambda samples, conditions, numbers: numbers < 0)(
            conditions_for(trained, "joy", [1.0] * 64), 0, range(64), options_of(trained)
        )


@pytest.fixture(scope="module")
def reader(finished, trained):
    return LabelReader(kind_of_modality(trained.modality), finished.folder, trained, None)


@pytest.fixture(scope="module")
def legible(trained, reader):
    """The label of which the tiny run makes most that is read as it."""

    def n_right(label):
        conditions = conditions_for(trained, label, [1.0] * 16)
        samples = generate(trained.network, latents(trained.network, 1, range(16)), conditions)
        return reader.read(trained.modality.media(samples, trained.data)).count(label)

    return max(trained.facts.labels, key=n_right)


@pytest.mark.kernels
def test_what_is_rejected_by_its_label_is_read_as_it_afterwards(finished, trained, reader, legible, tmp_path):
    told = ran(
        "sample",
        finished.folder,
        "--reject",
        "label",
        "--n",
        3,
        "--emotion",
        legible,
        *CPU,
        "--out",
        tmp_path,
    )
    assert "Accepted 3 of " in told
    with open(tmp_path / "labels.csv", newline="") as table:
        rows = list(csv.DictReader(table))
    assert [row["file"] for row in rows] == [f"{legible}-reject=label-0-0000{i}.png" for i in range(3)]
    assert {row["reject"] for row in rows} == {"label"}
    chosen = options_of(trained, reject="label")
    accepting, _ = rejecting(trained, finished.folder, chosen)
    drawn = draw_samples(accepting, conditions_for(trained, legible, [1.0] * 3), 0, 3, chosen)
    assert reader.read(trained.modality.media(drawn.tensor, trained.data)) == [legible] * 3


@pytest.fixture
def lenient(monkeypatch):
    """Most samples pass, whatever the tiny run's discriminator has learnt."""
    monkeypatch.setattr(rejection, "GAMMA_PERCENTILE", 20.0)


@pytest.mark.kernels
def test_the_discriminator_rejects_and_seeds_mean_the_same(finished, lenient, tmp_path):
    words = ("sample", finished.folder, "--reject", "discriminator", "--emotion", "calm", *CPU)
    for name, n in (("a", 3), ("b", 3), ("c", 5)):
        told = ran(*words, "--n", n, "--out", tmp_path / name)
        assert f"Accepted {n} of " in told
    first, again, more = (images(tmp_path / name) for name in "abc")
    assert first == again == {name: more[name] for name in first}


@pytest.mark.kernels
def test_what_is_accepted_is_a_candidate_of_the_seed(finished, trained, lenient):
    chosen = options_of(trained, reject="discriminator")
    accepting, _ = rejecting(trained, finished.folder, chosen)
    conditions = conditions_for(trained, "calm", [1.0] * 2)
    drawn = draw_samples(accepting, conditions, 0, 2, chosen)
    _, which = accepting.choose(conditions, 0, range(2), chosen)
    assert torch.equal(
        drawn.tensor, generate(trained.network, latents(trained.network, 0, which), conditions)
    )


def test_sounds_have_the_latents_that_are_chosen(tmp_path):
    plain = load_generator(untrained("audio", tmp_path / "run"), torch.device("cpu"))
    chosen = replace(plain, choose=lambda conditions, seed, n, options: Chosen([1], [7]))
    drawn = options_of(plain, per_label=2, reject="label")
    (path,) = chosen.sampling.write(chosen, drawn, ["joy"], 0, tmp_path / "a").paths
    assert path.name == "joy-reject=label-0-00001.wav"
    plain.sampling.write(plain, options_of(plain, per_label=8), ["joy"], 0, tmp_path / "b")
    assert path.read_bytes() == (tmp_path / "b" / "joy-0-00007.wav").read_bytes()


# ---- what is refused ----


def test_a_run_without_a_discriminator_says_so(run_copy, tmp_path):
    folder = latest(run_copy / "checkpoints")
    state, meta = load(folder), read_meta(folder)
    del state["parts"]["networks.discriminator"]
    shutil.rmtree(run_copy / "checkpoints")
    save(folder, state, meta=meta)
    words = ("sample", run_copy, "--reject", "discriminator", *CPU, "--out", tmp_path / "x")
    assert "holds no discriminator" in error_of(*words)


def test_no_label_can_be_read_at_intensity_0(finished, tmp_path):
    words = ("sample", finished.folder, "--reject", "label", "--intensity", 0, *CPU, "--out", tmp_path / "x")
    assert "At intensity 0 a sample has no label" in error_of(*words)


def test_a_recipe_that_rejects_is_refused():
    words = ("recipe", "run", "emotive-images", "--dry-run", "--set", "sampling.reject=label")
    assert "is decided of a trained run" in error_of(*words)


def test_options_that_reject_are_not_passed_over(trained):
    with pytest.raises(ConfigError, match="is not decided here"):
        draw_samples(
            trained, conditions_for(trained, "joy", [1.0]), 0, 1, options_of(trained, reject="label")
        )
