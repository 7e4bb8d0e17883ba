"""Which streams an MPEG-TS file says that it has (ISO/IEC 13818-1, 2.4.4). Pure.

A demuxer knows the streams that are there when it begins. One that comes later, as the sound of
whoever turns it on in mid-stream, is nothing that it could hand out.
"""

from __future__ import annotations

_PACKET = 188
_PAT, _PMT = 0x00, 0x02
_HEADER, _CRC = 8, 4
_STARTS = 0x40
"""A table begins in this packet."""

Programme = tuple[tuple[int, int], ...]
"""The type and the id of each stream."""


def programmes(data: bytes) -> tuple[Programme, ...]:
    """Each that is named in whole packets, one after another: more than one where it changes."""
    named = list[Programme]()
    for pid in _tables(data):
        for packet in _starting(data, pid):
            programme = _streams(_section(packet, _PMT))
            if programme and programme not in named[-1:]:
                named.append(programme)
    return tuple(named)


def _tables(data: bytes) -> list[int]:
    """Where the first list of programmes says that their streams are listed: of the first one."""
    for packet in _starting(data, 0):
        section = _section(packet, _PAT)
        for at in range(0, len(section) - 3, 4):
            if section[at : at + 2] != b"\0\0":  # that would be the network's own table
                return [_id(section, at + 2)]
    return []


def _starting(data: bytes, pid: int) -> list[bytes]:
    """The packets of that id in which a table begins."""
    high, low = data[1::_PACKET], data[2::_PACKET]
    found, at = list[bytes](), low.find(pid & 0xFF)
    while at >= 0:
        if at < len(high) and high[at] & 0x5F == _STARTS | pid >> 8:
            found.append(data[at * _PACKET : (at + 1) * _PACKET])
        at = low.find(pid & 0xFF, at + 1)
    return found


def _section(packet: bytes, kind: int) -> bytes:
    """What the table says, as far as it lies in that packet; nothing where it is of no such kind,
    or not valid yet."""
    payload = packet[4:]
    if len(packet) > 4 and packet[3] & 0x20:  # a field of its own comes first
        payload = packet[5 + packet[4] :]
    table = payload[1 + payload[0] :] if payload else b""
    if len(table) <= _HEADER or table[0] != kind or not table[5] & 1:
        return b""
    return table[_HEADER : max(_HEADER, 3 + (_id(table, 1) & 0x3FF) - _CRC)]


def _streams(section: bytes) -> Programme:
    found, at = list[tuple[int, int]](), 4 + (_id(section, 2) & 0x3FF if len(section) >= 4 else 0)
    while at + 5 <= len(section):
        found.append((section[at], _id(section, at + 1)))
        at += 5 + (_id(section, at + 3) & 0x3FF)
    return tuple(found)


def _id(data: bytes, at: int) -> int:
    return (data[at] << 8 | data[at + 1]) & 0x1FFF
