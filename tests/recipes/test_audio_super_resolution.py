"""The recipe audio-super-resolution at its smallest: the schedule and the report of super-resolution, on sounds."""

import json

from tests.worlds.commands import invoke, ran


def test_the_same_schedule_and_report_serve_sounds(tmp_path, quick_classifier):
    folder = tmp_path / "run"
    words = ("recipe", "run", "audio-super-resolution", "--preset", "smallest", "--set=device=cpu")
    ran(*words, "--out", folder)
    found = json.loads((folder / "pairs" / "report.json").read_text("utf-8"))
    figures = {one["name"] for one in found["figures"]}
    assert {"SNR", "log-spectral distance"} < figures
    assert any(name.startswith("FAD[") for name in figures)
    assert {one["subject"] for one in found["figures"]} == {"input", "content terms", "generated"}
    assert len(list((folder / "samples").glob("*.wav"))) == 2
    assert (folder / "grid.png").is_file()
    result = invoke("sample", folder)
    assert result.exit_code == 1
    assert "makes samples of other samples: it has no way to read any." in result.output
