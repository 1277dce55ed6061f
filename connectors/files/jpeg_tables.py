"""What a JPEG must say before anybody can draw it: a frame, and for each of its scans the tables that they name.

ISO/IEC 10918-1, B.2, as far as browsers draw it: eight bits, Huffman codes, sequential or progressive. Nothing is
decoded: it costs what its headers cost, however large the picture is. Frames of films that leave out the usual codes
are drawn by some programs and not by others; what is kept is to be seen by everybody.
"""

import struct
from dataclasses import dataclass

_SEQUENTIAL, _PROGRESSIVE = (0xC0, 0xC1), 0xC2
_HUFFMAN, _QUANTA, _RESTART, _SCAN = 0xC4, 0xDB, 0xDD, 0xDA
# Lossless, differential and arithmetic frames, and what belongs to them: no browser draws those.
_STRANGE = frozenset(range(0xC3, 0xD0)) - {_HUFFMAN} | {0xDC, 0xDE, 0xDF}
_TABLES, _COEFFICIENTS, _SYMBOLS, _DEEPEST = 4, 64, 256, 16
_LAST, _MOST_SHIFTED, _MOST_BLOCKS = _COEFFICIENTS - 1, 13, 10
_PRECISION, _HEAD, _PART = 8, 6, 3
# How many colours it has, and how long the word is that says after how much one can begin anew.
_DRAWN, _INTERVAL = (1, 3, 4), 2
_MOST_SAMPLED, _LARGEST_DIFFERENCE = 4, 15


class Undrawable(Exception):
    """It names what it does not have, or says what cannot be."""


@dataclass(frozen=True)
class _Part:
    """One colour of a picture: how often it is looked at across and down, and with which table."""

    across: int
    down: int
    quanta: int

    @property
    def blocks(self) -> int:
        return self.across * self.down


class JpegTables:
    """What has been said so far. Segments are heard in the order in which they stand."""

    def __init__(self) -> None:
        self._quanta: set[int] = set()
        # Of coefficients of no frequency (0) and of the others (1), each with its number.
        self._codes: set[tuple[int, int]] = set()
        self._parts: dict[int, _Part] = {}
        self._is_progressive = False
        self._size = (0, 0)

    def hear(self, marker: int, said: bytes, coded: int) -> None:
        """`coded` is how many bytes of picture follow a scan. Raises `Undrawable`, `IndexError`, `struct.error`."""
        if marker in (*_SEQUENTIAL, _PROGRESSIVE):
            self._frame(marker, said)
        elif marker == _QUANTA:
            self._quanta |= _quanta_in(said)
        elif marker == _HUFFMAN:
            self._codes |= _codes_in(said)
        elif marker == _SCAN:
            self._scan(said, coded)
        elif marker in _STRANGE or (marker == _RESTART and len(said) != _INTERVAL):
            raise Undrawable

    def _frame(self, marker: int, said: bytes) -> None:
        precision, height, width, count = struct.unpack(">BHHB", said[:_HEAD])
        if precision != _PRECISION or count not in _DRAWN or len(said) != _HEAD + _PART * count or self._parts:
            raise Undrawable
        for at in range(_HEAD, len(said), _PART):
            name, sampled, quanta = said[at : at + _PART]
            part = _Part(sampled >> 4, sampled & 0x0F, quanta)
            if (
                not (1 <= part.across <= _MOST_SAMPLED and 1 <= part.down <= _MOST_SAMPLED and quanta < _TABLES)
                or name in self._parts
            ):
                raise Undrawable
            self._parts[name] = part
        self._is_progressive, self._size = marker == _PROGRESSIVE, (width, height)

    def _scan(self, said: bytes, coded: int) -> None:
        count = said[0]
        if not 1 <= count <= len(self._parts) or len(said) != 1 + 2 * count + 3:
            raise Undrawable
        first, last, shifted = said[-3:]
        named = [(said[at], said[at + 1] >> 4, said[at + 1] & 0x0F) for at in range(1, 1 + 2 * count, 2)]
        if len({name for name, _, _ in named}) != count or any(name not in self._parts for name, _, _ in named):
            raise Undrawable
        parts = [self._parts[name] for name, _, _ in named]
        if any(part.quanta not in self._quanta for part in parts):
            raise Undrawable
        if count > 1 and sum(part.blocks for part in parts) > _MOST_BLOCKS:
            raise Undrawable
        if self._is_progressive:
            needed = _needed(named, first, last, shifted)
        else:
            needed = {(0, dc) for _, dc, _ in named} | {(1, ac) for _, _, ac in named}
        if not needed <= self._codes:
            raise Undrawable
        if not self._is_progressive and 8 * coded < 2 * self._blocks(parts):
            # No block is said in less than two bits.
            raise Undrawable

    def _blocks(self, parts: list[_Part]) -> int:
        """Of eight by eight dots, in a scan of these."""
        across = max(part.across for part in self._parts.values())
        down = max(part.down for part in self._parts.values())
        width, height = self._size
        if len(parts) > 1:
            return -(-width // (8 * across)) * -(-height // (8 * down)) * sum(part.blocks for part in parts)
        (part,) = parts
        return -(-width * part.across // (8 * across)) * -(-height * part.down // (8 * down))


def _needed(named: list[tuple[int, int, int]], first: int, last: int, shifted: int) -> set[tuple[int, int]]:
    """Tables of one scan of a progressive picture, which says some coefficients, or a bit more of each."""
    before, now = shifted >> 4, shifted & 0x0F
    if now > _MOST_SHIFTED or (before and before != now + 1) or not first <= last <= _LAST:
        raise Undrawable
    if first == 0:
        if last:
            raise Undrawable
        return set() if before else {(0, dc) for _, dc, _ in named}
    if len(named) != 1:
        raise Undrawable
    return {(1, ac) for _, _, ac in named}


def _quanta_in(said: bytes) -> set[int]:
    found, at = set(), 0
    while at < len(said):
        wide, number = said[at] >> 4, said[at] & 0x0F
        at += 1 + _COEFFICIENTS * (1 + wide)
        if wide > 1 or number >= _TABLES or at > len(said):
            raise Undrawable
        found.add(number)
    return found


def _codes_in(said: bytes) -> set[tuple[int, int]]:
    found, at = set(), 0
    while at < len(said):
        kind, number = said[at] >> 4, said[at] & 0x0F
        lengths = said[at + 1 : at + 1 + _DEEPEST]
        start = at + 1 + _DEEPEST
        at = start + sum(lengths)
        if kind > 1 or number >= _TABLES or sum(lengths) > _SYMBOLS or at > len(said) or _is_overfull(lengths):
            raise Undrawable
        if kind == 0 and max(said[start:at], default=0) > _LARGEST_DIFFERENCE:
            raise Undrawable
        found.add((kind, number))
    return found


def _is_overfull(lengths: bytes) -> bool:
    """Whether there are more codes than bits can tell apart; one of nothing but ones is none."""
    free = 1
    for count in lengths:
        free = 2 * free - count
        if free < 1:
            return True
    return False
