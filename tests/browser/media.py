"""A picture and a clip as Mintcast makes them, for messages that show some."""

from __future__ import annotations

from itertools import chain

from bot.clips.capture.canvas import Size
from bot.demo.look import Look
from bot.demo.testcard import make_content
from bot.kit.files import Files
from bot.kit.picture import jpeg_of_yuv
from bot.model import StoredPicture, StoredVideo
from tests.clips.capture.studio import FPS, encode, pictures, sounds

SIZE = Size(640, 360)
_SECOND = 1_000_000


async def stored_picture(files: Files, symbol: str = "MINT") -> StoredPicture:
    """The demo's card as a JPEG among the files."""
    look = Look(SIZE.width, SIZE.height, FPS, symbol=symbol)
    card = make_content("card", look).paint(40)
    size = (SIZE.width, SIZE.height)
    data = jpeg_of_yuv(size, *(plane.tobytes() for plane in (card.y, card.u, card.v)))
    return StoredPicture(await files.put_picture(data), *size)


def stored_clip(files: Files, seconds: float = 3.0) -> StoredVideo:
    """The card and its beeps through our own encoder and writer: H.264 and AAC."""
    count = round(seconds * FPS)
    moving = pictures(range(count), size=SIZE, content="card")
    take = encode(chain(sounds(seconds), moving), canvas=SIZE)
    key = files.new_key("mint", "mp4")
    path = files.path(key)
    take.write(path, 0, round(seconds * _SECOND))
    return StoredVideo(key, seconds, path.stat().st_size, SIZE.width, SIZE.height)
