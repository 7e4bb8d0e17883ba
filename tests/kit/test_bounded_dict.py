"""A dictionary that forgets."""

from __future__ import annotations

from bot.kit.bounded_dict import BoundedDict, ExpiringDict
from tests.fakes.clock import FakeClock


def test_what_was_put_last_is_kept_and_the_oldest_goes() -> None:
    recent = BoundedDict[str, int](2)
    recent.put("a", 1)
    recent.put("b", 2)
    recent.put("a", 3)  # the newest again
    recent.put("c", 4)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (3, None, 4)
    recent.drop("a")
    recent.drop("never put")
    assert recent.get("a") is None


async def test_what_has_expired_is_forgotten_and_what_is_put_again_counts_anew() -> None:
    clock = FakeClock()
    cache = ExpiringDict[str, bool](clock, 2)
    cache.put("a", False, 10.0)
    cache.put("b", True, 30.0)
    await clock.advance(9.0)
    assert (cache.get("a"), cache.get("b")) == (False, True)
    await clock.advance(1.0)
    assert cache.get("a") is None
    cache.put("a", True, 10.0)
    cache.put("c", True, 10.0)  # one too many: the oldest goes
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (True, None, True)
    cache.drop("c")
    assert list(cache) == ["a"]
