"""Whose picture a session shows, waited for: how soon it changes is for quiet machines to say."""

from __future__ import annotations

import asyncio

from bot.demo.world import World
from bot.kit.processes.child import Child, Message
from tests.patience import PATIENCE


async def shown(child: Child) -> Message:
    """The next change of what is shown."""
    async with asyncio.timeout(PATIENCE):
        event = await child.next_event()
    assert event is not None, child.last_words
    return event


async def test_a_screen_share_takes_the_picture_and_gives_it_back(world: World) -> None:
    """And a reader that dies is replaced."""
    coin = world.add_coin("SHARE", "Shared screen")
    caster = await world.broadcast(coin, width=640, height=360, fps=10, audio=False)
    child = await Child.spawn("tests.e2e.session_process")
    try:
        await child.send(
            "join", url=world.server.url, token=world.server.token(coin.room, "onlooker")
        )
        assert await shown(child) == {"event": "joined"}
        assert await shown(child) == {"event": "shown", "share": False}
        await caster.share()
        assert await shown(child) == {"event": "shown", "share": True}
        await caster.share(False)
        assert await shown(child) == {"event": "shown", "share": False}
        await child.send("break")
        assert await shown(child) == {"event": "shown", "share": False}, "read anew"
    finally:
        await child.stop()
