"""What mints name, as we last heard. Every text in it is an attacker's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, false, func, null, select

from bot.model import Coin, CoinMarks
from bot.store.backends import insert
from bot.store.rows.base import Rows, in_parts
from bot.store.tables import coins

_TEXTS = ("symbol", "name", "image", "creator")
_MARKS = tuple(field.name for field in fields(CoinMarks))


class Coins(Rows):
    """Coins, by mint."""

    async def put(self, coin: Coin) -> bool:
        """Keep it as it is now; whether its marks are others. A text or a mark that is missing
        stays as it was: a record without it says nothing, and no alert is to lose its coin's name,
        or to show what was hidden. A kept picture is forgotten when the coin's image is another."""
        known = await self.get(coin.mint)
        before = known.marks if known is not None else CoinMarks()
        marks = coin.marks_after(before)
        new = insert(coins).values(
            mint=coin.mint,
            symbol=coin.symbol,
            name=coin.name,
            image=coin.image,
            creator=coin.creator,
            **asdict(marks),
        )
        texts = {
            text: func.coalesce(func.nullif(new.excluded[text], ""), coins.c[text])
            for text in _TEXTS
        }
        same_image = coins.c.image.is_not_distinct_from(texts["image"])
        await self._change(
            new.on_conflict_do_update(
                index_elements=[coins.c.mint],
                set_={
                    **texts,
                    **{mark: new.excluded[mark] for mark in _MARKS},
                    "picture_key": case((same_image, coins.c.picture_key), else_=null()),
                },
            )
        )
        return marks != before

    async def get(self, mint: str) -> Coin | None:
        """None: nothing was ever heard of it."""
        row = await self._first(select_coins(coins.c.mint).where(coins.c.mint == mint))
        return None if row is None else coin_of(row)

    async def many(self, mints: Collection[str]) -> dict[str, Coin]:
        """Those of `mints` that we heard of."""
        found = {}
        for part in in_parts(mints):
            statement = select_coins(coins.c.mint).where(coins.c.mint.in_(part))
            found.update({row.mint: coin_of(row) for row in await self._all(statement)})
        return found

    async def set_picture(self, mint: str, key: str) -> None:
        """The coin's image is kept among our files as `key`."""
        new = insert(coins).values(mint=mint, symbol="", name="", picture_key=key)
        await self._change(
            new.on_conflict_do_update(
                index_elements=[coins.c.mint], set_={"picture_key": new.excluded.picture_key}
            )
        )

    async def picture(self, mint: str) -> str | None:
        """The key of the coin's image, if we keep it."""
        key = await self._value(select(coins.c.picture_key).where(coins.c.mint == mint))
        return None if key is None else str(key)


def select_coins(mint: ColumnElement[str]) -> Select[Any]:
    """What `coin_of` reads; a coin that we never heard of has no texts, where it is joined."""
    return select(
        mint.label("mint"),
        func.coalesce(coins.c.symbol, "").label("symbol"),
        func.coalesce(coins.c.name, "").label("name"),
        coins.c.image,
        coins.c.creator,
        func.coalesce(coins.c.nsfw, false()).label("nsfw"),
        func.coalesce(coins.c.is_banned, false()).label("is_banned"),
        coins.c.streams_banned_until,
    )


def coin_of(row: Row[Any]) -> Coin:
    """A row of `select_coins`."""
    marks = CoinMarks(row.nsfw, row.is_banned, row.streams_banned_until)
    return Coin(row.mint, row.symbol, row.name, row.image, row.creator, marks)
