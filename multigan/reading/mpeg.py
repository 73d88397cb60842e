"""The frames of an MP3 file: how many there are, and the same sound with its length said in front.

Decoders estimate the length of a file that does not say it from its first frames, and believe what the first of several
joined files says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from multigan.errors import DataError

_KBPS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Of Layer III, by version (2.5 has those of 2); 0 is a rate that the file chooses freely, which is not read here."""
_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""By the bits of the version: 1, 2 and 2.5."""
_LAYER_3 = 1
_ROOMY = 9
"""A bitrate whose frame has room for what ``with_length`` writes."""
_HEADER = 4
_MOST_OF = 0.95


@dataclass(frozen=True)
class Header:
    """What the first four bytes of a frame say."""

    version: int
    rate_hz: int
    size: int
    """Bytes of the frame."""
    is_mono: bool
    kbps: int

    @property
    def n_samples(self) -> int:
        """Of each channel."""
        return 1_152 if self.version == 3 else 576

    @property
    def n_side(self) -> int:
        """Bytes between the header and the sound, or what a first frame says in its place."""
        if self.version == 3:
            return 17 if self.is_mono else 32
        return 9 if self.is_mono else 17


@dataclass(frozen=True)
class Frames:
    """The frames of sound in a file, as (start, end), without those that only describe others."""

    places: tuple[tuple[int, int], ...]
    first: Header
    claims: tuple[int | None, ...]
    """How many frames each description claims; None where it does not say."""
    n_lost: int
    """Bytes between frames that are none, nor tags."""
    is_described: bool
    """Whether the file begins with a description."""
    is_constant: bool
    """Whether all frames of sound have one bitrate."""

    @property
    def n_samples(self) -> int:
        """Of each channel."""
        return len(self.places) * self.first.n_samples

    @property
    def is_cut_short(self) -> bool:
        """Whether less is there than the file says, or too much of it is no sound."""
        n = len(self.places)
        size = sum(end - start for start, end in self.places)
        return n < _MOST_OF * sum(claim or 0 for claim in self.claims) or size < _MOST_OF * (
            size + self.n_lost
        )

    @property
    def says_its_length(self) -> bool:
        """Whether decoders know how long it is: it says so in front, truly, or all its frames are alike."""
        if not self.claims:
            return self.is_constant
        return self.is_described and self.claims == (len(self.places),)


def frames_of(data: bytes) -> Frames | None:
    """The frames of an MP3 file; None where it has none of Layer III. DataError where their rate changes."""
    places: list[tuple[int, int]] = []
    claims: list[int | None] = []
    bitrates = set[int]()
    first: Header | None = None
    is_described, n_lost, end = False, 0, None
    for start, header in _frames(data):
        if first is not None and (header.rate_hz, header.version) != (first.rate_hz, first.version):
            raise DataError(
                f"its rate changes from {first.rate_hz} to {header.rate_hz} Hz within it; cut it into clips"
            )
        n_lost += 0 if end is None else _n_lost(data, end, start)
        first, end = first or header, start + header.size
        described = _described(data, start, header)
        if described is None:
            places.append((start, min(end, len(data))))
            bitrates.add(header.kbps)
        else:
            is_described |= not places
            claims.append(described or None)
    if first is None or not places:
        return None
    return Frames(tuple(places), first, tuple(claims), n_lost, is_described, len(bitrates) == 1)


def with_length(data: bytes, frames: Frames) -> bytes:
    """The frames of sound alone, behind one that says how many they are."""
    start = frames.places[0][0]
    head = bytearray(data[start : start + _HEADER])
    head[1] |= 1  # no checksum
    head[2] = (head[2] & 0x0C) | (_ROOMY << 4)
    header = _header(bytes(head), 0)
    assert header is not None
    says = bytes(header.n_side) + b"Xing" + (1).to_bytes(4, "big") + len(frames.places).to_bytes(4, "big")
    description = (bytes(head) + says).ljust(header.size, b"\0")
    return description + b"".join(data[start:end] for start, end in frames.places)


def _frames(data: bytes) -> Iterator[tuple[int, Header]]:
    """Where each frame begins, and its header; the first and each after a gap only where another or the end follows it."""
    position, sure = 0, False
    while position + _HEADER <= len(data):
        tag = _tag_size(data, position)
        if tag:
            position, sure = position + tag, False
            continue
        header = _header(data, position)
        if header is not None and (sure or _follows(data, position + header.size, header)):
            yield position, header
            position, sure = position + header.size, True
            continue
        sync = data.find(b"\xff", position + 1)
        tags = (data.find(mark, position + 1) for mark in (b"ID3", b"TAG", b"APETAGEX"))
        position, sure = min((at for at in (sync, *tags) if at > 0), default=len(data)), False


def _follows(data: bytes, position: int, header: Header) -> bool:
    """Whether a frame of the same kind, a tag or the end is at a place."""
    if position >= len(data) or _tag_size(data, position):
        return True
    other = _header(data, position)
    return other is not None and (other.version, other.rate_hz) == (header.version, header.rate_hz)


def _header(data: bytes, position: int) -> Header | None:
    """The header of a frame of Layer III at a place, if there is one."""
    if position + _HEADER > len(data) or data[position] != 0xFF or data[position + 1] < 0xE0:
        return None
    _, kind, rates, mode = data[position : position + _HEADER]
    version, layer = (kind >> 3) & 3, (kind >> 1) & 3
    bitrate, rate, padding = rates >> 4, (rates >> 2) & 3, (rates >> 1) & 1
    if version == 1 or layer != _LAYER_3 or bitrate in (0, 15) or rate == 3:
        return None
    kbps, rate_hz = _KBPS[1 if version == 3 else 2][bitrate], _RATES_HZ[version][rate]
    size = (144 if version == 3 else 72) * kbps * 1_000 // rate_hz + padding
    return Header(version, rate_hz, size, mode >> 6 == 3, kbps)


def _described(data: bytes, start: int, header: Header) -> int | None:
    """How many frames a frame claims that describes others, 0 where it does not say; None for a frame of sound."""
    at = start + _HEADER + header.n_side
    if data[at : at + 4] in (b"Xing", b"Info"):
        says = data[at + 7 : at + 8]
        return int.from_bytes(data[at + 8 : at + 12], "big") if says and says[0] & 1 else 0
    if data[start + 36 : start + 40] == b"VBRI":
        return int.from_bytes(data[start + 50 : start + 54], "big")
    return None


def _tag_size(data: bytes, position: int) -> int:
    """The size of a tag (ID3v1, ID3v2, APE) that begins at a place; 0 where none does."""
    if data[position : position + 3] == b"ID3" and position + 10 <= len(data):
        size = 0
        for byte in data[position + 6 : position + 10]:
            size = size << 7 | (byte & 0x7F)
        return 20 + size if data[position + 5] & 0x10 else 10 + size
    if data[position : position + 3] == b"TAG":
        return 128
    if data[position : position + 8] == b"APETAGEX":
        size = int.from_bytes(data[position + 12 : position + 16], "little")
        return 32 + size if data[position + 23 : position + 24] > b"\x7f" else 32
    return 0


def _n_lost(data: bytes, start: int, end: int) -> int:
    """The bytes from ``start`` to ``end`` that belong to no tag and are not zeros that fill up."""
    while start < end and (tag := _tag_size(data, start)):
        start += tag
    return len(data[start:end].strip(b"\0")) if start < end else 0
