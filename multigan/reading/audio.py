"""One audio file of any common kind as a mono waveform, and a waveform at another rate or as a WAV file."""

from __future__ import annotations

import io
import re
import wave
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from multigan.errors import DataError
from multigan.reading.mpeg import frames_of, with_length
from multigan.reading.stderr import without_lines

if TYPE_CHECKING:
    import soundfile

FORMATS = ("WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3", "AIFF", "AU", "CAF", "W64")
"""What is read, in libsndfile's names; OGG holds Vorbis or Opus."""
FORMATS_IN_WORDS = "WAV, FLAC, OGG, MP3, AIFF, AU, CAF or W64"
SUFFIXES = (
    *(".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3"),
    *(".aif", ".aiff", ".aifc", ".au", ".snd", ".caf", ".w64", ".rf64"),
)
VERSION = 2
"""Part of every cache key: raise it when the waveform made from a file changes."""

MAX_SECONDS = 1800
MAX_SAMPLES = 2**27
"""Of all channels together: half a GiB in float32."""
RATES_HZ = (1_000, 384_000)
MAX_AMPLITUDE = 100.0
"""40 dB over full scale: float samples beyond it were never divided by the full scale of integers."""
CANCELLED_DB = 40
"""Channels whose mean is so far under them cancel each other out."""
FINEST_RATIO = 1_000
"""Two rates are taken as a fraction of numbers up to this: 0.9 cents off at most, and no kernel of gigabytes."""

_BLOCK = 2**16
_BEGINNINGS = (b"RIFF", b"RF64", b"fLaC", b"OggS", b"ID3", b"FORM", b".snd", b"caff", b"riff")
_CLAIM = re.compile(r"^\s*(?:data|SSND|Data Size|riff|Riff size)\s*: (\d+) \(should be \d+\)", re.MULTILINE)
"""What libsndfile says of WAV, AIFF, AU, W64 and RF64 files whose length is not the one in their header."""
_STREAMED = 0x7FFF0000
"""Files that were written to a pipe claim this length or more, since theirs was not known."""
_PADDING = 4 * 1_152
"""Samples at both ends of an MP3 file, at most, that an encoder added and says are no part of it."""
_LIBMPG123 = re.compile(rb"mpg123|^(Note|Warning|Error): |^(Cannot|Trying) ")
"""What the decoder of MP3 files says on standard error, where nobody asked."""
_TURNED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


@dataclass(frozen=True, eq=False)
class Clip:
    """A waveform float32 [T] in [-1, 1], T > 0, mono. DataError where it is anything else.

    Values somewhat beyond 1 are kept: decoders of lossy formats overshoot, and the clipping check wants to see them.
    """

    waveform: np.ndarray
    rate_hz: int
    n_channels: int = 1
    """Of the file it was read from; the waveform is their mean."""

    def __post_init__(self) -> None:
        if self.waveform.dtype != np.float32 or self.waveform.ndim != 1:
            found = f"{self.waveform.dtype} {list(self.waveform.shape)}"
            raise DataError(f"its waveform is {found}; give float32 [T], the mean of the channels")
        if not RATES_HZ[0] <= self.rate_hz <= RATES_HZ[1]:
            raise DataError(f"its rate is {self.rate_hz} Hz; {RATES_HZ[0]} to {RATES_HZ[1]} Hz are read")
        if not len(self.waveform):
            raise DataError("it has no samples")
        peak = float(np.abs(self.waveform).max())
        if not np.isfinite(peak):
            raise DataError("some of its samples are not finite")
        if peak > MAX_AMPLITUDE:
            raise DataError(
                f"its samples reach {peak:.6g}, but full scale is 1; divide them by their full scale"
            )


def read_clip(path: Path) -> Clip:
    """An audio file, its channels averaged; DataError with the reason when the file cannot be used.

    Integers are divided by their full scale (2^15 for 16 bits), as soundfile does.
    """
    if not path.is_file():
        raise DataError("it is not a regular file")  # opening a pipe would wait for ever
    try:
        with path.open("rb", buffering=0) as stream:
            return _read(stream)
    except OSError as error:
        raise DataError(error.strerror or f"it cannot be read: {error}") from error


def resampled(clip: Clip, rate_hz: int) -> np.ndarray:
    """The waveform [about T * rate_hz / clip.rate_hz] at another rate, float32; the clip's own where they are equal.

    By torchaudio's band-limited interpolation: a sinc of 6 zero crossings under a Hann window, rolling off at 0.99 of
    the lower Nyquist frequency (its defaults).
    """
    if clip.rate_hz == rate_hz:
        return clip.waveform
    import torch

    # torch warns of arrays that it must not write to, such as a read-only memory map
    waveform = torch.from_numpy(np.array(clip.waveform))
    with torch.inference_mode():
        return _resampler(clip.rate_hz, rate_hz)(waveform[None])[0].numpy()


def pcm16(waveform: np.ndarray) -> np.ndarray:
    """int16 as a saved file holds: x * 2^15, rounded, clamped; what was read from 16 bits comes back as it was."""
    return np.clip(np.rint(np.asarray(waveform, np.float64) * 2**15), -(2**15), 2**15 - 1).astype(np.int16)


