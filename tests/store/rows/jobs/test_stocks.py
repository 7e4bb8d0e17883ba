"""What lies beside clips, from its order to its end."""

from __future__ import annotations

from bot.model import ClipJob, Window
from bot.store import Store
from tests.store.make_rows import MINT, NOW, OTHER_MINT, fresh_job, later, make_target, order

KEY = "minty-0123456789abcdef.mp4"
WINDOW = Window.before(NOW, 90)


async def ordered(store: Store, key: str = KEY, *, count: int = 1) -> list[ClipJob]:
    """Jobs of one recording that have that stock, which is being made."""
    async with store.write() as unit:
        target = await make_target(unit)
        jobs = [
            (await unit.jobs.add(order(target, f"{key} {number}"), NOW))[0]
            for number in range(count)
        ]
        await unit.jobs.order_stock(key, MINT, [job.id for job in jobs], NOW)
    return [await fresh_job(store, job) for job in jobs]


async def test_a_stock_is_known_before_it_is_made(store: Store) -> None:
    (job,) = await ordered(store)
    assert job.stock_key == KEY
    async with store.write() as unit:
        stock = await unit.jobs.stock(KEY)
        assert stock is not None
        assert (stock.mint, stock.ordered_at, stock.window) == (MINT, NOW, None)
        assert await unit.jobs.stocks() == (stock,)
        assert await unit.jobs.stocks_of(MINT) == ()
        assert await unit.jobs.keep_stock(KEY, WINDOW)
        (made,) = await unit.jobs.stocks_of(MINT)
        assert made.window == WINDOW
        assert await unit.jobs.stocks_of(OTHER_MINT) == ()


async def test_all_who_share_a_clip_lose_its_stock_at_once(store: Store) -> None:
    jobs = await ordered(store, count=2)
    async with store.write() as unit:
        await unit.jobs.keep_stock(KEY, WINDOW)
        assert {job.id for job in await unit.jobs.with_stock(KEY)} == {job.id for job in jobs}
        lost = await unit.jobs.drop_stock(KEY)
        assert {job.id for job in lost} == {job.id for job in jobs}
        assert await unit.jobs.stock(KEY) is None
        assert await unit.jobs.drop_stock(KEY) == ()
        assert not await unit.jobs.keep_stock(KEY, WINDOW), "nobody wants it any more"
    assert [(await fresh_job(store, job)).stock_key for job in jobs] == [None, None]


async def test_the_oldest_comes_first(store: Store) -> None:
    async with store.write() as unit:
        await unit.jobs.order_stock("b.mp4", MINT, [], later(5))
        await unit.jobs.order_stock("a.mp4", MINT, [], later(9))
        assert [stock.key for stock in await unit.jobs.stocks()] == ["b.mp4", "a.mp4"]
        assert await unit.jobs.stock(None) is None
