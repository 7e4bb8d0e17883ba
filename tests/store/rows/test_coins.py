from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.model import Coin, CoinMarks
from bot.store import Store
from tests.store.make_rows import MINT, OTHER_MINT

COIN = Coin(MINT, "GEM", "Gemstone", "https://images.pump.fun/gem", "WalletOfTheCreator")


async def test_a_coin_is_read_as_it_was_put_last(store: Store) -> None:
    async with store.write() as unit:
        assert await unit.coins.get(MINT) is None
        await unit.coins.put(Coin(MINT, "OLD"))
        await unit.coins.put(COIN)
        assert await unit.coins.get(MINT) == COIN


async def test_many_are_read_at_once_the_unknown_left_out(store: Store) -> None:
    async with store.write() as unit:
        await unit.coins.put(COIN)
        mints = [f"mint {number}" for number in range(1100)]
        await unit.coins.put(Coin(mints[1050], "LATE"))
        found = await unit.coins.many([*mints, MINT, OTHER_MINT])
        assert found == {MINT: COIN, mints[1050]: Coin(mints[1050], "LATE")}
        assert await unit.coins.many([]) == {}


async def test_its_picture_is_kept_until_its_image_is_another(store: Store) -> None:
    async with store.write() as unit:
        await unit.coins.put(COIN)
        assert await unit.coins.picture(MINT) is None
        await unit.coins.set_picture(MINT, "p-1.jpg")
        await unit.coins.put(COIN)
        assert await unit.coins.picture(MINT) == "p-1.jpg"
        await unit.coins.put(Coin(MINT, "GEM", image="https://images.pump.fun/another"))
        assert await unit.coins.picture(MINT) is None


async def test_the_picture_of_a_coin_without_an_image_stays_too(store: Store) -> None:
    async with store.write() as unit:
        await unit.coins.set_picture(MINT, "p-1.jpg")
        await unit.coins.put(Coin(MINT, "GEM"))
        assert await unit.coins.picture(MINT) == "p-1.jpg"


async def test_what_the_site_left_out_of_a_coin_is_kept_as_it_was(store: Store) -> None:
    marks = CoinMarks(nsfw=True)
    async with store.write() as unit:
        await unit.coins.put(COIN)
        await unit.coins.set_picture(MINT, "p-1.jpg")
        assert await unit.coins.put(Coin(MINT, marks=marks))
        assert await unit.coins.get(MINT) == replace(COIN, marks=marks)
        assert await unit.coins.picture(MINT) == "p-1.jpg"


async def test_a_mark_that_a_record_does_not_mention_stays_as_it_was(store: Store) -> None:
    until = datetime(2026, 12, 1, tzinfo=UTC)
    marks = CoinMarks(nsfw=True, is_banned=True, streams_banned_until=until)
    silent = Coin(MINT, "GEM", unsaid=frozenset({"nsfw", "streams_banned_until"}))
    async with store.write() as unit:
        assert not await unit.coins.put(silent)
        assert await unit.coins.put(replace(COIN, marks=marks))
        assert await unit.coins.put(silent)
        kept = await unit.coins.get(MINT)
        assert kept is not None
        assert kept.marks == replace(marks, is_banned=False)
        assert not await unit.coins.put(silent)


async def test_marks_are_kept_and_a_change_of_them_is_told(store: Store) -> None:
    until = datetime(2026, 12, 1, tzinfo=UTC)
    marked = replace(COIN, marks=CoinMarks(nsfw=True, is_banned=True, streams_banned_until=until))
    async with store.write() as unit:
        assert not await unit.coins.put(COIN)
        assert await unit.coins.put(marked)
        assert await unit.coins.get(MINT) == marked
        assert not await unit.coins.put(replace(marked, name="Another"))
        assert await unit.coins.put(COIN)
        assert (await unit.coins.many([MINT]))[MINT] == COIN
