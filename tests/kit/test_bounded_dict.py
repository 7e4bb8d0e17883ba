"""A dictionary that forgets."""

from __future__ import annotations

from bot.kit.bounded_dict import Recent


def test_what_was_put_last_is_kept_and_the_oldest_goes() -> None:
    recent = Recent[int](2)
    recent.put("a", 1)
    recent.put("b", 2)
    recent.put("a", 3)  # the newest again
    recent.put("c", 4)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (3, None, 4)
    recent.drop("a")
    recent.drop("never put")
    assert recent.get("a") is None
