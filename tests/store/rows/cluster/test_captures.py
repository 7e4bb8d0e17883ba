"""Whose ring a coin's is, and who is to make clips of it."""

from __future__ import annotations

import dataclasses

import pytest

from bot.model import ClipJob, Window
from bot.store import NodeReport, Store
from tests.store.make_rows import NOW, later, make_target, order
from tests.store.raw_sql import write

TERM, COST = 30.0, 310


async def claim(store: Store, worker: str, *mints: str) -> str | None:
    async with store.write() as unit:
        return await unit.captures.claim(mints, worker, TERM, COST)


async def asked(store: Store) -> ClipJob:
    async with store.write() as unit:
        return (await unit.jobs.add(order(await make_target(unit)), NOW))[0]


async def has_it(store: Store, worker: str, job: ClipJob) -> None:
    """That worker has the ring of its coin, and what is wanted of it."""
    await claim(store, worker, job.order.mint)
    async with store.write() as unit:
        await unit.captures.renew({job.order.mint: job.order.window}, worker, TERM)


def end_term(store: Store, mint: str) -> None:
    write(store.name, "UPDATE captures SET until = until - 600000 WHERE mint = ?", [(mint,)])


async def test_each_takes_the_first_that_nobody_has(store: Store) -> None:
    assert await claim(store, "a", "one", "two") == "one"
    assert await claim(store, "b", "one", "two") == "two"
    assert await claim(store, "c", "one", "two") is None


async def test_what_is_at_hand_elsewhere_is_known(store: Store) -> None:
    window = Window.after(NOW, 30.0)
    await claim(store, "a", "one")
    async with store.write() as unit:
        assert await unit.captures.renew({"one": window, "two": None}, "a", TERM) == {"one"}
    async with store.read() as unit:
        assert await unit.captures.elsewhere("a") == ()
        (there,) = await unit.captures.elsewhere("b")
    assert (there.mint, there.worker_id, there.at_hand) == ("one", "a", window)
    assert TERM - 10 < there.left <= TERM


async def test_who_is_gone_loses_it_and_its_ring_begins_anew(store: Store) -> None:
    await claim(store, "a", "one")
    async with store.write() as unit:
        await unit.captures.renew({"one": Window.after(NOW, 30.0)}, "a", TERM)
    end_term(store, "one")
    assert await claim(store, "b", "one") == "one"
    async with store.write() as unit:
        assert await unit.captures.renew({"one": None}, "a", TERM) == frozenset()
    async with store.read() as unit:
        (there,) = await unit.captures.elsewhere("a")
    assert (there.worker_id, there.at_hand) == ("b", None)


async def test_what_nobody_took_when_its_term_was_over_is_still_its_holders(store: Store) -> None:
    window = Window.after(NOW, 30.0)
    await claim(store, "a", "one")
    end_term(store, "one")  # as where the database was away for so long
    async with store.write() as unit:
        assert await unit.captures.renew({"one": window}, "a", TERM) == {"one"}
    assert await claim(store, "b", "one") is None
    async with store.read() as unit:
        (there,) = await unit.captures.elsewhere("b")
    assert (there.worker_id, there.at_hand) == ("a", window)


async def test_what_is_given_back_others_may_have_at_once(store: Store) -> None:
    await claim(store, "a", "one")
    async with store.write() as unit:
        await unit.captures.release(["one"], "b")
    assert await claim(store, "b", "one") is None
    async with store.write() as unit:
        await unit.captures.release(["one"], "a")
    assert await claim(store, "b", "one") == "one"


async def test_who_leaves_gives_back_all_that_it_has(store: Store) -> None:
    for worker, mint in (("a", "one"), ("a", "two"), ("b", "three")):
        await claim(store, worker, mint)
    async with store.write() as unit:
        await unit.captures.release_all("a")
    async with store.read() as unit:
        assert [one.mint for one in await unit.captures.elsewhere("c")] == ["three"]


async def test_a_clip_is_made_where_the_ring_is(store: Store) -> None:
    job = await asked(store)
    await has_it(store, "a", job)
    async with store.read() as unit:
        assert await unit.jobs.queued("b") == ()
        assert await unit.jobs.queued("a") == await unit.jobs.queued() == (job,)
    async with store.write() as unit:
        assert await unit.jobs.claim("b", NOW) is None
        claimed = await unit.jobs.claim("a", NOW)
    assert claimed is not None
    assert claimed.id == job.id


