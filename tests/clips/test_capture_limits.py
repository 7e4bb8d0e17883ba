from __future__ import annotations

from bot.clips.capture import OpenCapture, RoomAccess, plan
from bot.clips.workers.capture_limits import CpuAllowance, limits_of

MEBIBYTE = 1 << 20


def order(seconds: float, max_bytes: int, height: int = 720) -> OpenCapture:
    rate = plan(seconds, max_bytes, height)
    assert rate is not None
    return OpenCapture(RoomAccess((), ""), rate, seconds + 2, 2 * max_bytes)


def test_a_capture_may_take_more_where_it_is_asked_for_more() -> None:
    usual = limits_of(order(30, 10 * MEBIBYTE))
    assert usual.memory <= limits_of(order(30, 50 * MEBIBYTE)).memory - 80 * MEBIBYTE
    assert usual.memory <= limits_of(order(30, 50 * MEBIBYTE, 2160)).memory - 200 * MEBIBYTE
    assert limits_of(order(600, 50 * MEBIBYTE)).cpu >= 4 * 600


def test_a_ring_that_goes_on_for_a_day_is_never_short_of_processor_time() -> None:
    limits = limits_of(order(60, 10 * MEBIBYTE))
    allowance, granted = CpuAllowance(limits, 0.0), limits.cpu
    for now in range(2, 86_400, 2):
        used = 2.0 * now
        assert used < granted
        granted = allowance.renew(used, float(now))
    assert granted < limits.most_cpu


def test_what_a_ring_did_not_take_is_not_saved_up() -> None:
    limits = limits_of(order(60, 10 * MEBIBYTE))
    allowance = CpuAllowance(limits, 0.0)
    for now in range(2, 86_400, 2):
        granted = allowance.renew(0.3 * now, float(now))
    assert granted <= 0.3 * 86_400 + limits.cpu


def test_a_capture_that_takes_all_of_eight_cores_comes_to_an_end() -> None:
    limits = limits_of(order(60, 10 * MEBIBYTE))
    allowance, granted, now = CpuAllowance(limits, 0.0), limits.cpu, 0.0
    while 8 * now < granted:
        now += 2.0
        granted = allowance.renew(8 * now, now)
        assert now < 300
