"""MP3 files by their frames: without a description, joined, cut, with tags and noise within; and nothing on the terminal."""

import io

import numpy as np
import pytest
import soundfile

from multigan.errors import DataError
from multigan.reading.audio import read_clip
from multigan.reading.mpeg import frames_of, with_length
from tests.worlds.shared import SHARED

RATE_HZ = 16_000
ID3V1 = b"TAG" + bytes(125)
ID3V2 = b"ID3\x03\0\0\0\0\0\x10" + bytes(16)
CASES = SHARED / "cases/audio"


def mp3(*seconds_of, rate_hz=RATE_HZ, channels=1, **how):
    """A file of parts: (seconds, amplitude of its noise)."""
    random = np.random.default_rng(0)
    parts = [random.normal(0, level, (round(s * rate_hz), channels)) for s, level in seconds_of]
    written = io.BytesIO()
    soundfile.write(written, np.concatenate(parts).astype(np.float32), rate_hz, format="MP3", **how)
    return written.getvalue()


def undescribed(data):
    """Without the frame that says how many there are."""
    return b"".join(data[start:end] for start, end in frames_of(data).places)


def variable(*seconds_of):
    return mp3(*seconds_of, bitrate_mode="VARIABLE", compression_level=0.5)


def read(folder, data):
    path = folder / "a.mp3"
    path.write_bytes(data)
    return read_clip(path)


def seconds(folder, data):
    clip = read(folder, data)
    return len(clip.waveform) / clip.rate_hz


@pytest.mark.parametrize("parts", [((6, 1e-5), (2, 0.2)), ((2, 0.2), (6, 1e-5))])
def test_files_of_variable_rate_that_do_not_say_their_length_are_read_whole(tmp_path, parts):
    data = undescribed(variable(*parts))
    frames = frames_of(data)
    assert (frames.claims, frames.is_constant) == ((), False)
    assert seconds(tmp_path, data) == pytest.approx(8, abs=0.15)
    heard = np.abs(read(tmp_path, data).waveform) > 0.05
    loud = np.flatnonzero(heard) / RATE_HZ
    start = 0 if parts[0][1] > 0.1 else 6
    assert (loud.min(), loud.max()) == pytest.approx((start, start + 2), abs=0.15)


def test_joined_files_are_read_one_after_the_other(tmp_path):
    one, other = mp3((1, 0.2)), variable((2, 0.1))
    for data in (one + other, one + ID3V1 + ID3V2 + other, ID3V2 + one + undescribed(other)):
        assert seconds(tmp_path, data) == pytest.approx(3, abs=0.2)
    with pytest.raises(
        DataError, match="its rate changes from 16000 to 44100 Hz within it; cut it into clips"
    ):
        read(tmp_path, one + mp3((1, 0.2), rate_hz=44_100))


def test_a_plain_file_is_read_as_before(tmp_path):
    for data in (mp3((1, 0.2)), ID3V2 + mp3((1, 0.2)) + ID3V1, mp3((1, 0.2), rate_hz=44_100, channels=2)):
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            expected = file.read(dtype="float32", always_2d=True).mean(axis=1)
        assert np.array_equal(read(tmp_path, data).waveform, expected.astype(np.float32))


def test_frames_are_counted_as_the_encoder_did():
    for rate_hz, channels in ((48_000, 2), (44_100, 1), (22_050, 2), (16_000, 1), (8_000, 1)):
        data = mp3((1.5, 0.2), rate_hz=rate_hz, channels=channels)
        frames = frames_of(data)
        assert frames.claims == (len(frames.places),)
        assert (frames.first.rate_hz, frames.n_lost) == (rate_hz, 0)
        assert frames.n_samples == pytest.approx(1.5 * rate_hz, abs=3 * 1_152)
        again = frames_of(with_length(data, frames))
        assert (again.claims, len(again.places)) == (frames.claims, len(frames.places))


def test_what_is_cut_or_holds_noise_is_refused(tmp_path):
    data = mp3((3, 0.2))
    noise = np.random.default_rng(0).integers(0, 256, len(data) // 5, dtype=np.uint8).tobytes()
    middle = frames_of(data).places[40][0]
    for damaged in (data[: len(data) // 2], data[:middle] + noise + data[middle:]):
        with pytest.raises(DataError, match="cut short or damaged"):
            read(tmp_path, damaged)
    assert seconds(tmp_path, data + bytes(5_000)) == pytest.approx(3, abs=0.1)
    assert frames_of(b"\xff\xfb" + bytes(900)) is None


def test_the_decoder_says_nothing_on_the_terminal(tmp_path, capfd):
    data = mp3((3, 0.2))
    seconds(tmp_path, data[: int(0.97 * len(data))])  # "Warning: Xing stream size off by more than 1%"
    assert capfd.readouterr().err == ""


def test_what_others_say_meanwhile_is_kept(capfd):
    import os
    import re

    from multigan.reading.stderr import without_lines

    with without_lines(re.compile(rb"^noise")), without_lines(re.compile(rb"^noise")):
        os.write(2, b"noise of a library\nmine\n")
    assert capfd.readouterr().err == "mine\n"


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not on this machine")
def test_the_cases_that_were_found():
    lengths = {path.name: read_clip(path) for path in sorted(CASES.glob("*.mp3"))}
    lengths = {name: len(clip.waveform) / clip.rate_hz for name, clip in lengths.items()}
    assert lengths == {
        "cat.mp3": pytest.approx(2, abs=0.2),
        "vbr_ns_noxing.mp3": pytest.approx(40, abs=0.2),
        "vbr_sn_noxing.mp3": pytest.approx(40, abs=0.2),
    }
