"""Reading audio: every format, what is refused and why, other rates, and 16-bit files."""

import io
import os
import struct

import numpy as np
import pytest
import soundfile
import torch
import torchaudio

from multigan.errors import DataError
from multigan.reading import audio
from multigan.reading.audio import Clip, pcm16, pcm16_wav, read_clip, resampled
from tests.worlds.shared import SHARED

RATE_HZ = 16_000
REAL = SHARED / "data" / "audio"


def tone(frequency_hz=440.0, seconds=1.0, rate_hz=RATE_HZ, amplitude=0.5):
    return (
        amplitude * np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * rate_hz)) / rate_hz)
    ).astype(np.float32)


def written(path, samples, rate_hz=RATE_HZ, **how):
    soundfile.write(path, samples, rate_hz, **how)
    return path


@pytest.mark.parametrize("suffix", ["wav", "flac"])
@pytest.mark.parametrize(("subtype", "step"), [("PCM_16", 2**-15), ("PCM_24", 2**-23)])
def test_lossless_files_come_back_to_the_last_bit(tmp_path, suffix, subtype, step):
    # multiples of the step that soundfile's own rounding cannot move
    samples = np.round(tone() / step) * step
    path = written(
        tmp_path / f"a.{suffix}",
        (samples / step * 2 ** (31 + np.log2(step))).astype(np.int32),
        subtype=subtype,
    )
    clip = read_clip(path)
    assert (clip.rate_hz, clip.n_channels, clip.waveform.dtype) == (RATE_HZ, 1, np.float32)
    assert np.array_equal(clip.waveform, samples.astype(np.float32))


@pytest.mark.parametrize(
    ("name", "how"),
    [("a.ogg", {}), ("a.opus", {"format": "OGG", "subtype": "OPUS"}), ("a.mp3", {})],
)
def test_lossy_files_come_back_nearly(tmp_path, name, how):
    samples = tone()
    clip = read_clip(written(tmp_path / name, samples, **how))
    assert (clip.rate_hz, len(clip.waveform)) == (RATE_HZ, len(samples))
    assert np.corrcoef(clip.waveform[1000:-1000], samples[1000:-1000])[0, 1] > 0.999
    assert name.endswith(audio.SUFFIXES)


def test_channels_are_averaged(tmp_path):
    left, right = tone(440), tone(660)
    clip = read_clip(written(tmp_path / "a.wav", np.stack([left, right], 1), subtype="FLOAT"))
    assert clip.n_channels == 2
    assert np.allclose(clip.waveform, (left + right) / 2, atol=1e-7)


def test_channels_in_antiphase_are_no_silence(tmp_path):
    for factor in (-1, -0.99):
        path = written(tmp_path / "a.wav", np.stack([tone(), factor * tone()], 1), subtype="FLOAT")
        with pytest.raises(
            DataError, match=r"its 2 channels are in antiphase: their mean, .* is 40 dB or more under"
        ):
            read_clip(path)
    for other in (np.zeros_like(tone()), -0.9 * tone(), tone(660)):
        clip = read_clip(written(tmp_path / "a.wav", np.stack([tone(), other], 1), subtype="FLOAT"))
        assert np.abs(clip.waveform).max() > 0.02
    assert not read_clip(written(tmp_path / "a.wav", np.zeros((99, 2), np.float32))).waveform.any()


def test_float_samples_beyond_full_scale_are_kept(tmp_path):
    clip = read_clip(written(tmp_path / "a.wav", np.array([0.0, 1.5, -2.0], np.float32), subtype="FLOAT"))
    assert clip.waveform.tolist() == [0.0, 1.5, -2.0]


def test_long_files_are_read_block_by_block(tmp_path, monkeypatch):
    path = written(tmp_path / "a.flac", tone())
    whole = read_clip(path).waveform
    monkeypatch.setattr(audio, "_BLOCK", 999)
    assert np.array_equal(read_clip(path).waveform, whole)


