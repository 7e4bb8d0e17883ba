"""How old rows are looked for: page by page, and never through another table."""

from __future__ import annotations

from datetime import timedelta

from bot.model import DeliveryKind
from bot.store import Store
from bot.store.tables import metadata
from tests.fakes.retention import PAGE, forgettable
from tests.store.make_rows import NOW, SENDER, WORKER, make_target
from tests.store.query_plans import plan_of

DAY = timedelta(days=1)
LATER = NOW + DAY


async def test_what_stays_is_passed_over_and_what_is_young_ends_the_looking(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        for number in range(20):
            at = NOW if number < 10 else LATER
            key, kind = f"n{number}", DeliveryKind.NOTICE
            await unit.deliveries.owe_body(target.id, key, kind, "{}", at)
        for d in await unit.deliveries.claim(SENDER, WORKER, 1, NOW):
            await unit.deliveries.mark_dead(d, "refused", NOW)
    assert len(await forgettable(store, "deliveries", LATER)) == 1
    async with store.read() as unit:
        page = await unit.retention.look("deliveries", (8,), LATER, LATER + DAY, PAGE)
        assert (page.keys, page.after) == ((), (11,))
        page = await unit.retention.look("deliveries", (11,), LATER, LATER + DAY, PAGE)
        assert (page.keys, page.after) == ((), None)


async def test_events_go_from_the_first_on_even_where_a_clock_went_back(store: Store) -> None:
    async with store.write() as unit:
        for at in (NOW, NOW, LATER, NOW):
            await unit.page.add("message", None, "{}", at)
    assert await forgettable(store, "page_events", LATER) == [(1,), (2,)]


async def test_no_row_that_goes_has_another_table_looked_through(store: Store) -> None:
    """Each table that refers to a row is asked whether it does: without an index, row by row."""
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            plan = plan_of(store.name, f"SELECT 1 FROM {table.name} WHERE {key.parent.name} = 1")
            assert plan.whole == []


async def test_what_a_wrong_clock_wrote_hides_nothing_behind_it(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        for number, at in enumerate([NOW + 365 * DAY] * 2 * PAGE + [NOW]):
            key, kind = f"n{number}", DeliveryKind.NOTICE
            await unit.deliveries.owe_body(target.id, key, kind, "{}", at)
        for d in await unit.deliveries.claim(SENDER, WORKER, 9, LATER):
            await unit.deliveries.mark_dead(d, "refused", NOW)
    assert await forgettable(store, "deliveries", LATER) == [(7,)]


async def test_nor_does_what_is_kept_in_another_order(store: Store) -> None:
    async with store.write() as unit:
        for number, at in enumerate([LATER] * 2 * PAGE + [NOW]):
            await unit.pictures.put_uploaded(SENDER, f"{number}.jpg", "remote", at)
    assert await forgettable(store, "uploads", LATER) == [(SENDER, "6.jpg")]
