"""What a coin's marks, and what was chosen about pictures, mean for what is shown. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot import texts
from bot.model import Coin, Line, Preference, Preferences, Span, Spoiler, in_force


class PictureSource(StrEnum):
    """Of what there is to be a picture."""

    STREAM = "stream"
    """With the coin's image for as long as there is none of the stream."""
    MOVING = "moving"
    """A few seconds of it; else as above."""
    COIN = "coin"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class PictureChoice:
    """Which picture a message about a coin has. `spoiler` is for a video of its stream, too."""

    source: PictureSource = PictureSource.STREAM
    spoiler: Spoiler = Spoiler.NO

    @property
    def is_of_stream(self) -> bool:
        """Whether it shows what is on air."""
        return self.source in (PictureSource.STREAM, PictureSource.MOVING)


OF_THE_STREAM = PictureChoice()

_SOURCES = {
    "moving": PictureSource.MOVING,
    "coin": PictureSource.COIN,
    "none": PictureSource.NOTHING,
}


def picture_choice(chosen: Preferences, coin: Coin | None) -> PictureChoice:
    """What was chosen where the message goes. Who chose the live picture sees it, marked or not."""
    word = in_force(chosen, Preference.PICTURE)
    is_marked = coin is not None and coin.marks.nsfw
    spoiler = Spoiler.NSFW if is_marked and word != "live" else Spoiler.NO
    if word == "spoiler":
        spoiler = Spoiler.ALWAYS
    return PictureChoice(_SOURCES.get(word, PictureSource.STREAM), spoiler)


def ban_lines(coin: Coin | None, now: datetime) -> tuple[Line, ...]:
    """That pump.fun shows no streams of the coin; nothing where it does."""
    if coin is None:
        return ()
    until = coin.marks.streams_banned_until
    if coin.marks.is_banned:
        return ((Span(texts.alerts.BANNED),),)
    if until is None or until <= now:
        return ()
    when = Span.instant(texts.units.moment(until, now), until, now)
    return ((Span(texts.alerts.BANNED_UNTIL), when),)
