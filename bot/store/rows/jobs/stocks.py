"""Stocks: longer files beside clips, from which others can be cut.

Whoever orders one names the jobs whose clips it lies beside, before there is a file: their message
says from the beginning that its clip can be changed. Each row goes before its file.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, select, update

from bot.model import ClipJob, Stock, Window
from bot.store.backends import insert
from bot.store.rows.jobs.job_rows import JobRows
from bot.store.tables import clip_jobs, stocks

_rows = stocks.c


class JobStocks(JobRows):
    """Clip jobs, as whoever makes and keeps their stocks sees them."""

    async def order_stock(
        self, key: str, mint: str, job_ids: Collection[int], now: datetime
    ) -> None:
        """One is going to be made for these jobs, of that name."""
        await self._change(insert(stocks).values(key=key, mint=mint, ordered_at=now))
        await self._write([*job_ids], stock_key=key)

    async def keep_stock(self, key: str, window: Window) -> bool:
        """It is made. False: nobody wants it any more."""
        statement = update(stocks).where(_rows.key == key)
        values = {"begins_at": window.begins_at, "ends_at": window.ends_at}
        return await self._change(statement.values(**values)) > 0

    async def stock(self, key: str | None) -> Stock | None:
        """As it is now."""
        found = await self._stocks(_rows.key == key)
        return found[0] if found else None

    async def stocks(self) -> tuple[Stock, ...]:
        """All, the oldest first; those too that are being made."""
        return await self._stocks()

    async def stocks_of(self, mint: str) -> tuple[Stock, ...]:
        """Those of a coin that are made."""
        return await self._stocks(_rows.mint == mint, _rows.begins_at.is_not(None))

    async def drop_stock(self, key: str) -> tuple[ClipJob, ...]:
        """It is to go, or was never made: the jobs whose clips cannot be changed any more."""
        await self._change(delete(stocks).where(_rows.key == key))
        of_stock = clip_jobs.c.stock_key == key
        jobs = await self._several(of_stock)
        await self._change(update(clip_jobs).where(of_stock).values(stock_key=None))
        return jobs

    async def with_stock(self, key: str) -> tuple[ClipJob, ...]:
        """The jobs beside whose clips it lies."""
        return await self._several(clip_jobs.c.stock_key == key)

    async def _stocks(self, *which: ColumnElement[bool]) -> tuple[Stock, ...]:
        statement = select(stocks).where(*which).order_by(_rows.ordered_at, _rows.key)
        return tuple(_stock(row) for row in await self._all(statement))


def _stock(row: Row[Any]) -> Stock:
    is_made = row.begins_at is not None and row.ends_at is not None
    window = Window(row.begins_at, row.ends_at) if is_made else None
    return Stock(row.key, row.mint, row.ordered_at, window)
