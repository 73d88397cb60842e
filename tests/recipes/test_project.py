"""``multigan project`` and ``multigan sample --projected``: what is kept of a file, what changes it, and what is refused."""

import csv
import json
import shutil

import numpy as np
import pytest
import safetensors.numpy
import torch
from PIL import Image

from multigan.modality import build_networks, modality_of
from multigan.projections import label_means, read_projection, rendered
from multigan.sampling import condition_for, load_generator
from tests.worlds.commands import error_of, ran
from tests.worlds.untrained import untrained

CPU = ("--device", "cpu")


@pytest.fixture(scope="module")
def run(finished, tmp_path_factory, quick_classifier):
    """A copy of the tiny run, a person's picture, and what the command said of it."""
    folder = tmp_path_factory.mktemp("project")
    copy = shutil.copytree(finished.folder, folder / "run")
    picture = folder / "me.png"
    Image.open(next((copy / "samples").glob("joy-*-00000.png"))).resize((40, 40)).save(picture)
    told = ran("project", copy, picture, "--emotion", "joy", "--space", "w", "--steps", 40, *CPU)
    return copy, picture, told


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def test_a_picture_becomes_styles_a_reconstruction_and_a_strip(run):
    folder, picture, told = run
    out = folder / "projected"
    names = {path.name for path in out.iterdir()} - {".multigan.json"}
    assert names == {"me.safetensors", "me.json", "me-reconstruction.png", "me-strip.png"}
    assert "Wrote 1 projection to " in told
    facts = json.loads((out / "me.json").read_text())
    assert (facts["label"], facts["space"]) == ("joy", "w")
    styles = safetensors.numpy.load_file(out / "me.safetensors")["styles"]
    assert (styles == styles[:, :1]).all()
    # one row: the original, its reconstruction, and each of eight emotions
    strip = pixels(out / "me-strip.png")
    assert strip.shape[1] > 9 * strip.shape[0] / 1.2
    # the distance that is told is that of the files, but for rounding to 8 bits
    original = pixels_of_size(picture, 16)
    apart = np.sqrt((((pixels(out / "me-reconstruction.png") - original) / 127.5) ** 2).mean())
    assert facts["distance"]["values"] == pytest.approx(apart, abs=0.01)
    assert facts["distance"]["values"] < facts["nearest_training_sample"]["values"]


def pixels_of_size(path, side):
    from multigan.reading.image import decode

    return decode(path, side, "pad", "white").astype(int)


def test_again_it_has_the_same_bits(run, tmp_path):
    folder, picture, _ = run
    ran(
        "project",
        folder,
        picture,
        "--emotion",
        "joy",
        "--space",
        "w",
        "--steps",
        40,
        "--out",
        tmp_path / "a",
        *CPU,
    )
    for name in ("me.safetensors", "me.json", "me-strip.png"):
        assert (tmp_path / "a" / name).read_bytes() == (folder / "projected" / name).read_bytes()


def test_the_emotion_is_read_where_nobody_says_it(run, tmp_path):
    folder, picture, _ = run
    ran("project", folder, picture, picture, "--steps", 3, "--out", tmp_path / "a", *CPU)
    facts = [json.loads((tmp_path / "a" / name).read_text()) for name in ("me.json", "me-2.json")]
    trained = load_generator(folder, torch.device("cpu"))
    assert facts[0]["label"] == facts[1]["label"] in trained.facts.labels
    styles = safetensors.numpy.load_file(tmp_path / "a" / "me.safetensors")["styles"]
    assert not (styles == styles[:, :1]).all()


def test_another_emotion_moves_styles_as_far_as_its_mean_lies(run):
    folder = run[0]
    trained = load_generator(folder, torch.device("cpu"))
    kept = read_projection(folder / "projected" / "me.safetensors", trained)
    own, sad = (
        condition_for(trained.facts.labels, *one) for one in (("joy", kept.intensity), ("sadness", 0.5))
    )
    means = label_means(trained.network, torch.stack([own, sad]))
    expected = trained.network.synthesis(kept.inverted.styles + (means[1] - means[0]))
    assert torch.allclose(rendered(trained, kept, "sadness", 0.5), expected, atol=1e-5)
    # its own label at its own intensity is where it is
    still = rendered(trained, kept)
    assert torch.allclose(rendered(trained, kept, "joy", kept.intensity), still, atol=1e-5)
    # wholly truncated nothing is left of it but the label
    gone = trained.network.synthesis(means[1].expand_as(kept.inverted.styles))
    assert torch.allclose(rendered(trained, kept, "sadness", 0.5, truncation=0), gone, atol=1e-5)


def test_dials_change_it_and_files_say_so(run, tmp_path):
    folder = run[0]
    ran("directions", folder, "--components", 1, "--n", 8, *CPU)
    me = ("--projected", folder / "projected" / "me.safetensors", *CPU, "--out", tmp_path)
    ran("sample", folder, *me)
    ran("sample", folder, *me, "--emotion", "calm", "--intensity", 0.5)
    ran("sample", folder, *me, "--direction", "sefa-1:2")
    ran("sample", folder, *me, "--intensity", 0.25)
    names = {path.name for path in tmp_path.glob("*.png")}
    moved = "me-joy-direction=sefa-1%3A2.png"
    assert names == {"me-joy.png", "me-calm-intensity=0.5.png", moved, "me-joy-intensity=0.25.png"}
    assert (pixels(tmp_path / "me-joy.png") == pixels(folder / "projected" / "me-reconstruction.png")).all()
    assert len({(tmp_path / name).read_bytes() for name in names}) == 4
    with open(tmp_path / "labels.csv", newline="") as table:
        rows = {row["file"]: row for row in csv.DictReader(table)}
    assert {*rows} == names
    assert rows["me-calm-intensity=0.5.png"]["emotion"] == "calm"
    assert {row["projected"] for row in rows.values()} == {"me"}


