"""The clips of the story."""

from __future__ import annotations

from bot.model import Verb
from tests.looks.pictures.screens import Screens

PLAYER = "video"
CANCEL = f'[data-press*="{Verb.CANCEL_CLIP}:"]'
POST = f'[data-press*="{Verb.HIGHLIGHT}:"]'
LONGER = f'[data-press*="{Verb.CLIP_LONGER}:"]'


async def past_clip(on: Screens) -> None:
    """What has just happened, and then a little more of it in the same message; a while ago; and
    all that there is of more."""
    known = await on.known()
    await _type(on, "5s")
    shown = await on.answer(known, holding=PLAYER, still=0)
    await on.until(shown, LONGER)
    await on.shoot("clip-past", shown)
    before = await on.text(shown)
    await on.press(shown, LONGER)
    await on.changed(shown, before)
    await on.settled(shown)
    await on.shoot("clip-longer", shown)
    for name, length, ago in (("clip-ago", "5s", "5s"), ("clip-shorter", "60s", "")):
        known = await on.known()
        await _type(on, length, ago)
        await on.shoot(name, await on.answer(known, holding=PLAYER))


async def highlights(on: Screens, symbol: str, other: str) -> None:
    """Those of a coin, one of them posted; and of a coin that has none."""
    named = "mint:" if on.platform == "discord" else ""
    known = await on.known()
    listed = await on.say(f"/clips {named}{symbol}")
    await on.shoot("highlights", listed)
    await on.press(listed, POST)
    await on.shoot("highlight", await on.answer([*known, listed], holding=PLAYER))
    await on.shoot("highlights-none", await on.say(f"/clips {named}{other}"))


async def without_rings(on: Screens) -> None:
    """Nothing of the past is at hand from then on."""
    await on.say(f"/settings replay{':' if on.platform == 'discord' else ' '}off")


async def whole_clip(on: Screens) -> None:
    """Asked for, under way and there."""
    known = await on.known()
    await _type(on, "10s")
    shown = await on.answer(known, still=0)
    await on.shoot("clip-asked", shown)
    await on.until(shown, CANCEL)
    await on.changed(shown, await on.text(shown))
    await on.shoot("clip-progress", shown)
    await on.shoot("clip-done", await on.answer(known, holding=PLAYER, still=0))


async def cancelled_clip(on: Screens) -> None:
    """Begun, and cancelled."""
    known = await begin_clip(on, "60s")
    shown = await on.answer(known, still=0)
    await on.press(shown, CANCEL)
    await on.until(shown, f"not {CANCEL}")
    await on.settled(shown)
    await on.shoot("clip-cancelled", shown)


async def begin_clip(on: Screens, length: str) -> list[str]:
    """Until it is under way; what was there before."""
    known = await on.known()
    await _type(on, length)
    shown = await on.answer(known, still=0)
    await on.until(shown, CANCEL)
    return known


async def recorded_clip(on: Screens) -> list[str]:
    """Until there is something of a long one; what was there before."""
    known = await begin_clip(on, "60s")
    shown = await on.answer(known, still=0)
    await on.changed(shown, await on.text(shown))
    return known


async def outcome_of(on: Screens, known: list[str]) -> str:
    """The message that holds the clip, or says why there is none."""
    await on.gone(CANCEL)
    return await on.answer(known, still=5.0)


async def _type(on: Screens, length: str, ago: str = "") -> None:
    words = {"duration": length, "ago": ago}
    named = [f"{name}:" if on.platform == "discord" else "" for name in words]
    told = [name + word for name, word in zip(named, words.values(), strict=True) if word]
    await on.type(" ".join(("/clip", *told)))
