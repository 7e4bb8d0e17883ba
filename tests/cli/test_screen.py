from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.screen import (
    ClipAbout,
    Named,
    Screen,
    clip_report,
    live_report,
    print_clip,
    print_live,
)
from bot.model import (
    CaptureEnd,
    ClipNote,
    ClipProgress,
    ClipResult,
    ClipStatus,
    Coin,
    Live,
    NoteKind,
    Offline,
    Phase,
    Reason,
    RecordingFacts,
    SourceName,
    Starting,
    StreamSnapshot,
    Unknown,
    Window,
)
from tests.pseudo_terminal import on_terminal
from tests.pumpfun.samples import MINT

AT = datetime(2026, 9, 12, 5, 40, 0, 123456, tzinfo=UTC)
COIN = Coin(MINT, "MINTY", "Minty the coin", "https://images.pump.fun/x.png")
STREAM = StreamSnapshot(
    MINT, 4711, started_at=AT, title="hello", viewers=12, thumbnail="https://thumbnails.pump.fun/x"
)
WHOLE = ClipResult(
    ClipStatus.COMPLETE,
    path=Path("MINTY.mp4"),
    seconds=30.002,
    width=1280,
    height=720,
    fps=29.97,
    bytes=5 << 20,
    has_video=True,
    has_audio=True,
    started_at=AT,
    join_ms=812,
)

ABOUT = ClipAbout(MINT, 4711, 30.0, SourceName.ROOM)


# live


LIVE_KEYS = [
    "mint", "state", "stream_id", "title", "viewers", "started_at", "thumbnail", "coin",
    "checked_at",
]  # fmt: skip


def test_the_json_of_a_live_coin_has_all_that_was_promised() -> None:
    report = live_report(MINT, Live(STREAM), Named(COIN))
    assert list(report) == LIVE_KEYS
    assert report["state"] == "live"
    assert report["stream_id"] == 4711
    assert report["started_at"] == "2026-09-12T05:40:00.123Z"
    assert report["coin"] == {"symbol": "MINTY", "name": "Minty the coin", "image": COIN.image}
    assert report["checked_at"].endswith("Z")
    assert json.loads(json.dumps(report)) == report


@pytest.mark.parametrize(
    ("observation", "state"),
    [(Starting(STREAM), "starting"), (Offline(), "offline"), (Unknown(Reason.TIMEOUT), "unknown")],
)
def test_the_json_of_every_state_has_the_same_keys(
    observation: Starting | Offline | Unknown, state: str
) -> None:
    report = live_report(MINT, observation, Named())
    assert [key for key in report if key in LIVE_KEYS] == LIVE_KEYS
    assert report["state"] == state
    assert report["coin"] is None


def test_the_json_of_a_failure_says_so_and_why() -> None:
    report = live_report(MINT, Unknown(Reason.SERVER_ERROR, 503), Named())
    assert report["status"] == "failed"
    assert "503" in report["reason"]
    assert "reason" not in live_report(MINT, Offline(), Named())


def test_people_read_the_name_the_title_and_the_viewers(capsys: pytest.CaptureFixture[str]) -> None:
    print_live(MINT, Live(STREAM), Named(COIN))
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == "Minty the coin ($MINTY) is live."
    assert "hello" in said.out
    assert "2026-09-12 05:40:00 UTC" in said.out
    assert re.search(r"viewers +12\b", said.out)
    assert said.err == ""


def test_what_could_not_be_asked_is_told_on_stderr_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_live(MINT, Unknown(Reason.TIMEOUT), Named())
    said = capsys.readouterr()
    assert said.out == ""
    assert "didn't answer in time" in said.err


