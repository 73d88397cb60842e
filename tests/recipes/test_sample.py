"""Sampling a run: same seed, same files; truncation; and what is said about runs that cannot be sampled."""

import csv
import json
import re
import shutil

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from multigan.checkpoint import checkpoint_folders, load, read_meta, save
from multigan.errors import CheckpointError, ConfigError
from multigan.runs import read_run
from multigan.sampling import condition_for, generate, latents, load_generator
from recipes.cli import main
from tests.worlds import ring

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def trained(finished):
    return load_generator(finished.folder, CPU)


def sample(run, out, *more):
    return CliRunner().invoke(main, ["sample", str(run), "--device", "cpu", "--out", str(out), *more])


def sampled(run, out, *more):
    """The files that ``multigan sample`` writes: name -> bytes."""
    result = sample(run, out, *more)
    assert result.exit_code == 0, result.output
    return {path.name: path.read_bytes() for path in out.iterdir() if path.name != ".multigan.json"}


def only_line(result):
    """The one line of an error, and nothing beside it."""
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("Error: ")
    return line


# ---- files ----


def test_the_same_seed_gives_the_same_files(finished, tmp_path):
    more = ("--n", "3", "--emotion", "joy", "--emotion", "fear", "--intensity", "0.8", "--truncation", "0.7")
    first = sampled(finished.folder, tmp_path / "a", "--seed", "7", *more)
    assert first == sampled(finished.folder, tmp_path / "b", "--seed", "7", *more)
    other = sampled(finished.folder, tmp_path / "c", "--seed", "8", *more)
    assert not set(first.values()) & set(other.values())


def test_files_are_pictures_with_their_labels_beside_them(finished, tmp_path):
    more = ("--n", "2", "--emotion", "anger", "--intensity", "0.25", "--seed", "7", "--truncation", "0.5")
    files = sampled(finished.folder, tmp_path / "out", *more)
    rows = list(csv.DictReader(files.pop("labels.csv").decode().splitlines()))
    names = [f"anger-intensity=0.25-truncation=0.5-7-0000{index}.png" for index in (0, 1)]
    assert [row["file"] for row in rows] == sorted(files) == names
    asked = {"emotion": "anger", "intensity": "0.25", "seed": "7", "truncation": "0.5"}
    assert rows == [{"file": name, "index": str(i), **asked} for i, name in enumerate(names)]
    for name in files:
        with Image.open(tmp_path / "out" / name) as picture:
            assert (picture.size, picture.mode, picture.format) == ((16, 16), "RGB", "PNG")


def test_a_run_that_was_sent_leads_nowhere_else(run_copy, tmp_path):
    """Links in it, whose labels might be lines for a shell, change no file outside."""
    precious, elsewhere = tmp_path / "precious", tmp_path / "elsewhere"
    precious.write_text("mine")
    elsewhere.mkdir()
    words = ["sample", str(run_copy), "--n", "1", "--emotion", "joy", "--device", "cpu"]
    folder = run_copy / "samples-0"
    for name in ("labels.csv", "joy-0-00000.png", ".multigan.json"):
        folder.mkdir()
        (folder / name).symlink_to(precious)
        result = CliRunner().invoke(main, words)
        if name != ".multigan.json":  # that one is replaced, as a link
            assert f"{folder / name} is a symbolic link (to {precious})" in only_line(result)
        assert precious.read_text() == "mine"
        shutil.rmtree(folder)
    folder.symlink_to(elsewhere)
    assert f"{folder} is a symbolic link (to {elsewhere})" in only_line(CliRunner().invoke(main, words))
    assert list(elsewhere.iterdir()) == []


def test_which_checkpoint_is_best_is_not_guessed(run_copy, tmp_path):
    bad = load_generator(run_copy, CPU).checkpoint
    (bad / "state.json").write_text("{}")
    line = only_line(sample(run_copy, tmp_path / "out"))
    assert f"The checkpoint {bad} is damaged: its state.json is not what was written; remove it" in line


def test_without_an_emotion_every_one_of_the_run_is_drawn(run_copy):
    result = CliRunner().invoke(main, ["sample", str(run_copy), "--n", "1", "--seed", "3", "--device", "cpu"])
    assert result.exit_code == 0, result.output
    folder = run_copy / "samples-3"
    assert f"Wrote 8 samples and labels.csv to {folder}" in result.output
    with (folder / "labels.csv").open() as file:
        assert [row["emotion"] for row in csv.DictReader(file)] == list(read_run(run_copy)["labels"])


