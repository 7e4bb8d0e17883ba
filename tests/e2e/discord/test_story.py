"""Discord from the first slash command to the end of the stream, and to that of the token: the
real discord.py in the real service, a stand-in of Discord, the real LiveKit server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.demo.page_client import Page
from tests.clip_harness import BUSY
from tests.clip_judge import judge
from tests.conftest import require_livekit_server
from tests.e2e.discord.harness import DiscordHarness, alerts, discord_harness, text, title
from tests.e2e.seed import until
from tests.e2e.test_recuts import numbers
from tests.e2e.test_service import until_part
from tests.fakes.discord import Message
from tests.patience import PATIENCE

SMALL: dict[str, Any] = {"width": 640, "height": 360}
HOSTILE = "@everyone **Free** <@&1> [x](https://evil.example) ||`"


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[DiscordHarness]:
    require_livekit_server()
    async with discord_harness(tmp_path) as opened:
        yield opened


async def test_the_whole_story_by_slash_command(harness: DiscordHarness, tmp_path: Path) -> None:
    coin = harness.world.add_coin("EVIL", HOSTILE)
    role = harness.guild.add_role("watchers", mentionable=True)
    asked = await harness.owner.slash(harness.channel, "subscribe", mint=coin.mint, role=role)
    answer = await asked.answered()
    assert answer.ephemeral
    assert not answer.pings

    caster = await harness.world.broadcast(coin, title=HOSTILE, **SMALL)
    (alert,) = await until(lambda: alerts(harness.channel), "the alert")
    assert "is live" in title(alert)
    assert alert.mention_roles == [role.id]
    assert not alert.mention_everyone
    assert alert.attachments[0].data[:3] == b"\xff\xd8\xff"
    assert alert.attachments[0].url in alert.in_embeds, "attached, and shown in the card"
    assert "](https://evil" not in text(alert)

    pressed = await harness.al.press(alert, label="Copy address")
    assert coin.mint in text(await pressed.answered())

    asked = await harness.al.slash(harness.channel, "clip", duration="2s")
    await asked.until(lambda one: one.response and one.response.attachments)
    clip = asked.response
    assert clip is not None
    (tmp_path / "clip.mp4").write_bytes(clip.attachments[0].data)
    verdict = judge(tmp_path / "clip.mp4")
    assert verdict.duration == pytest.approx(2.0, abs=BUSY.length)
    assert not clip.pings
    await deleting_it_is_undone(harness, clip)
    await comes_smaller_where_it_is_refused(harness, coin.mint, tmp_path)
    await what_came_after_takes_its_place(harness, clip, tmp_path)
    await caster.stop()  # what follows is for the site to tell

    await harness.restarted()
    pressed = await harness.al.press(alert, label="Copy address")
    assert coin.mint in text(await pressed.answered())

    coin.end()
    await until(lambda: "was live" in title(alert), "the end")
    assert alert.attachments, "the end keeps the picture"
    assert len(alerts(harness.channel)) == 1
    assert harness.discord.rejected == []
    await its_token_dies_and_all_else_goes_on(harness)


async def deleting_it_is_undone(harness: DiscordHarness, clip: Message) -> None:
    """In the place of the clip; the presses are only acknowledged."""
    video = clip.attachments[0].data
    pressed = await harness.al.press(clip, label="Delete")
    await until(lambda: clip.content == "Clip deleted." and not clip.attachments, "it says so")
    undone = await harness.al.press(clip, label="Undo")
    await until(lambda: clip.attachments, "it is back")
    assert clip.attachments[0].data == video
    assert pressed.followups == undone.followups == []


async def comes_smaller_where_it_is_refused(
    harness: DiscordHarness, mint: str, folder: Path
) -> None:
    before = len(harness.discord.calls)
    asked = await harness.al.slash(harness.channel, "clip", duration="4s", mint=mint, wait=False)
    asked.refusals = 1  # Discord takes less than it has said
    await asked.until(lambda one: one.response and one.response.attachments)
    assert asked.response is not None
    (folder / "smaller.mp4").write_bytes(asked.response.attachments[0].data)
    uploads = [size for call in harness.discord.calls[before:] for _, size in call.files]
    assert len(uploads) == 2, "the second is the smaller one"
    assert uploads[1] <= 0.8 * uploads[0]
    seconds = judge(folder / "smaller.mp4").duration
    assert 2.0 - BUSY.length <= seconds <= 4.0 + BUSY.length, (
        "half of it, where the stream has just begun"
    )


async def what_came_after_takes_its_place(
    harness: DiscordHarness, clip: Message, folder: Path
) -> None:
    """In the same message: ten seconds later, as long."""
    video, messages = clip.attachments[0].data, len(harness.channel.messages)
    before = judge(folder / "clip.mp4")
    await harness.al.press(clip, label="10 s ▶")
    await until(lambda: clip.attachments[0].data != video, "it is another clip")
    (folder / "later.mp4").write_bytes(clip.attachments[0].data)
    later = judge(folder / "later.mp4")
    assert later.duration == pytest.approx(2.0, abs=BUSY.length)
    assert numbers(later)[0] > numbers(before)[1]
    assert len(harness.channel.messages) == messages
    stranger = harness.guild.add_member(harness.discord.add_user("bo"))
    refused = await stranger.press(clip, label="Shorter")
    assert (await refused.answered()).ephemeral


async def its_token_dies_and_all_else_goes_on(harness: DiscordHarness) -> None:
    async with Page(f"http://127.0.0.1:{harness.port}") as page:
        await page.reachable()
        await harness.discord.revoke_token()
        await until_part(page, "discord", ok=False)
        await page.say(f"/subscribe {harness.coin.mint}")
        harness.coin.go_live("On the page")
        await page.until("the alert", lambda event: event["kind"] == "alert", PATIENCE)
        ended = [
            line for line in harness.service.last_lines.splitlines() if "Discord: stop" in line
        ]
        assert len(ended) == 1, harness.service.last_lines
        assert await harness.service.stop() == 0
