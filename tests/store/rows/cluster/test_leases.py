"""Rows of leases: one holder at a time, by the database's own clock."""

from __future__ import annotations

import pytest

from bot.errors import LeaseLost
from bot.kit.leadership import HeldLease, Lease, under
from bot.kit.timing.clock import SystemClock
from bot.store import Store
from tests.store.raw_sql import ask
from tests.store.rows.cluster.terms import end_terms

TERM = 30.0


async def win(store: Store, name: str, holder: str) -> Lease | None:
    async with store.write() as unit:
        return await unit.leases.win(name, holder, TERM)


async def test_one_holder_has_it_until_its_term_is_over(store: Store) -> None:
    first = await win(store, "watch", "a")
    assert first == Lease("watch", "a", 1)
    assert await win(store, "watch", "b") is None
    async with store.read() as unit:
        assert TERM - 10 < await unit.leases.left("watch") <= TERM
        assert await unit.leases.left("other") == 0.0
    end_terms(store)
    assert await win(store, "watch", "b") == Lease("watch", "b", 2)
    async with store.read() as unit:
        assert not await unit.leases.is_held(first)


async def test_what_was_given_back_another_has_at_once(store: Store) -> None:
    lease = await win(store, "watch", "a")
    assert lease is not None
    async with store.write() as unit:
        assert await unit.leases.release(lease)
        assert not await unit.leases.release(lease)
    assert await win(store, "watch", "b") == Lease("watch", "b", 2)


async def test_a_holder_need_not_wait_for_the_end_of_its_own_term(store: Store) -> None:
    assert await win(store, "watch", "a") is not None
    async with store.read() as unit:
        assert await unit.leases.left("watch", "a") == 0.0
        assert await unit.leases.left("watch", "b") > TERM - 10
    assert await win(store, "watch", "a") == Lease("watch", "a", 2)


async def test_all_of_one_holder_end_together_but_not_its_turns(store: Store) -> None:
    for name, holder in (("watch", "a"), ("tidy", "a"), ("x", "b"), ("identify:0", "a:1")):
        assert await win(store, name, holder) is not None
    async with store.write() as unit:
        assert await unit.leases.release_all("a") == 2
        assert await unit.leases.release_all("a") == 0
        names = {"watch", "tidy", "x", "identify:0"}
        assert await unit.leases.held(names) == {"x", "identify:0"}


async def test_only_what_is_still_ours_is_renewed(store: Store) -> None:
    watch, tidy, sender = [await win(store, name, "a") for name in ("watch", "tidy", "sender:x")]
    assert watch is not None
    assert tidy is not None
    assert sender is not None
    end_terms(store, "watch", "tidy")
    assert await win(store, "tidy", "b") is not None
    async with store.write() as unit:
        assert await unit.leases.renew([watch, tidy, sender], TERM) == {"sender:x"}
        assert await unit.leases.renew([], TERM) == set()


async def test_each_win_is_kept_for_those_who_look_into_it(store: Store) -> None:
    await win(store, "watch", "a")
    end_terms(store)
    await win(store, "watch", "b")
    rows = ask(
        store.name,
        "SELECT name, holder, epoch, won_at >= last_until FROM lease_history ORDER BY id",
    )
    assert [tuple(row) for row in rows] == [("watch", "a", 1, None), ("watch", "b", 2, 1)]


async def test_a_write_that_a_lease_allows_is_refused_once_it_is_anothers(store: Store) -> None:
    lease = await win(store, "watch", "a")
    assert lease is not None
    held = HeldLease(lease, float("inf"), SystemClock())
    with under(held):
        async with store.write() as unit:
            await unit.key_values.put("who", "a")
        end_terms(store)
        with pytest.raises(LeaseLost):
            async with store.write() as unit:
                await unit.key_values.put("who", "a zombie")
    assert not held.is_ours
    async with store.write() as unit:  # nobody needs a lease for this
        assert await unit.key_values.get("who") == "a"


async def test_a_turn_is_not_kept_for_those_who_look_into_what_happened(store: Store) -> None:
    async with store.write() as unit:
        assert await unit.leases.win("identify:0", "a:1", TERM, is_noted=False) is not None
    assert ask(store.name, "SELECT count(*) FROM lease_history") == [(0,)]