async def test_a_clip_of_the_past_any_node_makes_where_the_ring_has_nothing(store: Store) -> None:
    """Its node may not even reach the room; the site may have recorded it."""
    job = await asked(store)
    await claim(store, "a", job.order.mint)
    async with store.write() as unit:
        assert await unit.jobs.claim("b", NOW) is not None


async def test_one_of_what_is_to_come_is_made_where_the_ring_is_to_be(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        job, _ = await unit.jobs.add(order(target, window=Window.after(NOW, 30.0)), NOW)
    await claim(store, "a", job.order.mint)
    async with store.write() as unit:
        assert await unit.jobs.claim("b", NOW) is None
        assert await unit.jobs.claim("a", NOW) is not None


async def test_a_clip_whose_ring_is_gone_anybody_makes(store: Store) -> None:
    job = await asked(store)
    await has_it(store, "a", job)
    end_term(store, job.order.mint)
    async with store.write() as unit:
        assert await unit.jobs.claim("b", NOW, by_term=False) is None
        assert await unit.jobs.queued("b", by_term=False) == ()
        assert await unit.jobs.claim("b", NOW) is not None


async def test_so_does_a_clip_that_is_cut_anew(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        first, _ = await unit.jobs.add(order(target), NOW)
        assert await unit.jobs.claim("a", NOW) is not None
        anew = dataclasses.replace(order(target, request_key="again"), parent_id=first.id)
        job, _ = await unit.jobs.add(anew, NOW)
    await has_it(store, "a", job)
    end_term(store, job.order.mint)
    async with store.write() as unit:
        assert await unit.jobs.queued_recuts("b", by_term=False) == ()
        assert await unit.jobs.claim_recut("b", NOW, by_term=False) is None
        assert await unit.jobs.claim_recut("b", NOW) is not None


@pytest.mark.parametrize(
    ("seconds_before", "changes", "is_for_all"),
    [
        (60.0, {}, True),
        (59.0, {}, False),
        (-1.0, {}, False),
        (0.0, {"highlight_id": "h", "highlight_url": "https://clips.pump.fun/h.mp4"}, True),
    ],
)
async def test_what_the_ring_does_not_reach_back_to_any_node_makes(
    store: Store, seconds_before: float, changes: dict[str, str], is_for_all: bool
) -> None:
    """A window that ends so long before NOW, of which the ring has the last minute."""
    window = Window.after(later(-seconds_before - 30.0), 30.0)
    if seconds_before < 0:
        window = Window.after(NOW, 30.0)  # it is still to come
    async with store.write() as unit:
        target = await make_target(unit)
        job, _ = await unit.jobs.add(order(target, window=window, **changes), NOW)
    await claim(store, "a", job.order.mint)
    async with store.write() as unit:
        ring = {job.order.mint: Window.before(NOW, 60.0)}
        assert await unit.captures.renew(ring, "a", TERM) == {job.order.mint}
        assert (await unit.jobs.queued("b") != ()) is is_for_all
        assert (await unit.jobs.claim("b", NOW) is not None) is is_for_all


async def test_only_what_nobody_is_at_any_more_is_recovered(store: Store) -> None:
    await asked(store)
    async with store.write() as unit:
        await unit.nodes.report(NodeReport("a", "a", "1.0", ()), TERM)
        assert await unit.jobs.claim("a", NOW) is not None
        assert not await unit.jobs.has_lost("b")
        assert await unit.jobs.recover("b", NOW) == ()
    write(store.name, "UPDATE nodes SET until = until - 600000")
    async with store.write() as unit:
        assert await unit.jobs.has_lost("b")
        assert len(await unit.jobs.recover("b", later(1))) == 1
        assert await unit.jobs.claim("b", NOW) is not None


async def test_what_nobody_has_held_for_a_day_is_forgotten(store: Store) -> None:
    await claim(store, "a", "one")
    await claim(store, "a", "two")
    end_term(store, "one")
    async with store.write() as unit:
        assert await unit.captures.forget_gone(500.0) == 1
        assert await unit.captures.renew({"one": None, "two": None}, "a", TERM) == {"two"}