@pytest.mark.kernels
def test_the_samples_of_a_run_can_be_drawn_again(finished, tmp_path):
    """``sample`` with the recipe's numbers gives the files that the run itself ended with."""
    again = sampled(finished.folder, tmp_path / "out", "--n", "2", "--truncation", "0.8")
    kept = [path for path in (finished.folder / "samples").iterdir() if path.name != ".multigan.json"]
    assert again == {path.name: path.read_bytes() for path in kept}


@pytest.mark.kernels
def test_samples_are_of_the_checkpoint_with_the_best_figure(run_copy):
    """Of each in turn: other figures are recorded in the place of its own."""
    folders = checkpoint_folders(run_copy / "checkpoints")
    states = [load(folder) for folder in folders]
    assert len(folders) > 1
    for best in range(len(folders)):
        for place, (folder, state) in enumerate(zip(folders, states, strict=True)):
            save(folder, state, meta=read_meta(folder) | {"figure": 1.0 + abs(place - best)})
        trained = load_generator(run_copy, CPU)
        assert trained.checkpoint == folders[best]
        averaged = states[best]["parts"]["hooks.ema_generator"]
        for name, tensor in trained.network.state_dict().items():
            assert torch.equal(tensor, averaged[name]), name


# ---- flags ----


def test_help_groups_the_flags_of_each_modality():
    text = CliRunner().invoke(main, ["sample", "--help"]).output
    sections = dict(re.findall(r"^([A-Z][\w ]+):\n(.*?)(?=^\w|\Z)", text, re.MULTILINE | re.DOTALL))
    flags = {
        heading: re.findall(r"^  (?:-h, )?(--[\w-]+)", body, re.MULTILINE)
        for heading, body in sections.items()
    }
    assert flags == {
        "Options": [
            *(
                "--n",
                "--emotion",
                "--valence",
                "--arousal",
                "--intensity",
                "--seed",
                "--variation",
                "--only",
                "--set",
                "--input",
                "--out",
                "--device",
                "--plugin",
                "--help",
            ),
        ],
        "Images and sounds": ["--truncation", "--direction", "--style-mix"],
        "Sounds": ["--duration", "--loop", "--normalise", "--format"],
        "Texts": ["--temperature", "--top-p", "--filter"],
        "Videos": ["--video-format"],
    }


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            ("--top-p", "0.9"),
            "--top-p is of texts, and this run makes samples of the modality 'image': leave it out.",
        ),
        (
            ("--temperature", "0.9", "--filter", "none", "--loop"),
            "--loop is of sounds, and this run makes samples of the modality 'image': leave it out.",
        ),
        (
            ("--temperature", "0.9", "--filter", "none"),
            "--temperature and --filter are of texts, and this run makes samples of the modality 'image': leave them out.",
        ),
    ],
)
def test_flags_of_another_modality_are_refused(finished, tmp_path, flags, message):
    assert only_line(sample(finished.folder, tmp_path / "out", *flags)) == f"Error: {message}"
    assert not (tmp_path / "out").exists()


def test_settings_may_be_given_by_their_names(finished, tmp_path):
    more = ("--n", "1", "--emotion", "joy")
    first = sampled(finished.folder, tmp_path / "a", *more, "--truncation", "0.5")
    assert first == sampled(finished.folder, tmp_path / "b", *more, "--set", "truncation=0.5")
    line = only_line(sample(finished.folder, tmp_path / "c", "--set", "truncatoin=0.5"))
    assert "multigan sample: There is no setting named 'truncatoin'. Did you mean 'truncation'?" in line
    line = only_line(sample(finished.folder, tmp_path / "c", "--truncation", "-0.5"))
    assert line == "Error: multigan sample: truncation is at least 0, found -0.5."


def test_a_flag_that_asks_for_nothing_is_no_mistake(finished, tmp_path):
    plain = sampled(finished.folder, tmp_path / "a", "--n", "1", "--emotion", "joy")
    assert plain == sampled(finished.folder, tmp_path / "b", "--n", "1", "--emotion", "joy", "--top-p", "1")


