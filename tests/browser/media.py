"""A picture and a clip as Mintcast makes them, for messages that show some."""

from __future__ import annotations

import functools
import tempfile
from itertools import chain
from pathlib import Path

from bot.clips.encoding.canvas import Size
from bot.demo.broadcast.picture_spec import PictureSpec
from bot.demo.broadcast.testcard import make_content
from bot.kit.files import Files
from bot.kit.pictures.jpeg import jpeg_of_yuv
from bot.model import StoredPicture, StoredVideo
from tests.clips.capture.harness import FPS, encode, pictures, sounds

SIZE = Size(640, 360)
SIZE_OF = SIZE.width, SIZE.height
_SECOND = 1_000_000


async def stored_picture(files: Files, symbol: str = "MINT") -> StoredPicture:
    """The demo's card as a JPEG among the files."""
    spec = PictureSpec(SIZE.width, SIZE.height, FPS, symbol=symbol)
    card = make_content("card", spec).paint(40)
    size = (SIZE.width, SIZE.height)
    data = jpeg_of_yuv(size, *(plane.tobytes() for plane in (card.y, card.u, card.v)))
    return StoredPicture(await files.put_picture(data), *size)


async def stored_moving(files: Files) -> StoredVideo:
    """Two seconds of the card among the files, to be shown without their sound."""
    data = _clip(2.0)
    return StoredVideo(await files.put_picture(data, "mp4"), 2.0, len(data), *SIZE_OF)


def stored_clip(files: Files, seconds: float = 3.0) -> StoredVideo:
    """The card and its beeps among the files."""
    data, key = _clip(seconds), files.new_key("mint", "mp4")
    files.path(key).write_bytes(data)
    return StoredVideo(key, seconds, len(data), SIZE.width, SIZE.height)


@functools.cache
def _clip(seconds: float) -> bytes:
    """Through our own encoder and writer: H.264 and AAC."""
    moving = pictures(range(round(seconds * FPS)), size=SIZE, content="card")
    take = encode(chain(sounds(seconds), moving), canvas=SIZE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        take.write(path, 0, round(seconds * _SECOND))
        return path.read_bytes()
