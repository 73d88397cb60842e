"""``multigan weights fetch``, from a server in this process: what is fetched, gone on with, refused, and said."""

import errno
import hashlib
import stat
from collections import namedtuple
from dataclasses import replace

import numpy as np
import pytest

from evaluation.kinds import KINDS
from evaluation.kinds.image import IMAGE
from multigan.pretrained.weights import Package, WeightFile
from recipes import fetching
from tests.worlds.commands import holder, invoke, ran
from tests.worlds.server import serving

CONTENT = np.random.default_rng(0).bytes(300_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()
OTHER = bytes(len(CONTENT))


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def site():
    with serving(files={"/lone.pth": CONTENT}) as site:
        yield site


@pytest.fixture
def lone(site, monkeypatch):
    """Make ``lone``, a network of one file, known to the command."""

    def known(*files, **changes):
        file = WeightFile("weights", "lone.pth", DIGEST, len(CONTENT), f"{site.address}/lone.pth", "MIT")
        record = replace(IMAGE.record("inception"), name="lone", weights=files or (replace(file, **changes),))
        monkeypatch.setitem(KINDS._table, "image", replace(IMAGE, extractors=(record,)))

    known()
    return known


@pytest.fixture
def weights(cache_folder):
    return cache_folder / "weights"


def refused(*words):
    result = invoke("weights", "fetch", *words)
    assert result.exit_code == 1, result.output
    (line,) = result.output.splitlines()
    return line


def names(folder):
    return {path.name for path in folder.iterdir()} - {".lock"}


# ---- what is fetched ----


def test_a_file_is_fetched_for_its_owner_alone_and_then_found(site, lone, weights):
    output = ran("weights", "fetch", "lone")
    assert output == f"{weights / 'lone.pth'} (300.0 kB) is there, intact.\n"
    assert (weights / "lone.pth").read_bytes() == CONTENT
    assert stat.S_IMODE((weights / "lone.pth").stat().st_mode) == 0o600
    assert names(weights) == {"lone.pth"}
    assert invoke("weights", "lone").exit_code == 0
    assert ran("weights", "fetch", "lone") == output
    assert site.requests == [("/lone.pth", None)]  # once


def test_files_of_a_repository_come_from_its_commit_into_a_folder_of_their_own(
    site, lone, tmp_path, monkeypatch
):
    monkeypatch.setenv("HF_ENDPOINT", f"{site.address}/")
    commit = "a" * 40
    files = [
        WeightFile(name, name, hashlib.sha256(text).hexdigest(), len(text), "people/net", "MIT", commit)
        for name, text in (("config.json", b"{}"), ("model.safetensors", CONTENT))
    ]
    lone(*files)
    site.files |= {f"/people/net/resolve/{commit}/{name}": text
                   for name, text in (("config.json", b"{}"), ("model.safetensors", CONTENT))}  # fmt: skip
    ran("weights", "fetch", "lone", "--weights", tmp_path / "new" / "folder")
    assert names(tmp_path / "new" / "folder") == {"config.json", "model.safetensors"}
    assert invoke("weights", "lone", "--weights", tmp_path / "new" / "folder").exit_code == 0


def test_the_proxy_of_the_environment_is_asked(site, lone, weights, monkeypatch):
    lone(fetch="http://weights.example/lone.pth")
    site.files["http://weights.example/lone.pth"] = CONTENT
    monkeypatch.setenv("http_proxy", site.address)
    ran("weights", "fetch", "lone")
    assert (weights / "lone.pth").read_bytes() == CONTENT


def test_a_file_whose_hash_is_not_known_is_fetched_anew_and_called_unchecked(site, lone, weights):
    lone(sha256=None, size_bytes=None)
    site.cut_after = 100_000
    assert "the connection ended at 100.0 kB of 300.0 kB" in refused("lone")
    site.cut_after = None
    assert f"not checked, as its publisher's SHA-256 is not known: {DIGEST}" in ran(
        "weights", "fetch", "lone"
    )
    assert [wanted for _, wanted in site.requests] == [None, None]
    assert (weights / "lone.pth").read_bytes() == CONTENT


# ---- going on ----


@pytest.mark.parametrize("ranges", [True, False])
def test_what_was_cut_off_goes_on_or_begins_anew_as_the_server_can(site, lone, weights, ranges):
    site.cut_after, site.ranges = 100_000, ranges
    line = refused("lone")
    assert line.startswith(f"Error: {site.address}/lone.pth cannot be reached: ")
    assert line.endswith("Give the command again: it goes on where it stopped.")
    assert names(weights) == {".lone.pth.partial"}
    site.cut_after = None
    ran("weights", "fetch", "lone")
    assert (weights / "lone.pth").read_bytes() == CONTENT
    assert names(weights) == {"lone.pth"}
    assert site.requests[1] == ("/lone.pth", "bytes=100000-")


@pytest.mark.parametrize("left", [CONTENT, CONTENT + b"more", OTHER[:7]], ids=["whole", "longer", "other"])
def test_whatever_was_left_there_the_file_is_right_or_refused(site, lone, weights, left):
    weights.mkdir(parents=True)
    (weights / ".lone.pth.partial").write_bytes(left)
    first = invoke("weights", "fetch", "lone")
    assert (first.exit_code == 0) == (left != OTHER[:7])
    ran("weights", "fetch", "lone")
    assert (weights / "lone.pth").read_bytes() == CONTENT


# ---- what is refused ----


def test_a_wrong_file_is_not_kept(site, lone, weights):
    site.files["/lone.pth"] = OTHER
    line = refused("lone")
    assert hashlib.sha256(OTHER).hexdigest() in line
    assert DIGEST in line
    assert names(weights) == set()


def test_a_persons_own_file_of_that_name_stays(site, lone, tmp_path):
    (tmp_path / "lone.pth").write_bytes(b"mine")
    assert refused("lone", "--weights", tmp_path).endswith(f"{DIGEST}. Move it away and fetch it again.")
    assert (tmp_path / "lone.pth").read_bytes() == b"mine"
    assert "is a file; --weights names the folder" in refused("lone", "--weights", tmp_path / "lone.pth")
    assert site.requests == []


def test_what_the_server_lacks_is_said(site, lone, weights):
    site.files.clear()
    assert "the server answers 404 Not Found. Give the command again later" in refused("lone")


def test_no_network_is_said(lone, weights):
    with serving() as gone:
        pass
    lone(fetch=f"{gone.address}/lone.pth")
    assert "cannot be reached: [Errno" in refused("lone")
    lone(fetch="http://bad host/lone.pth")
    assert "cannot be reached: " in refused("lone")


def test_no_room_is_said_before_and_while_it_is_written(site, lone, weights, monkeypatch):
    usage = namedtuple("usage", "free")
    with monkeypatch.context() as patch:
        patch.setattr(fetching.shutil, "disk_usage", lambda _: usage(10))
        assert f"There is no room for lone.pth in {weights}: it takes 300.0 kB more" in refused("lone")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fetching.os, "fsync", full)
    assert "No space left on device. Free some room, and give the command again." in refused("lone")


def test_what_only_a_package_holds_is_named(lone, weights):
    lone(fetch="", package=Package("lone-files", "lone_files", "models"))
    assert refused("lone") == "Error: lone.pth is published in a package alone: run `pip install lone-files`."


def test_one_process_at_a_time_fetches_into_a_folder(lone, tmp_path):
    process = holder(tmp_path)
    try:
        assert "is at work in" in (line := refused("lone", "--weights", tmp_path))
        assert line.endswith("or choose another --weights.")
    finally:
        process.communicate(b"\n")


def test_names_are_asked_for_and_known(weights):
    assert invoke("weights", "fetch").exit_code == 2
    assert "Did you mean 'inception'?" in refused("inceptoin")
    assert ran("weights", "fetch", "random-conv-v1") == "random-conv-v1 needs no files.\n"