# ---- latents ----


def test_latents_are_functions_of_seed_and_index_alone(trained):
    torch.manual_seed(0)
    four = latents(trained.network, 5, range(4))
    torch.manual_seed(1)
    assert torch.equal(latents(trained.network, 5, range(64))[:4], four)
    assert torch.equal(latents(trained.network, 5, [3, 1]), four[[3, 1]])
    assert not (latents(trained.network, 6, range(4)) == four).any()
    assert len({tuple(row.tolist()) for row in four}) == 4


@pytest.mark.kernels
def test_the_first_samples_of_many_are_those_of_few(finished, tmp_path):
    few = sampled(finished.folder, tmp_path / "few", "--n", "2", "--emotion", "calm")
    sampled(finished.folder, tmp_path / "many", "--n", "40", "--emotion", "calm")
    for name in few.keys() - {"labels.csv"}:
        a, b = (np.asarray(Image.open(tmp_path / part / name)).astype(int) for part in ("few", "many"))
        assert abs(a - b).max() <= 1  # a batch of another size may round in another way


def test_latents_are_standard_normal(trained):
    values = latents(trained.network, 0, range(400))
    assert abs(values.mean()) < 0.02
    assert abs(values.std() - 1) < 0.02


# ---- truncation and conditions ----


def faces(trained, label, truncation, seed=0, n=3):
    given = condition_for(trained.facts.labels, label, 1.0).expand(n, -1)
    return generate(trained.network, latents(trained.network, seed, range(n)), given, truncation)


@pytest.mark.kernels
def test_truncation_0_is_the_mean_face_of_each_emotion(trained):
    joy, fear = faces(trained, "joy", 0.0), faces(trained, "fear", 0.0)
    torch.testing.assert_close(joy, joy[:1].expand_as(joy))  # whatever the latent
    torch.testing.assert_close(joy, faces(trained, "joy", 0.0, seed=9))
    assert not torch.allclose(joy, fear, atol=1e-3)
    network, condition = trained.network, condition_for(trained.facts.labels, "joy", 1.0)
    latent = network.latent(512, torch.Generator().manual_seed(0))
    mean = network.synthesis(network.mapping(latent, condition.expand(512, -1)).mean(0, keepdim=True))
    torch.testing.assert_close(joy[:1], mean)


@pytest.mark.kernels
def test_truncation_1_is_the_generator_itself_and_between_lies_between(trained):
    latent = latents(trained.network, 0, range(3))
    given = condition_for(trained.facts.labels, "joy", 1.0).expand(3, -1)
    torch.testing.assert_close(faces(trained, "joy", 1.0), trained.network(latent, given))

    def spread(truncation):
        return faces(trained, "joy", truncation, n=16).std(0).mean()

    assert spread(0.0) < 1e-5 < spread(0.5) < spread(1.0)


def test_each_row_of_a_mixed_batch_has_its_own_mean(trained):
    labels = trained.facts.labels
    given = torch.stack([condition_for(labels, label, 1.0) for label in ("joy", "fear", "joy")])
    mixed = generate(trained.network, latents(trained.network, 0, range(3)), given, 0.0)
    torch.testing.assert_close(mixed[0], faces(trained, "joy", 0.0)[0])
    torch.testing.assert_close(mixed[1], faces(trained, "fear", 0.0)[0])
    torch.testing.assert_close(mixed[2], mixed[0])


def test_truncation_needs_styles():
    generator, _ = ring.build(ring.PerceptronSettings(), (2,), ()).values()
    generator.eval()
    with pytest.raises(
        ConfigError, match=r"needs a generator with mapping .* Generator has none: use truncation 1"
    ):
        generate(generator, generator.latent(2), None, 0.5)
    assert generate(generator, generator.latent(2), None).shape == (2, 2)


def test_a_condition_is_a_one_hot_times_the_intensity():
    assert condition_for(("joy", "fear"), "fear", 0.5).tolist() == [0.0, 0.5]
    with pytest.raises(ConfigError, match=r"Intensity is between 0 and 1; found 1.5\."):
        condition_for(("joy", "fear"), "fear", 1.5)
    with pytest.raises(
        ConfigError, match=r"trained without labels, so it cannot make 'joy'; leave out --emotion"
    ):
        condition_for((), "joy", 1.0)


