"""What the site itself has of a stream, in the chats: its highlights, posted as videos, and the
whole of it once it is over. The real service and the real clients; no LiveKit server is needed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.demo.page_client import Page
from bot.demo.recording.options import RecordingOptions
from bot.demo.site.coins import DemoCoin
from bot.demo.site.faults import Fault
from bot.demo.world import World
from bot.errors import PageError
from tests.clip_judge import judge
from tests.e2e.discord.harness import DiscordHarness, alerts, discord_harness, text, title
from tests.e2e.seed import until
from tests.e2e.telegram.harness import telegram_harness
from tests.patience import PATIENCE

SMALL: dict[str, Any] = {"width": 320, "height": 180, "fps": 30}
QUICK = RecordingOptions.quick()
LONG_AGO = 60.0
AFTER_THE_END = 30.0
"""Seconds after which the whole of it is looked for, and some."""


def on_air(world: World, coin: DemoCoin) -> None:
    """For a minute already, recorded by the site; three viewers have cut a highlight since."""
    world.record(coin, past=LONG_AGO, **SMALL)
    for seconds in (6, 5, 4):
        coin.add_highlight(seconds)


def shows(data: bytes, seconds: float, folder: Path) -> None:
    """A whole video of so many seconds, which ends a moment ago."""
    (folder / "highlight.mp4").write_bytes(data)
    verdict = judge(folder / "highlight.mp4")
    assert verdict.moov_first
    assert verdict.duration == pytest.approx(seconds, abs=0.2)
    assert (verdict.missing, verdict.unreadable) == (0, 0)


@pytest.mark.soak
async def test_on_discord(tmp_path: Path) -> None:
    async with discord_harness(tmp_path, livekit=False, recordings=QUICK) as harness:
        coin, channel = harness.coin, harness.channel
        await (await harness.owner.slash(channel, "subscribe", mint=coin.mint)).answered()
        on_air(harness.world, coin)
        (alert,) = await until(lambda: alerts(channel), "the alert")

        listed = await (await harness.al.slash(channel, "clips")).answered()
        assert listed.ephemeral
        assert "Highlights of Minty the coin ($MINTY)" in text(listed)
        pressed = await harness.al.press(listed, label="Post 1")
        again = await harness.al.press(listed, label="Post 1")
        await pressed.until(lambda one: one.response and one.response.attachments)
        clip = pressed.response
        assert clip is not None
        assert not clip.ephemeral
        assert "Highlight of $MINTY · 4 s" in text(clip)
        assert "Shared by Al" in text(clip)
        shows(clip.attachments[0].data, 4.0, tmp_path)
        told = await again.answered()
        assert told.ephemeral
        assert "already on its way" in text(told) or "a moment ago" in text(told)
        videos = [one for one in channel.messages if one.attachments and not one.embeds]
        assert len([one for one in videos if not one.deleted]) <= 1

        await harness.al.press(clip, label="Delete")
        await until(lambda: clip.content == "Clip deleted.", "it says so")
        await harness.al.press(clip, label="Undo")
        await until(lambda: clip.attachments, "it is back")
        shows(clip.attachments[0].data, 4.0, tmp_path)

        await it_works_where_the_bot_is_no_member(harness, coin, tmp_path)

        coin.end()
        await until(lambda: "was live" in title(alert), "the end")
        await until(
            lambda: "Whole stream" in links(alert), "Whole stream", PATIENCE + AFTER_THE_END
        )
        assert f"/coin/{coin.mint}?clip=" in links(alert)["Whole stream"]
        assert harness.discord.rejected == []


async def it_works_where_the_bot_is_no_member(
    harness: DiscordHarness, coin: DemoCoin, folder: Path
) -> None:
    """Somebody has installed it for themselves."""
    abroad = harness.discord.add_guild("Abroad", member=False)
    channel, cleo = abroad.add_text_channel("chat"), harness.discord.add_user("cleo")
    abroad.add_member(cleo)
    asked = await cleo.slash(channel, "clips", installed_for_user=True, mint=coin.mint)
    pressed = await cleo.press(await asked.answered(), label="Post 3")
    await pressed.until(lambda one: one.response and one.response.attachments)
    assert pressed.response is not None
    shows(pressed.response.attachments[0].data, 6.0, folder)


def links(message: Any) -> dict[str, str]:
    """Where the buttons of a message lead, by label."""
    rows = message.components
    buttons = [one for row in rows for one in row.get("components", ()) if one.get("url")]
    return {one["label"]: one["url"] for one in buttons}


@pytest.mark.soak
async def test_on_telegram(tmp_path: Path) -> None:
    async with telegram_harness(tmp_path, livekit=False, recordings=QUICK) as harness:
        coin, al = harness.coin, harness.al
        await al.say(al.chat, f"/subscribe {coin.mint}")
        await until(lambda: al.chat.messages, "the answer")
        on_air(harness.world, coin)
        (alert,) = await until(lambda: [m for m in al.chat.messages if m.photo], "the alert")

        asked = await al.say(al.chat, "/clips")
        (listed,) = await until(
            lambda: [m for m in al.chat.messages if m.reply_to is asked], "the list"
        )
        assert "Highlights of Minty the coin ($MINTY)" in listed.text
        assert [b.label for b in listed.buttons] == ["Post 1", "Post 2", "Post 3"]
        presses = [al.press(listed, label="Post 2") for _ in range(2)]
        await asyncio.gather(*presses)
        (clip,) = await until(lambda: [m for m in al.chat.messages if m.video], "the video")
        assert "Highlight of $MINTY · 5 s" in clip.caption
        assert clip.video is not None
        assert clip.video.thumbnail
        shows(clip.video.data, 5.0, tmp_path)
        assert len([m for m in al.chat.messages if m.video]) == 1
        assert (await al.press(clip, label="Delete")).text == "Clip deleted."

        coin.end()
        await until(lambda: "was live" in alert.caption, "the end")
        await until(
            lambda: [b for b in alert.buttons if b.label == "Whole stream"],
            "Whole stream",
            PATIENCE + AFTER_THE_END,
        )
        (button,) = [b for b in alert.buttons if b.label == "Whole stream"]
        assert f"/coin/{coin.mint}?clip=" in str(button.url)
        assert harness.telegram.rejected == []


@pytest.mark.soak
async def test_on_the_page_where_the_site_has_its_bad_moments(tmp_path: Path) -> None:
    async with telegram_harness(tmp_path, livekit=False, recordings=QUICK) as harness:
        coin, site = harness.coin, harness.world.site
        async with Page(f"http://127.0.0.1:{harness.port}") as page:
            await page.reachable()
            none = await answered(page, f"/clips {coin.mint}")
            assert none["text"].startswith("No highlights of Minty the coin ($MINTY) yet")
            other = harness.world.add_coin("FLAP", "Wobbly line")
            on_air(harness.world, other)
            site.fail("clips", Fault.SERVER_ERROR)
            failed = await answered(page, f"/clips {other.mint}")
            assert "pump.fun has a problem" in failed["text"]
            site.heal()
            listed = await answered(page, f"/clips {other.mint}")
            site.fail("clip-files", Fault.GARBAGE)
            gone = await pressed(page, listed, "Post 3")
            assert "pump.fun's video can't be posted here" in gone["text"]
            site.heal()
            again = await pressed(page, gone, "Again")
            assert again["kind"] == "clip"
            assert "Highlight of $FLAP · 6 s" in again["text"]
            shows(await page.fetch(again["video"]), 6.0, tmp_path)


async def answered(page: Page, line: str) -> dict[str, Any]:
    """What is said to it."""
    since = len(page.events)
    asked = await page.say(line)
    return await page.until(line, lambda e: e.get("reply_to") == asked, PATIENCE, since)


async def pressed(page: Page, message: dict[str, Any], label: str) -> dict[str, Any]:
    """What comes of a button: a clip, or why there is none."""
    (button,) = [one["id"] for one in message["buttons"] if one["label"] == label]
    since = len(page.events)
    async with asyncio.timeout(PATIENCE):
        await _press(page, message["id"], button)
    return await page.until(
        label,
        lambda e: e.get("video") is not None or (e["kind"] == "reply" and e["tone"] == "bad"),
        PATIENCE,
        since,
    )


async def _press(page: Page, message: str, button: str) -> None:
    """A second after the last, it is too soon for another clip."""
    while True:
        try:
            return await page.press(message, button)
        except PageError as error:
            if "a moment ago" not in str(error):
                raise
        await asyncio.sleep(0.1)
