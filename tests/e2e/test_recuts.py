"""A clip is cut anew, in the chat where it stands: of the ring, and of what was kept around it."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from typing import Any

import pytest

from bot.demo.page_client import Page
from tests.clip_judge import Verdict, judge
from tests.conftest import require_livekit_server
from tests.e2e.discord.harness import discord_harness
from tests.e2e.seed import until
from tests.e2e.telegram.harness import telegram_harness
from tests.fakes.telegram import Message, User
from tests.patience import PATIENCE

pytestmark = pytest.mark.soak

SMALL: dict[str, Any] = {"width": 320, "height": 180, "fps": 10}
FPS = 10
NEAR_SECONDS = 1.0
"""By so much an end may be off: a group of pictures, and what a slow machine adds."""

AT_ONCE = ["editMessageMedia", "answerCallbackQuery"]
"""What Telegram is told of a cut: the message changes, and the answer comes once it has."""
MEANWHILE = {"getUpdates", "sendChatAction", "sendMessage", "deleteMessage"}
"""On a busy machine a card stands there for a while."""
AT_ONCE_SECONDS = 1.5

RECUTS = ["◀ 10 s", "10 s ▶", "Longer", "Shorter"]


@pytest.fixture(autouse=True)
def needs_a_server() -> None:
    require_livekit_server()


async def is_at_hand(port: int, seconds: float) -> None:
    """So many of the last seconds, of the one stream that is followed."""
    async with Page(f"http://127.0.0.1:{port}") as page:
        await page.reachable()
        deadline = time.monotonic() + PATIENCE + seconds
        while _ring_seconds(await page.fetch("/metrics")) < seconds:
            assert time.monotonic() < deadline, "the ring does not fill"
            await asyncio.sleep(0.1)


def _ring_seconds(metrics: bytes) -> float:
    found = re.search(rb"^mintcast_ring_seconds ([0-9.]+)", metrics, re.MULTILINE)
    return float(found[1]) if found else 0.0


def data_of(message: Message) -> bytes:
    """Of the video that stands there now."""
    assert message.video is not None
    return message.video.data


class Film:
    """What a message shows, each time that it shows something else."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "shown.mp4"

    def judged(self, data: bytes) -> Verdict:
        self._path.write_bytes(data)
        verdict = judge(self._path)
        assert verdict.moov_first
        assert verdict.keyframe_first
        assert verdict.missing <= NEAR_SECONDS * FPS
        return verdict


def numbers(verdict: Verdict) -> tuple[int, int]:
    """Its first and last frame."""
    known = [number for number in verdict.numbers if number is not None]
    return known[0], known[-1]


def assert_near(found: tuple[int, int], wanted: tuple[int, int]) -> None:
    assert found == pytest.approx(wanted, abs=NEAR_SECONDS * FPS)


async def recut(al: User, clip: Message, label: str, said: str) -> None:
    """Press it, and wait for what it makes: on a busy machine that comes after the answer."""
    before = data_of(clip)
    assert (await al.press(clip, label=label)).text in (said, "Ready in a few seconds.")
    await until(lambda: data_of(clip) != before, said)


async def test_on_telegram_of_the_ring_and_after_a_restart_of_what_was_kept(tmp_path: Path) -> None:
    film = Film(tmp_path)
    async with telegram_harness(tmp_path) as harness:
        al, chat = harness.al, harness.al.chat
        await al.say(chat, f"/subscribe {harness.coin.mint}")
        await harness.world.broadcast(harness.coin, **SMALL)
        await is_at_hand(harness.port, 16)
        await al.say(chat, "/clip 5s")
        (clip,) = await until(lambda: [m for m in chat.messages if m.video], "the clip")
        assert [button.label for button in clip.buttons] == [*RECUTS, "Again", "Delete"]
        first = numbers(film.judged(data_of(clip)))
        messages = len(chat.messages)

        calls = len(harness.telegram.calls)
        pressed = await al.press(clip, label="Longer")
        longer = data_of(clip)
        made = [call.method for call in harness.telegram.calls[calls:]]
        assert pressed.text == "Now 15 s long."
        assert [each for each in made if each not in MEANWHILE] == AT_ONCE
        await until(lambda: len(chat.messages) == messages, "no card is left")
        assert_near(numbers(film.judged(longer)), (first[0] - 10 * FPS, first[1]))

        await harness.restarted()  # with its ring
        await recut(al, clip, "Shorter", "Now 5 s long.")
        assert_near(numbers(film.judged(data_of(clip))), first)
        await recut(al, clip, "◀ 10 s", "Moved 10 s earlier.")
        moved = numbers(film.judged(data_of(clip)))
        assert_near(moved, (first[0] - 10 * FPS, first[1] - 10 * FPS))
        assert len(chat.messages) == messages, "all of it in one message"
        assert harness.telegram.rejected == []


async def test_on_discord_of_the_ring(tmp_path: Path) -> None:
    film = Film(tmp_path)
    async with discord_harness(tmp_path) as harness:
        mint = harness.coin.mint
        await (await harness.owner.slash(harness.channel, "subscribe", mint=mint)).answered()
        await harness.world.broadcast(harness.coin, **SMALL)
        await is_at_hand(harness.port, 16)
        asked = await harness.al.slash(harness.channel, "clip", duration="5s")
        await asked.until(lambda one: one.response and one.response.attachments)
        clip = asked.response
        assert clip is not None
        first = numbers(film.judged(clip.attachments[0].data))

        began = time.monotonic()
        pressed = await harness.al.press(clip, label="Longer")
        await until(lambda: "15 s" in clip.content, "it is longer")
        assert time.monotonic() - began <= AT_ONCE_SECONDS
        longer = numbers(film.judged(clip.attachments[0].data))
        assert_near(longer, (first[0] - 10 * FPS, first[1]))
        assert pressed.followups == []
        stranger = harness.guild.add_member(harness.discord.add_user("bo"))
        refused = await stranger.press(clip, label="Shorter")
        assert (await refused.answered()).ephemeral
        assert harness.discord.rejected == []
