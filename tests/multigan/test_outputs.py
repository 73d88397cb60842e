"""What multigan wrote it replaces; a person's own, what was changed since, and what leads elsewhere it never does."""

import errno
import json
import os

import pytest

from multigan import outputs
from multigan.errors import ConfigError
from multigan.outputs import MANIFEST, clear, publishing


def publish(folder, by="", merges=(), **files):
    with publishing(folder, by=by) as stage:
        for name, text in files.items():
            (stage.folder / name).write_text(text)
        stage.merges |= dict(merges)


def content(folder):
    return {path.name: path.read_text() for path in folder.iterdir() if path.name != MANIFEST}


def test_own_files_are_replaced_and_others_stay(tmp_path):
    publish(tmp_path / "o", a="1", b="2")
    (tmp_path / "o" / "mine").write_text("mine")
    publish(tmp_path / "o", a="3", c="4")
    assert content(tmp_path / "o") == {"a": "3", "b": "2", "c": "4", "mine": "mine"}


@pytest.mark.parametrize("case", ["not written", "changed", "a link", "a folder"])
def test_a_file_that_is_somebodys_own_is_refused_and_nothing_is_written(tmp_path, case):
    folder = tmp_path / "o"
    publish(folder, other="1", **({"a": "ours"} if case == "changed" else {}))
    if case == "a link":
        (tmp_path / "precious").write_text("mine")
        (folder / "a").symlink_to(tmp_path / "precious")
    elif case == "a folder":
        (folder / "a").mkdir()
    else:
        (folder / "a").write_text("mine")
    reason = (
        "a symbolic link"
        if case == "a link"
        else "not as multigan wrote it, so that it is not replaced; choose another"
    )
    with pytest.raises(ConfigError, match=rf"o/a is {reason}"):
        publish(folder, a="2", other="2")
    assert (folder / "other").read_text() == "1"
    if case != "a folder":
        assert (folder / "a").read_text() == "mine"
    assert not [path for path in folder.iterdir() if path.name.endswith(".partial")]


def test_files_of_another_generator_are_not_replaced(tmp_path):
    publish(tmp_path, by="one", a="1")
    publish(tmp_path, by="one", a="2")
    with pytest.raises(
        ConfigError, match=r"a is of another run or checkpoint, and is not replaced; choose another --out"
    ):
        publish(tmp_path, by="another", a="3")
    assert content(tmp_path) == {"a": "2"}


def test_a_manifest_that_came_with_a_folder_allows_no_way_out_of_it(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("mine")
    folder = tmp_path / "sent"
    publish(folder, a="1")
    facts = json.loads((folder / MANIFEST).read_text())
    facts["files"] |= {
        "../outside": facts["files"]["a"],
        "a": facts["files"]["a"] | {"sha256": [outputs._digest(outside)]},
    }
    (folder / MANIFEST).write_text(json.dumps(facts))
    (folder / "a").unlink()
    (folder / "a").symlink_to(outside)
    with pytest.raises(ConfigError):
        publish(folder, a="2")
    clear(folder)
    assert outside.read_text() == "mine"


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"files": 3}', '{"files": {"a": 3}}', "\x00"])
def test_a_damaged_manifest_makes_every_file_somebodys_own(tmp_path, manifest):
    publish(tmp_path, a="1")
    (tmp_path / MANIFEST).write_text(manifest)
    with pytest.raises(ConfigError, match="not as multigan wrote it"):
        publish(tmp_path, a="2")
    assert content(tmp_path) == {"a": "1"}


@pytest.mark.parametrize("n_moved", [0, 1])
def test_a_kill_between_the_files_leaves_them_multigans(tmp_path, monkeypatch, n_moved):
    publish(tmp_path, a="1", b="1")
    replace, moved = os.replace, []

    def killed(source, target):
        if os.path.basename(target) in ("a", "b"):
            if len(moved) == n_moved:
                raise KeyboardInterrupt
            moved.append(target)
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            publish(tmp_path, a="2", b="2")
    assert content(tmp_path) == {"a": "2" if n_moved else "1", "b": "1"}
    publish(tmp_path, a="3", b="3")
    assert content(tmp_path) == {"a": "3", "b": "3"}


def test_what_stops_the_work_leaves_the_folder_as_it_was(tmp_path):
    def cut(folder):
        with publishing(folder) as stage:
            (stage.folder / "a").write_text("half")
            raise OSError(errno.ENOSPC, "no room", str(stage.folder / "a"))

    for folder in (tmp_path / "new", tmp_path):
        with pytest.raises(OSError, match="no room") as caught:
            cut(folder)
        assert caught.value.filename == str(folder / "a")  # and not the name of the draft
    assert list(tmp_path.iterdir()) == []


def test_a_table_is_joined_to_what_is_there_at_that_moment(tmp_path):
    add = {"t": lambda old: (old or b"") + b"x"}
    publish(tmp_path, merges=add)
    with publishing(tmp_path) as stage:
        publish(tmp_path, merges=add)  # another process, while this one works
        stage.merges |= add
    assert content(tmp_path) == {"t": "xxx"}
    (tmp_path / "t").write_text("mine")
    with pytest.raises(ConfigError, match="not as multigan wrote it"), publishing(tmp_path, merges=("t",)):
        pytest.fail("this is known before any work")


def test_clearing_takes_what_multigan_wrote_and_no_more(tmp_path):
    publish(tmp_path, a="1", b="2")
    (tmp_path / "b").write_text("changed")
    (tmp_path / "mine").write_text("mine")
    clear(tmp_path)
    assert content(tmp_path) == {"b": "changed", "mine": "mine"}