def test_a_stream_that_has_just_begun_is_not_in_the_future(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Their clock may be ahead of ours."""
    ahead = StreamSnapshot(MINT, 1, started_at=datetime(2200, 1, 1, tzinfo=UTC))
    print_live(MINT, Live(ahead), Named(COIN))
    assert "(0 s ago)" in capsys.readouterr().out


@given(st.text(), st.text(), st.text())
@settings(deadline=None)
def test_what_an_attacker_wrote_cannot_write_to_our_terminal(
    symbol: str, name: str, title: str
) -> None:
    stream = StreamSnapshot(MINT, 1, title=title, thumbnail=f"https://x/{title}")
    with contextlib.redirect_stdout(io.StringIO()) as said:
        print_live(MINT, Live(stream), Named(Coin(MINT, symbol, name)))
    *lines, last = said.getvalue().split("\n")
    assert last == ""
    assert 2 <= len(lines) <= 3
    assert all(line.isprintable() for line in lines)


# clip


CLIP_KEYS = [
    "status", "path", "mint", "stream_id", "seconds", "width", "height", "fps", "bytes",
    "video_codec", "audio_codec", "has_video", "has_audio", "source", "delay_seconds",
    "delay_is_measured", "gaps", "window", "started_at", "join_ms", "dropped_frames", "notes",
]  # fmt: skip


def test_the_json_of_a_clip_has_all_that_was_promised() -> None:
    report = clip_report(WHOLE, ABOUT)
    assert list(report) == CLIP_KEYS
    assert report["status"] == "complete"
    assert report["path"] == "MINTY.mp4"
    assert (report["video_codec"], report["audio_codec"]) == ("h264", "aac")
    assert report["started_at"] == "2026-09-12T05:40:00.123Z"
    assert report["notes"] == []
    assert report["source"] == "room"
    assert (report["delay_seconds"], report["delay_is_measured"], report["gaps"]) == (None,) * 3
    assert report["window"] == {
        "asked": None,
        "shown": {"from": "2026-09-12T05:40:00.123Z", "to": "2026-09-12T05:40:30.125Z"},
    }
    assert json.loads(json.dumps(report)) == report


@pytest.mark.parametrize("is_measured", [True, False])
def test_the_json_of_a_recording_says_which_how_late_and_how_whole(is_measured: bool) -> None:
    facts = RecordingFacts(13.5, is_measured, gaps=2, longest_gap=1.96)
    about = replace(ABOUT, source=SourceName.RECORDING, window=Window.after(AT, 30.0))
    report = clip_report(replace(WHOLE, recording=facts), about)
    assert list(report) == CLIP_KEYS
    assert report["source"] == "recording"
    assert (report["delay_seconds"], report["delay_is_measured"]) == (13.5, is_measured)
    assert report["gaps"] == {"count": 2, "longest_seconds": 1.96}
    assert report["window"]["asked"] == {
        "from": "2026-09-12T05:40:00.123Z",
        "to": "2026-09-12T05:40:30.123Z",
    }


def test_the_json_of_sound_alone_has_no_codec_of_pictures() -> None:
    alone = ClipResult(ClipStatus.COMPLETE, path=Path("x.mp4"), has_audio=True)
    report = clip_report(alone, ABOUT)
    assert (report["video_codec"], report["audio_codec"]) == (None, "aac")
    assert report["width"] is None


def test_the_notes_begin_with_why_it_ended_early() -> None:
    early = ClipResult(
        ClipStatus.PARTIAL,
        path=Path("x.mp4"),
        end=CaptureEnd.PUBLISHER_GONE,
        notes=(ClipNote(NoteKind.NO_SOUND),),
    )
    notes = clip_report(early, ABOUT)["notes"]
    assert len(notes) == 2
    assert "left the stream" in notes[0]
    assert "no sound" in notes[1]


def test_people_read_the_file_first_and_then_what_to_know(
    capsys: pytest.CaptureFixture[str],
) -> None:
    early = ClipResult(
        ClipStatus.PARTIAL,
        path=Path("x.mp4"),
        seconds=12.34,
        bytes=1 << 20,
        width=640,
        height=360,
        has_video=True,
        end=CaptureEnd.STOPPED,
        notes=(ClipNote(NoteKind.FRAMES_DROPPED, 3),),
    )
    print_clip(early, 30)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "x.mp4  (640×360, 12.3 s, 1 MB)"
    assert "12.3 of 30 s" in lines[1]
    assert lines[2].startswith("  note: 3 frames")


def test_people_read_which_moments_a_recording_shows_and_whether_that_is_a_guess(
    capsys: pytest.CaptureFixture[str],
) -> None:
    about = (ClipNote(NoteKind.ABOUT),)
    for is_measured in (True, False):
        facts = RecordingFacts(13.5, is_measured, 0, 0.0)
        print_clip(replace(WHOLE, recording=facts, notes=() if is_measured else about), 30)
    known, guessed = capsys.readouterr().out.splitlines()[1::2]
    assert re.fullmatch(r"From 12 Sep, \d\d:40:00 to 12 Sep, \d\d:40:30", known)
    assert guessed == f"{known} (about: pump.fun's recording is taken to run 13.5 s behind)"


def test_a_whole_clip_takes_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_clip(WHOLE, 30)
    assert len(capsys.readouterr().out.splitlines()) == 1


# Progress


async def test_without_a_terminal_each_phase_is_one_line_on_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with Screen(30) as screen:
        for done in (0.0, 0.5, 1.0):
            screen.show(ClipProgress(Phase.RECORDING, done))
        screen.show(ClipProgress(Phase.WRITING, 30))
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "asking pump.fun …",
        "recording 0 of 30 s …",
        "saving the clip …",
    ]


DRAWING = """
import asyncio
from bot.cli.screen import Screen
from bot.model import ClipProgress, Phase

async def main():
    async with Screen(30) as screen:
        for done in (0.0, 10.0, 20.0):
            screen.show(ClipProgress(Phase.RECORDING, done))
    print("kept.mp4")

asyncio.run(main())
"""
COLOUR = re.compile(r"\x1b\[[\d;]*[39][0-7]")


def drawn(**environment: str) -> str:
    seen = on_terminal(sys.executable, "-c", DRAWING, environment=environment)
    assert seen.code == 0, seen.text
    return seen.text


def test_on_a_terminal_a_bar_takes_the_place_of_the_first_line_and_is_gone_at_the_end() -> None:
    text = drawn()
    assert text.startswith("asking pump.fun …\r\x1b[2K")
    assert "recording 20 of 30 s" in text
    assert COLOUR.search(text)
    assert text.endswith("\x1b[2Kkept.mp4\n")


def test_a_bar_has_no_colours_where_none_are_wanted() -> None:
    text = drawn(NO_COLOR="1")
    assert "recording 20 of 30 s" in text
    assert not COLOUR.search(text)


def test_a_terminal_that_can_do_nothing_gets_lines() -> None:
    assert drawn(TERM="dumb").splitlines() == [
        "asking pump.fun …",
        "recording 0 of 30 s …",
        "kept.mp4",
    ]
