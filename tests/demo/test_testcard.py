"""The test card: read back, cheap enough, and never dark at its edges."""

from __future__ import annotations

import time

import numpy as np
import pytest

from bot.demo.broadcast.frame_marks import NUMBER_BITS, read_lamp, read_strip
from bot.demo.broadcast.picture_spec import PictureSpec, is_flash
from bot.demo.broadcast.sound import BEEP_SECONDS, SAMPLE_RATE, level, sound
from bot.demo.broadcast.testcard import make_content
from tests.beep_detection import beep_onsets
from tests.clip_judge import crop_bars

SIZES = [(1280, 720), (720, 1280), (640, 360), (360, 640), (320, 180), (1920, 1080), (426, 240)]


@pytest.mark.parametrize("kind", ["card", "noise", "plain"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_number_is_read_at_every_size(kind: str, width: int, height: int) -> None:
    """What the strip says is what was painted, up to the last of 24 bits."""
    content = make_content(kind, PictureSpec(width, height))
    for number in (0, 1, 12345, 0xAAAAAA, (1 << NUMBER_BITS) - 1):
        assert read_strip(content.paint(number).y) == number


@pytest.mark.parametrize("kind", ["card", "noise", "plain"])
@pytest.mark.parametrize("fps", [15, 20, 30, 60])
def test_the_lamp_is_lit_as_each_second_begins(kind: str, fps: int) -> None:
    """From the frame at the whole second, for about a tenth of it."""
    content = make_content(kind, PictureSpec(320, 180, fps))
    lit = [read_lamp(content.paint(number).y) > 140 for number in range(2 * fps)]
    assert lit == [is_flash(number, fps) for number in range(2 * fps)]
    assert lit[0]
    assert lit[fps]
    assert 0.06 <= sum(lit) / 2 / fps <= 0.14


def test_a_damaged_strip_is_not_read() -> None:
    """A block that is wrong, or a grey strip, is no number."""
    luma = make_content("plain", PictureSpec(640, 360)).paint(77).y.copy()
    luma[324:338, 200:220] = 235 - luma[324:338, 200:220]
    assert read_strip(luma) is None
    assert read_strip(np.full((360, 640), 90, np.uint8)) is None


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280)])
def test_no_edge_could_be_taken_for_a_black_bar(width: int, height: int) -> None:
    """Whoever looks for the picture inside its bars finds all of it."""
    luma = make_content("card", PictureSpec(width, height)).paint(3).y
    assert crop_bars(luma).shape == (height, width)
    assert min(luma[0].mean(), luma[-1].mean(), luma[:, 0].mean(), luma[:, -1].mean()) > 40


@pytest.mark.soak  # a figure of time, which another program on the machine changes
def test_a_frame_takes_less_than_3_ms() -> None:
    """Of CPU, at 720p: the broadcaster runs beside what it is there to test."""
    card = make_content("card", PictureSpec())
    card.paint(0)
    begin = time.process_time()
    for number in range(60):
        card.paint(number)
    assert (time.process_time() - begin) / 60 < 0.003


def test_each_frame_of_the_card_is_different() -> None:
    """Clock, coin and bars move in every one."""
    card = make_content("card", PictureSpec(640, 360))
    before = card.paint(10).y[:300].copy()
    assert (card.paint(11).y[:300] != before).mean() > 0.005


def test_odd_sides_are_refused() -> None:
    """A 4:2:0 picture has no half colours."""
    with pytest.raises(ValueError, match="even"):
        make_content("card", PictureSpec(641, 360))


@pytest.mark.parametrize("first", [0, 24_000, 47_990, 1_234_567])
def test_a_beep_begins_at_each_whole_second(first: int) -> None:
    """Wherever the block begins, within a millisecond."""
    blocks = [sound(first + start, 960) for start in range(0, 3 * SAMPLE_RATE, 960)]
    mono = np.concatenate(blocks)[:, 0].astype(np.float32) / np.float32(32768)
    onsets = [first / SAMPLE_RATE + onset for onset in beep_onsets(mono)]
    assert len(onsets) >= 2
    assert all(abs(onset - round(onset)) < 0.002 for onset in onsets)


def test_the_meter_shows_what_is_heard() -> None:
    """Full while it beeps, then falling to nothing."""
    assert level(7.0) == level(7.0 + BEEP_SECONDS / 2) == 1.0
    assert level(7.3) < 0.6
    assert level(7.9) == 0.0
