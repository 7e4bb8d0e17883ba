"""Clips of what is long past, where no capture runs: the real service cuts them out of the site's
recording, in a chat, and frame numbers tell whether they show what they say."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.demo.recording.options import LOW, MEDIUM, RecordingOptions
from bot.demo.running import PACE
from bot.demo.site.faults import Fault
from tests.clip_judge import judge
from tests.clips.sources.recording.harness import on_air_at
from tests.conftest import require_livekit_server
from tests.e2e.seed import until
from tests.e2e.telegram.harness import TelegramHarness, telegram_harness
from tests.e2e.test_recuts import RECUTS, is_at_hand
from tests.fakes.telegram import Message

DELAY = 6.0
OPTIONS = RecordingOptions(
    rungs=(LOW, MEDIUM), first_media=2.0, delay=DELAY, dating=2.5, hole=3.0, outlives=600.0
)
NO_RING = {
    "MINTCAST_REPLAY__ENABLED": "false",
    "MINTCAST_RECORDING__DELAY_SECONDS": str(DELAY),
    "MINTCAST_CLIPS__PER_PLACE_COOLDOWN_SECONDS": "0.01",
    "MINTCAST_CLIPS__PER_PERSON_COOLDOWN_SECONDS": "0.01",
}
SOON = 3.0
FPS = 30
SLACK = 3.0
"""Seconds. The delay is a guess, so each clip says "about"."""


@pytest.mark.soak
async def test_what_is_long_past_what_has_just_been_and_what_is_over(tmp_path: Path) -> None:
    async with telegram_harness(
        tmp_path, livekit=False, recordings=OPTIONS, more=NO_RING
    ) as harness:
        al, chat = harness.al, harness.al.chat
        harness.world.record(harness.coin, past=300.0, width=320, height=180)
        await al.say(chat, f"/subscribe {harness.coin.mint}")
        await until(lambda: [m for m in chat.messages if m.photo], "the alert")

        media = ("masters", "playlists", "segments")
        assert sum(map(harness.world.site.count, media)) == 0, "what is watched costs nothing"
        asked_at = time.monotonic()
        long_past = await clip(harness, "/clip 6s 2m ago")
        assert "From about " in long_past.caption
        assert ago(harness, long_past, tmp_path, asked_at) == pytest.approx(120, abs=SLACK)
        assert [button.label for button in long_past.buttons][:4] == RECUTS
        pressed = await al.press(long_past, label="Longer")
        assert pressed.text in ("Now 16 s long.", "Now 15 s long.", "Ready in a few seconds.")
        await until(lambda: "15 s of" in long_past.caption or "16 s of" in long_past.caption, "it")

        asked_at = time.monotonic()
        lately = await clip(harness, "/clip 10s")
        # It begins at the nearest keyframe.
        assert re.search(r"About the last (9|10|11) s", lately.caption), lately.caption
        assert ago(harness, lately, tmp_path, asked_at) == pytest.approx(0, abs=SLACK)
        cards = [edit.before.body.text for m in chat.messages for edit in m.edits]
        cards += [m.content.body.text for m in chat.messages]
        assert any("runs a little behind" in text for text in cards)

        for kind in ("playlists", "segments"):  # a list that was just read is not read again
            harness.world.site.fail(kind, Fault.ORIGIN_DOWN)
        await al.say(chat, "/clip 5s 3m ago")
        down = "pump.fun's recordings can't be reached right now. Try again in a minute."
        await until(lambda: [m for m in chat.messages if down in m.text], "its server is down")
        harness.world.site.heal()

        assert harness.coin.recorder is not None
        harness.coin.end()
        (alert,) = [m for m in chat.messages if m.photo]
        await until(lambda: "was live" in alert.caption, "the end")
        over = await clip(harness, "/clip 5s")
        assert "From about " in over.caption
        await al.say(chat, "/clip 5s 10m ago")
        await until(lambda: [m for m in chat.messages if "lasted only" in m.text], "the refusal")
        assert harness.telegram.rejected == []


@pytest.mark.soak
async def test_the_later_part_follows_and_when_nothing_else_is_served_the_whole_stream_is(
    tmp_path: Path,
) -> None:
    soon_gone = replace(OPTIONS, delay=SOON, dating=1.0, outlives=1.0, complete_after=1.0)
    impatient = {**NO_RING, "MINTCAST_RECORDING__WAIT_SECONDS": "0.5"}
    impatient["MINTCAST_RECORDING__DELAY_SECONDS"] = str(SOON)
    async with telegram_harness(
        tmp_path, livekit=False, recordings=soon_gone, more=impatient
    ) as harness:
        al, chat = harness.al, harness.al.chat
        recorder = harness.world.record(harness.coin, past=120.0, width=320, height=180)
        await al.say(chat, f"/subscribe {harness.coin.mint}")
        await until(lambda: [m for m in chat.messages if m.photo], "the alert")
        await its_later_part_follows(harness, tmp_path)
        harness.coin.end()
        await until(recorder.clipped, "the site makes a clip of all of it")
        (alert,) = [m for m in chat.messages if m.photo]
        await until(lambda: "was live" in alert.caption, "the end")
        over = await clip(harness, "/clip 5s 30s ago")
        assert "From about " in over.caption
        assert harness.telegram.rejected == []


async def its_later_part_follows(harness: TelegramHarness, folder: Path) -> None:
    """A clip of the last seconds ends where the recording does. Its button brings the rest, once
    that is listed, and until then says that nothing is there."""
    asked_at = time.monotonic()
    first = await clip(harness, "/clip 16s")
    assert "Later part" in [button.label for button in first.buttons]
    assert "pump.fun's recording has no more yet" in first.caption
    seconds = 16 - shown_frames(first, folder).count / FPS
    assert 1 < seconds < SOON + SLACK
    due = asked_at + SOON + 2.5
    await until(lambda: time.monotonic() > due, "the recording reaches so far")
    rest = await clip(harness, lambda: harness.al.press(first, label="Later part"))
    parts = [shown_frames(one, folder) for one in (first, rest)]
    assert abs(parts[1].first - parts[0].last) / FPS <= 2.5, "it goes on where that one ended"
    assert parts[1].count / FPS == pytest.approx(seconds, abs=2.5)
    assert ago(harness, rest, folder, asked_at) == pytest.approx(0, abs=SLACK)


@dataclass(frozen=True)
class Frames:
    """The numbers of what a message shows."""

    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


def shown_frames(message: Message, folder: Path) -> Frames:
    assert message.video is not None
    path = folder / "frames.mp4"
    path.write_bytes(message.video.data)
    numbers = [number for number in judge(path).numbers if number is not None]
    return Frames(numbers[0], numbers[-1])


async def clip(harness: TelegramHarness, asking: str | Callable[[], Awaitable[object]]) -> Message:
    """The next one that is posted."""
    chat = harness.al.chat
    before = [m for m in chat.messages if m.video]
    await (harness.al.say(chat, asking) if isinstance(asking, str) else asking())
    found = await until(lambda: [m for m in chat.messages if m.video and m not in before], "clip")
    return found[0]


def ago(harness: TelegramHarness, message: Message, folder: Path, asked_at: float) -> float:
    """How many seconds before it was asked for its last picture was on air."""
    assert message.video is not None
    assert harness.coin.recorder is not None
    path = folder / "shown.mp4"
    path.write_bytes(message.video.data)
    numbers = [number for number in judge(path).numbers if number is not None]
    return asked_at - harness.coin.recorder.programme.zero - (numbers[-1] + 1) / FPS


@pytest.mark.soak
async def test_while_eight_clips_are_cut_an_alert_is_in_time(tmp_path: Path) -> None:
    async with telegram_harness(
        tmp_path, livekit=False, recordings=OPTIONS, more=NO_RING
    ) as harness:
        al, chat, other = harness.al, harness.al.chat, harness.olga.chat
        recorder = harness.world.record(harness.coin, past=300.0)
        await recorder.prepare(280.0, MEDIUM.number)  # the site's own work is done before
        fresh = harness.world.add_coin("FRESH", "Just begun")
        # Elsewhere: in their own chat clips go first, one each 3 s, as Telegram has it.
        await harness.olga.say(other, f"/subscribe {fresh.mint}")
        await al.say(chat, f"/subscribe {harness.coin.mint}")
        await until(lambda: [m for m in chat.messages if m.photo], "the alert of what is on")
        for number in range(8):
            await al.say(chat, f"/clip {harness.coin.mint} 20s {60 + 25 * number}s ago")
        await until(lambda: harness.world.site.count("segments"), "they are being cut")
        began = time.monotonic()
        fresh.go_live("Hello", viewers=7)
        await until(lambda: [m for m in other.messages if "Hello" in m.caption + m.text], "it")
        took = time.monotonic() - began
        clips = len([m for m in chat.messages if m.video])
        assert took <= float(PACE["MINTCAST_PUMPFUN__POLL_SECONDS"]) + 2.0
        assert clips < 8, "they were still being cut"
        await until(lambda: len([m for m in chat.messages if m.video]) == 8, "all eight")
        print(f"the alert took {took:.2f} s, {clips} of 8 clips were there")


@pytest.mark.soak
async def test_beside_a_ring_the_delay_is_measured(tmp_path: Path) -> None:
    require_livekit_server()
    with_ring = {**NO_RING, "MINTCAST_REPLAY__ENABLED": "true", "MINTCAST_REPLAY__SECONDS": "40"}
    with_ring["MINTCAST_RECORDING__DELAY_SECONDS"] = str(DELAY + 3)
    async with telegram_harness(tmp_path, recordings=OPTIONS, more=with_ring) as harness:
        al, chat = harness.al, harness.al.chat
        await al.say(chat, f"/subscribe {harness.coin.mint}")
        await harness.world.broadcast(harness.coin, width=320, height=180, fps=FPS)
        await is_at_hand(harness.port, 39.0)
        await asyncio.sleep(45)  # the ring keeps more than it promises
        of_ring = await clip(harness, "/clip 5s 20s ago")
        behind = says_too_late(harness, of_ring, tmp_path)  # by as much as all of it comes late
        guessed = await clip(harness, "/clip 5s 77s ago")
        assert "From about " in guessed.caption
        late = await until(lambda: delays(tmp_path), "it is measured")
        assert late[0] == pytest.approx(OPTIONS.dating - behind, abs=0.5)
        known = await clip(harness, "/clip 5s 78s ago")
        assert "From about " not in known.caption
        assert says_too_late(harness, known, tmp_path) == pytest.approx(behind, abs=0.5)


def says_too_late(harness: TelegramHarness, message: Message, folder: Path) -> float:
    """By how many seconds the last picture of the newest clip was on air before its row says so.
    When it was asked for doesn't matter: on a busy machine the service hears of that later."""
    assert harness.coin.recorder is not None
    with contextlib.closing(sqlite3.connect(folder / "mintcast.db")) as database:
        ((ends_at,),) = database.execute("SELECT ends_at FROM clip_jobs ORDER BY id DESC LIMIT 1")
    last = shown_frames(message, folder).last
    return (
        float(ends_at) / 1000
        - on_air_at(last + 1, harness.coin.recorder.programme.zero).timestamp()
    )


def delays(folder: Path) -> list[float]:
    """Those that were measured, in seconds."""
    with contextlib.closing(sqlite3.connect(folder / "mintcast.db")) as database:
        rows = database.execute("SELECT delay_ms FROM recordings WHERE delay_ms IS NOT NULL")
        return [row[0] / 1000 for row in rows]