def test_a_mix_is_asked_for_by_its_weights(finished, tmp_path):
    files = sampled(
        finished.folder,
        tmp_path,
        "--n=1",
        "--emotion",
        "surprise:3,joy:7",
        "--emotion",
        "joy:0.7,surprise:0.3",
    )
    assert files.keys() == {"joy-70%+surprise-30%-0-00000.png", "labels.csv"}
    (row,) = csv.DictReader(files["labels.csv"].decode().splitlines())
    assert (row["emotion"], row["intensity"], row["seed"]) == ("joy:0.7,surprise:0.3", "1.0", "0")


def test_a_point_of_the_plane_is_a_mix(finished, tmp_path):
    result = sample(finished.folder, tmp_path, "--n", "1", "--valence", "0.72", "--arousal", "0.01")
    assert result.output.splitlines()[0] == "Valence 0.72 and arousal 0.01: joy:0.5,calm:0.5."
    assert (tmp_path / "joy-50%+calm-50%-0-00000.png").is_file()


# ---- errors ----


def test_an_unknown_emotion_is_named_with_what_was_meant(finished, tmp_path):
    line = only_line(sample(finished.folder, tmp_path / "out", "--emotion", "jy"))
    assert "There is no emotion in this run named 'jy'. Did you mean 'joy'? Known: anger, calm" in line
    assert not (tmp_path / "out").exists()
    line = only_line(sample(finished.folder, tmp_path / "out", "--emotion", "joy:1,fer:1"))
    assert "There is no emotion in this run named 'fer'. Did you mean 'fear'?" in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("option", "value"), [("--intensity", "1.5"), ("--intensity", "-0.1"), ("--n", "0")])
def test_a_number_out_of_range_says_the_range(finished, tmp_path, option, value):
    result = sample(finished.folder, tmp_path / "out", option, value)
    assert result.exit_code == 2  # click's own way with options: usage, then the error
    assert result.output.splitlines()[-1].startswith(f"Error: Invalid value for '{option}': ")
    assert "range" in result.output


def test_a_folder_that_is_not_a_run_is_one_sentence(tmp_path):
    line = only_line(sample(tmp_path, tmp_path / "out"))
    assert line == (
        f"Error: {tmp_path} is not a run folder: it has no run.json. "
        "Give the folder that `multigan recipe run` wrote to."
    )


def test_a_run_without_a_checkpoint_is_one_sentence(run_copy, tmp_path):
    shutil.rmtree(run_copy / "checkpoints")
    line = only_line(sample(run_copy, tmp_path / "out"))
    assert f"There is no checkpoint in {run_copy / 'checkpoints'}" in line


@pytest.mark.parametrize("content", ["", "[]", "{", '{"modality": "image"}'])
def test_a_damaged_description_is_one_sentence(run_copy, tmp_path, content):
    (run_copy / "run.json").write_text(content)
    assert str(run_copy / "run.json") in only_line(sample(run_copy, tmp_path / "out"))


def test_a_damaged_checkpoint_is_named_with_the_good_one_beside_it(run_copy, tmp_path):
    bad = load_generator(run_copy, CPU).checkpoint
    tensors = bad / "tensors.safetensors"
    content = bytearray(tensors.read_bytes())
    content[-1] ^= 1
    tensors.write_bytes(content)
    line = only_line(sample(run_copy, tmp_path / "out"))
    assert f"The checkpoint {bad} is damaged" in line
    newest = max(path for path in (run_copy / "checkpoints").iterdir() if path != bad)
    assert f"resume from {newest}, which is good" in line


def test_a_checkpoint_of_another_architecture_is_refused(run_copy):
    content = json.loads((run_copy / "run.json").read_text())
    content["architecture"]["style_size"] //= 2
    (run_copy / "run.json").write_text(json.dumps(content))
    with pytest.raises(CheckpointError, match=r"does not fit the architecture in run\.json"):
        load_generator(run_copy, CPU)


def test_an_out_that_cannot_be_written_is_one_sentence(finished, tmp_path):
    (tmp_path / "file").write_text("in the way")
    line = only_line(sample(finished.folder, tmp_path / "file" / "out", "--n", "1", "--emotion", "joy"))
    assert line.startswith(f"Error: Cannot write samples to {tmp_path / 'file' / 'out'}: ")
