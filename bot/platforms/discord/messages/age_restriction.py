"""Where a picture that is not for everybody's eyes needs no spoiler on Discord: in channels that
let in only people who have confirmed their age. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Message, Spoiler


def fit_for(channel: object, message: Message) -> Message:
    """The message as that channel, one of discord.py's, shows it. None: the channel is not known,
    as an archived thread, or as all are before the gateway has told of them."""
    if message.spoiler is not Spoiler.NSFW or not _is_age_restricted(channel):
        return message
    return replace(message, spoiler=Spoiler.NO)


def _is_age_restricted(channel: object) -> bool:
    """A thread is what its channel is; a conversation without a server never is."""
    is_nsfw = getattr(channel, "is_nsfw", None)
    return is_nsfw is not None and bool(is_nsfw())