# ---- what is refused ----


def test_files_that_cannot_be_projected_are_named(run, tmp_path):
    folder = run[0]
    (tmp_path / "notes.png").write_text("no picture")
    assert "notes.png cannot be projected as one of the images" in error_of(
        "project", folder, tmp_path / "notes.png", *CPU
    )
    assert "There is no file " in error_of("project", folder, tmp_path / "none.png", *CPU)
    assert "'bliss'" in error_of("project", folder, run[1], "--emotion", "bliss", *CPU)
    assert "'joy:1,calm:1' is a mix" in error_of("project", folder, run[1], "--emotion", "joy:1,calm:1", *CPU)


def test_a_run_without_styles_is_refused(tmp_path):
    sounds = untrained("audio", tmp_path / "run")
    line = error_of("project", sounds, tmp_path / "x.wav", *CPU)
    assert "need a generator with styles" in line


def test_a_projection_of_other_weights_or_damaged_is_refused(run, tmp_path):
    folder = run[0]
    copy = shutil.copytree(folder / "projected", tmp_path / "copy")
    facts = copy / "me.json"
    text = facts.read_text()
    facts.write_text(text.replace('"generator": "', '"generator": "0'))
    words = ("sample", folder, "--projected", copy / "me.safetensors", *CPU, "--out", tmp_path / "x")
    assert "is of other weights than the generator of this run has now" in error_of(*words)
    facts.write_text(text.replace('"label": "joy"', '"label": "bliss"'))
    assert "does not fit the generator of this run" in error_of(*words)
    (copy / "me.safetensors").write_bytes(b"nothing")
    assert "cannot be read as a projected sample" in error_of(*words)
    facts.unlink()
    (copy / "me.safetensors").unlink()
    assert "give NAME.safetensors of `multigan project`" in error_of(*words)
    assert not (tmp_path / "x").exists()


def test_what_is_of_fresh_samples_is_refused_beside_it(run, tmp_path):
    me = (
        "sample",
        run[0],
        "--projected",
        run[0] / "projected" / "me.safetensors",
        *CPU,
        "--out",
        tmp_path / "x",
    )
    assert "--n says which fresh samples are drawn" in error_of(*me, "--n", 3)
    assert "--reject is of fresh samples" in error_of(*me, "--reject", "label")


# ---- sounds ----


def test_two_of_one_name_do_not_replace_each_other(run, tmp_path):
    for ending in (".safetensors", ".json"):
        shutil.copy(run[0] / "projected" / f"me{ending}", tmp_path / f"Me{ending}")
    both = ("--projected", tmp_path / "Me", "--projected", run[0] / "projected" / "me")
    assert "Two of the projected samples are called me" in error_of(
        "sample", run[0], *both, *CPU, "--out", tmp_path / "out"
    )
    assert not (tmp_path / "out").exists()


def test_a_sound_is_projected_in_the_representation_that_the_generator_writes(tmp_path):
    from multigan.checkpoint import save
    from multigan.config import to_dict
    from multigan.modality import data_settings_of
    from multigan.runs import RunFacts

    modality, folder = modality_of("audio"), tmp_path / "run"
    raw = {"sample_rate_hz": 8000, "n_samples": 4096, "drawn": 24, "drawn_held_out": 8}
    raw |= {"loudness_lufs": None, "trim_db": None}  # as drawn sounds are
    own = {"name": "spectral", "channel_base": 64, "channel_max": 8, "style_size": 8, "latent_size": 8}
    own |= {"components": 16, "griffin_lim": 2}
    data = data_settings_of(modality, raw, "test")
    torch.manual_seed(0)
    generator = build_networks(modality, own, (1, 4096), ())["generator"]
    train = modality.open_data(data, None, lambda *told: None).train
    generator.representation.fit(train.batch(range(24)).real)
    folder.mkdir()
    RunFacts("audio", own, (), (1, 4096), to_dict(data)).save(folder, data=None)
    state = {"parts": {"hooks.ema_generator": generator.state_dict()}}
    save(folder / "checkpoints" / "000000000", state, meta={"samples": 0, "figure": None, "better": "lower"})
    modality.write_samples(train.batch([3]).real, [tmp_path / "mine.wav"], data)
    ran("project", folder, tmp_path / "mine.wav", "--steps", 30, *CPU)
    out = folder / "projected"
    facts = json.loads((out / "mine.json").read_text())
    # the sound is a training sample
    assert facts["nearest_training_sample"]["values"] < 0.01 < facts["distance"]["values"]
    assert (out / "mine-reconstruction.wav").is_file()
    ran("sample", folder, "--projected", out / "mine.safetensors", "--out", tmp_path / "x", *CPU)
    assert (tmp_path / "x" / "mine-sample.wav").read_bytes() == (out / "mine-reconstruction.wav").read_bytes()
    line = error_of("sample", folder, "--projected", out / "mine.safetensors", "--duration", 3, *CPU)
    assert "--duration is of fresh samples" in line
    line = error_of("sample", folder, "--projected", out / "mine.safetensors", "--format", "flac", *CPU)
    assert "--format is of fresh samples" in line
