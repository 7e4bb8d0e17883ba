from __future__ import annotations

from bot.clips.capture import OpenCapture, RoomAccess
from bot.clips.encoding import plan
from bot.clips.workers.capture_limits import CaptureLimits

MEBIBYTE = 1 << 20
DAY = 86_400


def order(seconds: float, max_bytes: int, height: int = 720) -> OpenCapture:
    rate = plan(seconds, max_bytes, height)
    assert rate is not None
    return OpenCapture(RoomAccess((), ""), rate, seconds + 2, 2 * max_bytes)


def limits(seconds: float, max_bytes: int, height: int = 720) -> CaptureLimits:
    return CaptureLimits(order(seconds, max_bytes, height), 0.0)


def test_a_capture_may_take_more_where_it_is_asked_for_more() -> None:
    usual = limits(30, 10 * MEBIBYTE).now
    assert usual.memory <= limits(30, 50 * MEBIBYTE).now.memory - 80 * MEBIBYTE
    assert usual.memory <= limits(30, 50 * MEBIBYTE, 2160).now.memory - 200 * MEBIBYTE
    assert limits(600, 50 * MEBIBYTE).now.cpu >= 4 * 600


def test_a_ring_that_goes_on_for_a_day_is_never_short_of_processor_time() -> None:
    ring = limits(60, 10 * MEBIBYTE)
    for now in range(2, DAY, 2):
        used = 2.0 * now
        assert used < ring.now.cpu
        ring.renew(used, float(now))
    assert ring.now.cpu < ring.most.cpu


def test_what_a_ring_did_not_take_is_not_saved_up() -> None:
    ring = limits(60, 10 * MEBIBYTE)
    reserve = ring.now.cpu
    for now in range(2, DAY, 2):
        ring.renew(0.3 * now, float(now))
    assert ring.now.cpu <= 0.3 * DAY + reserve


def test_a_capture_that_takes_all_of_eight_cores_comes_to_an_end() -> None:
    ring, now = limits(60, 10 * MEBIBYTE), 0.0
    while 8 * now < ring.now.cpu:
        now += 2.0
        ring.renew(8 * now, now)
        assert now < 300


def test_no_ring_lives_for_ever() -> None:
    ring = limits(60, 10 * MEBIBYTE)
    ring.renew(1e9, 1e9)
    assert ring.now.cpu == ring.most.cpu
