"""A run.json that no run wrote is refused, whatever is in it."""

import json

import pytest

from multigan.errors import CheckpointError
from multigan.runs import RunFacts, read_run

SOUND = {
    "data": None, "data_settings": {}, "modality": "image", "architecture": {"name": "stylegan2"}, "labels": ["joy"],
    "sample_shape": [3, 16, 16],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("modality", 5),
        ("architecture", []),
        ("architecture", {"name": []}),
        ("labels", "joy"),
        ("labels", ["joy", 5]),
        ("labels", ["joy", "joy"]),
        ("sample_shape", [3, -1]),
        ("sample_shape", [3, 2**20, 2**20]),
        ("data_settings", []),
    ],
)
def test_a_fact_of_another_form_is_named(tmp_path, name, value):
    (tmp_path / "run.json").write_text(json.dumps({**SOUND, name: value}))
    with pytest.raises(
        CheckpointError, match=f"run.json lacks or misstates '{name}'; restore it or train again"
    ):
        RunFacts.read(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps(SOUND))
    assert RunFacts.read(tmp_path).labels == ("joy",)


@pytest.mark.parametrize("content", [b"[" * 100_000, b"\xff", b'{"data": 5}', b"9" * 5_000, b"[]"])
def test_what_is_no_run_is_refused(tmp_path, content):
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"run again|train again"):
        read_run(tmp_path)
