"""Segments made wrong, as ordered, once they are made. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping

from bot.demo.recording.faults import Order, SegmentFault
from bot.demo.recording.wrong_lists import PAGE

_PACKET = 188
_NULL = b"\x47\x1f\xff\x10" + b"\xff" * (_PACKET - 4)
_LARGE = 9 << 20
_STATUS = {SegmentFault.LOST: 404, SegmentFault.FORBIDDEN: 403}


def refusal(orders: Iterable[Order]) -> int | None:
    """The status with which a segment is refused, if it is."""
    for order in orders:
        if isinstance(order.fault, SegmentFault) and order.fault in _STATUS:
            return _STATUS[order.fault]
    return None


def spoiled(body: bytes, orders: Iterable[Order]) -> bytes:
    """The bytes as they are served."""
    for order in orders:
        if isinstance(order.fault, SegmentFault) and order.fault in _CHANGES:
            body = _CHANGES[order.fault](body)
    return body


_CHANGES: Mapping[SegmentFault, Callable[[bytes], bytes]] = {
    SegmentFault.PAGE: lambda _: PAGE.encode(),
    SegmentFault.EMPTY: lambda _: b"",
    SegmentFault.TRUNCATED: lambda body: body[: len(body) // 2 + 7],
    SegmentFault.NOISE: lambda body: random.Random(len(body)).randbytes(len(body)),
    SegmentFault.MP4: lambda _: b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(1000),
    SegmentFault.TOO_LARGE: lambda body: body + _NULL * (_LARGE // _PACKET),
}
