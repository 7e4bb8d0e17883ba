"""Pictures that somebody made to harm whoever decodes them."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

_RUN = "0" + "01" * 7
"""An end-of-band run: its code, then its length beyond 2¹⁴ in 14 bits: 21,845 blocks."""
_RUN_BLOCKS = (1 << 14) + int(_RUN[1:], 2)


def progressive_jpeg(scans: int, side: int = 4000) -> bytes:
    """A grey JPEG, well formed, whose every scan makes its decoder pass over every block; a scan
    takes 33 bytes at 4000 pixels a side."""
    blocks = (-(-side // 8)) ** 2
    runs = _RUN * -(-blocks // _RUN_BLOCKS)
    one_code = bytes([1, *[0] * 15])
    return b"".join((
        b"\xff\xd8",
        _segment(0xDB, b"\x00" + b"\x01" * 64),
        _segment(0xC2, struct.pack(">BHHBBBB", 8, side, side, 1, 1, 0x11, 0)),
        _segment(0xC4, b"\x00" + one_code + b"\x00"),  # of differences: none
        _segment(0xC4, b"\x10" + one_code + b"\xe0"),  # of coefficients: the run above
        _scan(0, 0) + _packed("0" * blocks),
        (_scan(1, 63) + _packed(runs)) * scans,
        b"\xff\xd9",
    ))  # fmt: skip


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _scan(first: int, last: int) -> bytes:
    return _segment(0xDA, bytes([1, 1, 0x00, first, last, 0]))


def _packed(bits: str) -> bytes:
    padded = bits + "1" * (-len(bits) % 8)
    return int(padded, 2).to_bytes(len(padded) // 8, "big")


def png(width: int, height: int, *chunks: tuple[bytes, bytes], rows: bytes = b"") -> bytes:
    """A grey PNG of that size with `chunks` before its pixels; `rows` unpacked."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    inside = ((b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in inside)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def text_bomb() -> bytes:
    """A PNG of one pixel with a compressed text of 64 MB."""
    packer = zlib.compressobj(9)
    zeros = bytes(1 << 20)
    body = b"Comment\0\0" + b"".join(packer.compress(zeros) for _ in range(64)) + packer.flush()
    return png(1, 1, (b"zTXt", body), rows=b"\0\xff")


def animated_webp(frames: int) -> bytes:
    """So many small frames."""
    images = [Image.new("RGB", (64, 64), (n % 256, n // 256, 90)) for n in range(frames)]
    out = io.BytesIO()
    images[0].save(out, "WEBP", save_all=True, append_images=images[1:], method=0)
    return out.getvalue()
