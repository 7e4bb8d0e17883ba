"""Which node has the ring of which coin, and what it has at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, delete, exists, or_, select, true, update
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from bot.model import Window
from bot.store.backends import insert
from bot.store.rows.base import Rows
from bot.store.rows.cluster.leases import is_running, seconds_until, term
from bot.store.tables import captures

_rows = captures.c
_IS_HELD = is_running(_rows.until)


@dataclass(frozen=True, slots=True)
class RingElsewhere:
    """A ring of another node: what it has, None where that is nothing yet; `left` is for how many
    seconds it is that node's for sure, less than nothing where its term is over; and how much of a
    core it takes, in thousandths."""

    mint: str
    worker_id: str
    at_hand: Window | None
    left: float
    cost_millicores: int


class CaptureRows(Rows):
    """A row is its holder's until its term is over; then whoever comes first has it, its holder
    like all others."""

    async def claim(
        self, mints: Sequence[str], worker_id: str, seconds: float, cost_millicores: int
    ) -> str | None:
        """Take the first of them that nobody else has; None: others have them all."""
        for mint in mints:
            row = await self._first(
                select(_rows.worker_id, _rows.epoch, _IS_HELD.label("is_held")).where(
                    _rows.mint == mint
                )
            )
            if row is not None and row.is_held and row.worker_id != worker_id:
                continue
            taken = {
                "worker_id": worker_id,
                "epoch": row.epoch + 1 if row is not None else 1,
                "until": term(seconds),
                "cost_millicores": cost_millicores,
                "oldest_at": None,
                "newest_at": None,
            }
            new = insert(captures).values(mint=mint, **taken)
            await self._change(new.on_conflict_do_update(index_elements=[_rows.mint], set_=taken))
            return mint
        return None

    async def renew(
        self, at_hand: Mapping[str, Window | None], worker_id: str, seconds: float
    ) -> frozenset[str]:
        """Say what each of ours has; which of them are still ours: those that nobody has taken.
        Their terms may be over, as they all are when the database was away for so long."""
        ours = set()
        for mint, window in at_hand.items():
            renewed = (
                update(captures)
                .where(_rows.mint == mint, _rows.worker_id == worker_id)
                .values(
                    until=term(seconds),
                    oldest_at=window.begins_at if window is not None else None,
                    newest_at=window.ends_at if window is not None else None,
                )
            )
            if await self._change(renewed):
                ours.add(mint)
        return frozenset(ours)

    async def release(self, mints: Sequence[str], worker_id: str) -> None:
        """Others may have them."""
        await self._change(
            delete(captures).where(_rows.mint.in_(mints), _rows.worker_id == worker_id)
        )

    async def release_all(self, worker_id: str) -> None:
        """Others may have what it has, whatever that is."""
        await self._change(delete(captures).where(_rows.worker_id == worker_id))

    async def forget_gone(self, after: float) -> int:
        """Those that nobody has held for so many seconds; how many."""
        return await self._change(delete(captures).where(seconds_until(_rows.until) < -after))

    async def forget_all(self) -> None:
        """Nobody holds one."""
        await self._change(delete(captures))

    async def elsewhere(self, worker_id: str, *, by_term: bool = True) -> tuple[RingElsewhere, ...]:
        """Those of other nodes; not `by_term`, also where their term is over."""
        statement = select(captures, seconds_until(_rows.until).label("left")).where(
            _is_anothers(worker_id, by_term=by_term)
        )
        return tuple(
            RingElsewhere(
                row.mint,
                row.worker_id,
                Window(row.oldest_at, row.newest_at) if row.oldest_at is not None else None,
                float(row.left),
                row.cost_millicores,
            )
            for row in await self._all(statement)
        )


def is_elsewhere(
    jobs: ReadOnlyColumnCollection[str, Column[Any]], worker_id: str, *, by_term: bool
) -> ColumnElement[bool]:
    """Whether another node has the ring that a clip job needs; not `by_term`, also where its term
    is over. What the ring does not reach back to, as none of the past where it has nothing, and
    what the site has cut, needs none."""
    has_some = or_(jobs.is_ahead, jobs.ends_at > _rows.oldest_at)
    return exists().where(
        _rows.mint == jobs.mint,
        jobs.highlight_id.is_(None),
        has_some,
        _is_anothers(worker_id, by_term=by_term),
    )


def _is_anothers(worker_id: str, *, by_term: bool) -> ColumnElement[bool]:
    return and_(_rows.worker_id != worker_id, _IS_HELD if by_term else true())