def pcm16_wav(clip: Clip) -> bytes:
    """A mono 16-bit WAV file of the clip, at its own rate."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(clip.rate_hz)
        file.writeframes(pcm16(clip.waveform).astype("<i2").tobytes())
    return buffer.getvalue()


def _read(stream: BinaryIO) -> Clip:
    import soundfile

    beginning = stream.read(4)
    if not beginning:
        raise DataError("it is empty")
    stream.seek(0)
    try:
        if beginning.startswith(b"ID3") or _is_mpeg(beginning):
            return _read_mpeg(stream)
        with soundfile.SoundFile(stream.fileno(), closefd=False) as file:
            return _decoded(file, lambda n_read: _is_whole(file, stream, n_read))
    except soundfile.SoundFileError as error:
        if not beginning.startswith(_BEGINNINGS) and not _is_mpeg(beginning):
            raise DataError(f"it is not a {FORMATS_IN_WORDS} file") from error
        words = getattr(error, "error_string", str(error)).rstrip(".")
        raise DataError(f"it is damaged: libsndfile says {words!r}") from error


def _read_mpeg(stream: BinaryIO) -> Clip:
    """By the frames that are there: what a decoder takes for a file's length is an estimate, or that of its first part."""
    import soundfile

    data = stream.read()
    frames = frames_of(data)
    if frames is not None and frames.is_cut_short:
        raise DataError(
            f"it is cut short or damaged: {frames.n_samples} samples are there, fewer than it should hold"
        )
    least = 0 if frames is None else 0.95 * (frames.n_samples - _PADDING)
    whole = data if frames is None or frames.says_its_length else with_length(data, frames)
    with without_lines(_LIBMPG123), soundfile.SoundFile(io.BytesIO(whole)) as file:
        return _decoded(file, lambda n_read: n_read >= least)


def _decoded(file: soundfile.SoundFile, is_whole: Callable[[int], bool]) -> Clip:
    _check(file)
    waveform = _mono(file)
    if not is_whole(len(waveform)):
        raise DataError(
            f"it is cut short or damaged: {len(waveform)} samples could be read, fewer than it should hold"
        )
    return Clip(waveform, file.samplerate, file.channels)


def _check(file: soundfile.SoundFile) -> None:
    if file.format not in FORMATS:
        raise DataError(f"it is a {file.format_info} file; {FORMATS_IN_WORDS} are read")
    if not RATES_HZ[0] <= file.samplerate <= RATES_HZ[1]:
        raise DataError(f"its rate is {file.samplerate} Hz; {RATES_HZ[0]} to {RATES_HZ[1]} Hz are read")
    if file.frames > MAX_SECONDS * file.samplerate or file.frames * file.channels > MAX_SAMPLES:
        raise DataError(
            f"it claims {file.frames / file.samplerate:.0f} s of {file.channels} channel(s) at {file.samplerate} Hz; "
            f"at most {MAX_SECONDS} s and {MAX_SAMPLES} samples in all channels are read: cut it into clips"
        )


def _mono(file: soundfile.SoundFile) -> np.ndarray:
    """The mean [T] of the channels, block by block: a header's length is not believed before memory is taken.

    DataError where the channels cancel each other out.
    """
    blocks, power = [], 0.0
    with np.errstate(invalid="ignore", over="ignore"):  # infinities; ``Clip`` refuses what comes of them
        while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
            blocks.append(block[:, 0] if block.shape[1] == 1 else block.mean(axis=1, dtype=np.float64))
            if block.shape[1] > 1:
                power += float(np.square(block, dtype=np.float64).mean(axis=1).sum())
        waveform = np.concatenate(blocks) if blocks else np.empty(0)
        mean_power = float(np.square(waveform, dtype=np.float64).sum()) if power else 0.0
    if mean_power < power * 10 ** (-CANCELLED_DB / 10):
        raise DataError(
            f"its {file.channels} channels are in antiphase: their mean, which is what is read, is {CANCELLED_DB} dB or "
            "more under them; turn one channel over, or keep one alone"
        )
    return waveform.astype(np.float32)


def _is_whole(file: soundfile.SoundFile, stream: BinaryIO, n_read: int) -> bool:
    """Is all there that the file says it holds? Decoders say nothing and give what they find."""
    if file.format == "OGG":
        stream.seek(0)
        return _ogg_is_whole(stream.read())
    claim = _CLAIM.search(file.extra_info)
    return n_read == file.frames and (claim is None or int(claim[1]) >= _STREAMED)


def _ogg_is_whole(data: bytes) -> bool:
    """Do sound pages follow each other up to one that is marked as the last of its stream? (RFC 3533, section 6)"""
    position = 0
    while data[position : position + 4] == b"OggS" and position + 27 <= len(data):
        header = data[position : position + 27 + data[position + 26]]
        page = data[position : position + len(header) + sum(header[27:])]
        if _ogg_checksum(page) != int.from_bytes(page[22:26], "little"):
            return False
        if page[5] & 4:
            return True
        position += len(page)
    return False


def _ogg_checksum(page: bytes) -> int:
    """The CRC of a page whose own field counts as 0: zlib's polynomial with all bits in the other order, from 0."""
    turned = (page[:22] + bytes(4) + page[26:]).translate(_TURNED)
    return int(f"{zlib.crc32(turned, 0xFFFFFFFF) ^ 0xFFFFFFFF:032b}"[::-1], 2)


def _is_mpeg(beginning: bytes) -> bool:
    """Eleven bits of ones begin every frame."""
    return len(beginning) > 1 and beginning[0] == 0xFF and beginning[1] >= 0xE0


@lru_cache(maxsize=64)
def _resampler(rate_hz: int, target_hz: int) -> Callable:
    """A torchaudio resampler that holds its kernel; making the kernel takes longer than using it."""
    from torchaudio.transforms import Resample

    ratio = Fraction(min(rate_hz, target_hz), max(rate_hz, target_hz)).limit_denominator(FINEST_RATIO)
    slower, faster = ratio.numerator, ratio.denominator
    return Resample(slower, faster) if target_hz > rate_hz else Resample(faster, slower)