def test_a_wav_file_written_to_a_pipe_is_whole(tmp_path):
    data = bytearray(written(tmp_path / "a.wav", tone()).read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    (tmp_path / "b.wav").write_bytes(data)
    assert len(read_clip(tmp_path / "b.wav").waveform) == RATE_HZ


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("kept", [0.3, 0.8])
def test_files_cut_short_are_refused(tmp_path, suffix, kept):
    samples = tone(seconds=3) + 0.05 * np.random.default_rng(0).standard_normal(3 * RATE_HZ).astype(
        np.float32
    )
    data = written(tmp_path / f"a.{suffix}", samples).read_bytes()
    (tmp_path / f"b.{suffix}").write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(DataError, match=r"cut short or damaged|is damaged"):
        read_clip(tmp_path / f"b.{suffix}")


@pytest.mark.parametrize(
    ("suffix", "form", "subtype"),
    [
        ("aiff", "AIFF", "PCM_16"),
        ("aifc", "AIFF", "FLOAT"),
        ("au", "AU", "PCM_16"),
        ("snd", "AU", "ULAW"),
        ("caf", "CAF", "ALAC_16"),
        ("w64", "W64", "PCM_16"),
        ("rf64", "RF64", "PCM_16"),
    ],
)
def test_other_formats_of_recorders_and_editors(tmp_path, suffix, form, subtype):
    path = written(tmp_path / f"a.{suffix}", tone(), format=form, subtype=subtype)
    assert np.allclose(read_clip(path).waveform, tone(), atol=0.02)
    assert path.suffix in audio.SUFFIXES
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match=r"cut short or damaged|is damaged"):
        read_clip(path)


@pytest.mark.parametrize("suffix", ["flac", "ogg"])
def test_files_damaged_inside_are_refused(tmp_path, suffix):
    data = bytearray(written(tmp_path / f"a.{suffix}", tone(seconds=3)).read_bytes())
    data[len(data) // 2] ^= 0xFF
    (tmp_path / f"b.{suffix}").write_bytes(data)
    with pytest.raises(DataError, match="damaged"):
        read_clip(tmp_path / f"b.{suffix}")


def long_flac():
    """A FLAC file whose header claims 2^36 - 1 samples."""
    held = io.BytesIO()
    soundfile.write(held, tone(), RATE_HZ, format="FLAC")
    data = bytearray(held.getvalue())
    data[21] |= 0x0F
    data[22:26] = b"\xff" * 4
    return bytes(data)


def wav_of(samples, rate_hz=RATE_HZ, **how):
    held = io.BytesIO()
    soundfile.write(held, samples, rate_hz, format="WAV", **how)
    return held.getvalue()


def ircam():
    held = io.BytesIO()
    soundfile.write(held, tone(), RATE_HZ, format="IRCAM")
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"not audio at all " * 20, "not a WAV, FLAC, .* or W64 file"),
        (ircam(), "SF .* WAV, FLAC, .* or W64 are read"),
        (b"RIFF" + bytes(100), "damaged: libsndfile says"),
        (wav_of(np.zeros(0, np.float32)), "no samples"),
        (wav_of(np.array([0, np.nan, 0.1], np.float32), subtype="FLOAT"), "not finite"),
        (wav_of(np.array([[np.inf, -np.inf]], np.float32), subtype="FLOAT"), "not finite"),
        (wav_of(np.array([0, 32767], np.float32), subtype="FLOAT"), "reach 32767, but full scale is 1"),
        (wav_of(tone(), 500), "rate is 500 Hz; 1000 to 384000"),
        (long_flac(), "claims 4294967 s of 1 channel.* at most 1800 s"),
    ],
    ids=lambda value: (
        value if isinstance(value, str) else ""
    ),  # files hold the time at which they were written
)
def test_what_is_refused_and_why(tmp_path, content, reason):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(DataError, match=reason):
        read_clip(path)


