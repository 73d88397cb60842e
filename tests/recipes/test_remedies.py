"""What an error says that can be done is done, as it says it, and then it works."""

import re
import stat

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from PIL import Image

from multigan.errors import MultiganError
from multigan.reading import audio
from multigan.reading import image as images
from multigan.reading.budget import Budget
from multigan.text.safety import read_lexicon
from multigan.text.vocabulary import Codec
from recipes.cli import main


def run(*arguments, **environment):
    result = CliRunner(env={"COLUMNS": "300", **environment}).invoke(main, list(arguments))
    return result.exit_code, result.output


def test_a_path_that_is_empty(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, output = run("recipe", "copy", "emotive-images", "")
    assert (code, "write . for the working folder" in output) == (2, True)
    code, output = run("recipe", "copy", "emotive-images", ".")
    assert code == 0, output


def test_home_is_what_a_tilde_means_after_an_equals_sign_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home").mkdir()
    code, output = run("weights", "--weights=~/nothing", HOME=str(tmp_path / "home"))
    assert code == 2
    assert re.sub(r"\s|│", "", str(tmp_path / "home/nothing")) in re.sub(r"\s|│", "", output)
    assert not (tmp_path / "~").exists()


def test_no_home_folder(tmp_path, monkeypatch):
    for name in (
        "HOME",
        "MULTIGAN_CACHE",
        "XDG_CACHE_HOME",
        "HF_HOME",
        "HF_HUB_CACHE",
        "TORCH_HOME",
        "MULTIGAN_WEIGHTS",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # what it gives where there is none
    from multigan.reading.files import cache_root

    with pytest.raises(MultiganError, match="set the environment variable HOME, or MULTIGAN_CACHE"):
        cache_root()
    monkeypatch.setenv("MULTIGAN_CACHE", str(tmp_path))
    assert cache_root() == tmp_path


def test_a_picture_over_the_budget_is_made_smaller(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "DECODING", Budget(12 * 100))
    picture = Image.new("RGB", (20, 20))
    picture.save(tmp_path / "a.png")
    with pytest.raises(MultiganError, match="make it smaller"):
        images.read_image(tmp_path / "a.png")
    picture.resize((10, 10)).save(tmp_path / "a.png")
    assert images.read_image(tmp_path / "a.png").shape == (10, 10, 3)


def test_a_sound_over_the_budget_is_cut_into_clips(tmp_path, monkeypatch):
    monkeypatch.setattr(audio, "DECODING", Budget(12 * 48_000))
    waveform = np.full(96_000, 0.1, np.float32)
    soundfile.write(tmp_path / "a.wav", waveform, 48_000)
    with pytest.raises(MultiganError, match="cut it into clips"):
        audio.read_clip(tmp_path / "a.wav")
    soundfile.write(tmp_path / "b.wav", waveform[:48_000], 48_000)
    assert len(audio.read_clip(tmp_path / "b.wav").waveform) == 48_000


def test_a_repeat_inside_a_repeat_is_taken_out(tmp_path, monkeypatch):
    from multigan.text import safety

    monkeypatch.setattr(safety, "_TRIAL_S", 1e-9)  # so that every trial takes too long
    path = tmp_path / "a.txt"
    path.write_text("[x]\n(\\w+ ?)+!\n")
    with pytest.raises(
        MultiganError, match=r"line 2: .* never ends on some texts.*write it without the inner one"
    ):
        read_lexicon(path, "a")
    monkeypatch.undo()
    path.write_text("[x]\n\\w+ you\n")
    assert read_lexicon(path, "a").flagged("hate you") == ("x",)


def test_a_tokenizer_without_a_token_for_unknown_words(tmp_path):
    import json

    from multigan.text.settings import TextData

    content = json.loads(Codec.learnt(["some words"], TextData(vocabulary_size=8)).json)
    content["model"]["unk_token"] = "gone"
    with pytest.raises(
        MultiganError, match=r"no token for unknown words.*or leave data\.tokenizer out"
    ) as caught:
        Codec.from_json(json.dumps(content)).encode(["other"])
    assert "\n" not in str(caught.value)
    assert Codec.learnt(["some words"], TextData(vocabulary_size=8)).encode(["other"]) == [[1]]


def test_too_many_samples_of_a_label_are_lowered_to_what_is_said():
    sets = (
        "--set=data.resolution=16",
        "--set=architecture.channel_base=128",
        "--set=architecture.channel_max=16",
    )
    code, output = run(
        "recipe", "run", "emotive-images", *sets, "--dry-run", "--set=sampling.per_label=100000000000"
    )
    assert code == 1, output
    most = re.search(r"at most ([\d,]+) of these", output)
    assert most, output
    from multigan.sampling import refuse_too_many

    refuse_too_many((3, 16, 16), int(most[1].replace(",", "")))


def test_a_dry_run_looks_at_the_data(tmp_path):
    code, output = run("recipe", "run", "emotive-images", "--dry-run", "--data", str(tmp_path / "none"))
    assert code == 1
    assert "There is no folder" in output
    code, output = run("recipe", "run", "emotive-audio", "--dry-run", "--data", str(tmp_path))
    assert code == 1
    assert "No audio file in" in output


def test_names_of_others_do_not_reach_the_terminal_as_commands(tmp_path):
    for what in ("\x1b[2Jx", "a\nError: b", "\u202eb"):
        code, output = run("recipe", "show", what)
        assert code == 1
        assert not {"\x1b", "\u202e"} & set(output)
        assert output.count("\n") == 1
    code, output = run("evaluate", "--modality", "\x1b[2J")
    assert code == 2
    assert "\x1b" not in output


def test_the_working_folder_is_gone(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    code, output = run("recipe", "list")
    assert code == 1
    assert output.startswith("Error: The working folder is gone")
    monkeypatch.chdir(tmp_path)
    assert run("recipe", "list")[0] == 0


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried")]
)
def test_too_little_memory_is_said_in_a_sentence(monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr("recipes.catalogue.names", fail)
    code, output = run("recipe", "list")
    assert code == 1
    assert output.startswith("Error: There is not enough memory for this. Ask for less")


def test_what_is_cached_is_for_its_owner_alone(tmp_path, monkeypatch):
    from multigan.image.data import ImageData, open_images

    monkeypatch.setenv("MULTIGAN_CACHE", str(tmp_path / "new" / "cache"))
    folder = tmp_path / "data"
    folder.mkdir()
    for number in range(4):
        Image.new("RGB", (8, 8), (number * 40, 0, 0)).save(folder / f"{number}.png")
    open_images(ImageData(resolution=16), folder, lambda *_: None)
    paths = [tmp_path / "new", *(tmp_path / "new").rglob("*")]
    modes = {path.relative_to(tmp_path): stat.S_IMODE(path.stat().st_mode) for path in paths}
    assert len(modes) > 4
    assert modes == {name: 0o700 if (tmp_path / name).is_dir() else 0o600 for name in modes}


def test_a_label_too_long_for_a_file_or_no_text_is_met_before_training(tmp_path):
    from multigan.sampling import file_stem
    from multigan.sampling_settings import SamplingSettings
    from recipes.measure import refuse_unwritable_labels

    def file_stem_of(label):
        return file_stem([label], label, SamplingSettings())

    long = ["é" * 127 + "a", "é" * 127 + "b"]  # 255 bytes, as long as a folder's name may be
    names = [f"{file_stem_of(label)}-{2**63 - 1}-99999.png" for label in long]
    assert len({*names}) == 2
    for name in names:
        (tmp_path / name).touch()
    assert file_stem_of("=1+1") == "%3D1+1"
    refuse_unwritable_labels(long)
    with pytest.raises(MultiganError, match=r"it is not UTF-8: byte 0xFF.*Rename its folder"):
        refuse_unwritable_labels(["joy", "\udcff"])


def test_a_log_that_was_cut_short_is_read_as_far_as_it_goes(tmp_path):
    from recipes.measure import curves_of

    lines = [
        '{"samples": 10, "loss": 1.5}',
        "[]",
        '{"loss": 2}',
        "\x00",
        '{"samples": 20, "loss": 0.5}',
        '{"samples": 30, "lo',
    ]
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines))
    assert curves_of(tmp_path) == {"loss": ((10.0, 1.5), (20.0, 0.5))}