def test_many_samples_are_refused_before_they_are_read(tmp_path):
    path = tmp_path / "a.wav"  # a sparse file: 2^28 samples in 700 s
    header = (
        b"RIFF"
        + struct.pack("<I", 36 + 2**28)
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 384_000, 384_000, 1, 8)
    )
    with path.open("wb") as stream:
        stream.write(header + b"data" + struct.pack("<I", 2**28))
        stream.truncate(44 + 2**28)
    with pytest.raises(DataError, match="134217728 samples in all channels"):
        read_clip(path)


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    for path in (tmp_path, tmp_path / "pipe.wav", tmp_path / "missing.wav"):
        with pytest.raises(DataError, match="not a regular file"):
            read_clip(path)


@pytest.mark.parametrize(
    ("waveform", "rate_hz", "reason"),
    [
        (np.zeros((10, 2), np.float32), 16_000, r"float32 \[10, 2\]; give float32 \[T\]"),
        (np.zeros(10), 16_000, "float64"),
        (np.zeros(10, np.float32), 16, "rate is 16 Hz"),
    ],
)
def test_a_clip_in_memory_is_checked_too(waveform, rate_hz, reason):
    with pytest.raises(DataError, match=reason):
        Clip(waveform, rate_hz)


@pytest.mark.parametrize(
    ("rate_hz", "target_hz"), [(44_100, 16_000), (8_000, 16_000), (22_051, 16_000), (11_127, 48_000)]
)
def test_a_tone_is_the_same_tone_at_another_rate(rate_hz, target_hz):
    found = resampled(Clip(tone(440, rate_hz=rate_hz), rate_hz), target_hz)
    assert found.dtype == np.float32
    assert abs(len(found) - target_hz) <= 0.0005 * target_hz + 1
    inside = slice(target_hz // 4, target_hz // 2)
    spectrum = np.abs(
        np.fft.rfft(found[: target_hz - target_hz % 100] * np.hanning(target_hz - target_hz % 100))
    )
    assert abs(int(spectrum.argmax()) - 440) <= 1
    assert np.abs(found[inside]).max() == pytest.approx(0.5, abs=0.005)


def test_resampling_is_torchaudios(tmp_path):
    samples = np.random.default_rng(0).standard_normal(5000).astype(np.float32) * 0.1
    samples.flags.writeable = False
    for rate_hz in (44_100, 8_000, 48_000):
        expected = torchaudio.functional.resample(torch.from_numpy(samples.copy()), rate_hz, 16_000).numpy()
        # its kernels are made in float32 there and in float64 here
        assert np.allclose(resampled(Clip(samples, rate_hz), 16_000), expected, atol=1e-5)
    assert resampled(Clip(samples, 16_000), 16_000) is samples


def test_16_bits_are_rounded_and_clamped():
    step = 2**-15
    values = np.array([0, 0.4 * step, 0.6 * step, -0.6 * step, 1, 2, -1, -2], np.float32)
    assert pcm16(values).tolist() == [0, 0, 1, -1, 32767, 32767, -32768, -32768]


def test_every_16_bit_value_survives_a_saved_file(tmp_path):
    values = np.arange(-(2**15), 2**15).astype(np.float32) / 2**15
    (tmp_path / "a.wav").write_bytes(pcm16_wav(Clip(values, 22_050)))
    clip = read_clip(tmp_path / "a.wav")
    assert clip.rate_hz == 22_050
    assert np.array_equal(clip.waveform, values)


@pytest.mark.skipif(not REAL.is_dir(), reason="the shared recordings are not there")
def test_real_recordings_are_read():
    paths = [*sorted(REAL.glob("fsdd/*/*.flac"))[::300], *sorted(REAL.glob("soundscapes/*/*.ogg"))[::60]]
    clips = [read_clip(path) for path in paths]
    assert {clip.rate_hz for clip in clips} == {8_000, 16_000}
    assert all(len(clip.waveform) > 1000 for clip in clips)
