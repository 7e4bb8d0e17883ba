"""The nodes of a cluster: which are there, and what they have to spare."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import delete, exists, func, or_, select

from bot.model import NodeState
from bot.store.backends import insert
from bot.store.rows.base import Rows
from bot.store.rows.cluster.leases import database_now, is_running, seconds_until, term
from bot.store.tables import captures, leases, nodes

_rows = nodes.c


@dataclass(frozen=True, slots=True)
class NodeReport:
    """What a node says of itself. `worker_id` names this start; `roles` are what it may do;
    `ring_places` is how many rings it can hold."""

    worker_id: str
    name: str
    version: str
    roles: tuple[str, ...]
    ring_places: int = 0


class Nodes(Rows):
    """Each says every few seconds that it is there."""

    async def report(self, node: NodeReport, seconds: float) -> None:
        """It is there, and counts as such for so long."""
        said = {
            "ring_places": node.ring_places,
            "seen_at": database_now(),
            "until": term(seconds),
        }
        new = insert(nodes).values(
            worker_id=node.worker_id,
            name=node.name,
            version=node.version,
            roles=",".join(node.roles),
            since=database_now(),
            **said,
        )
        await self._change(new.on_conflict_do_update(index_elements=[_rows.worker_id], set_=said))

    async def leave(self, worker_id: str) -> None:
        """It has ended, in good order."""
        await self._change(delete(nodes).where(_rows.worker_id == worker_id))

    async def others(self, worker_id: str) -> tuple[NodeReport, ...]:
        """Those that are there."""
        there = select(nodes).where(is_running(_rows.until), _rows.worker_id != worker_id)
        return tuple(
            NodeReport(row.worker_id, row.name, row.version, _roles(row.roles), row.ring_places)
            for row in await self._all(there)
        )

    async def forget_gone(self, after: float) -> int:
        """Those that are gone for so many seconds, and those that were started anew since; how
        many."""
        later = nodes.alias().c
        is_anew = exists().where(later.name == _rows.name, later.since > _rows.since)
        is_gone = _rows.until <= database_now()
        is_old = seconds_until(_rows.until) < -after
        return await self._change(delete(nodes).where(is_gone, or_(is_old, is_anew)))

    async def forget_all(self) -> None:
        """None is there."""
        await self._change(delete(nodes))

    async def all(self) -> tuple[NodeState, ...]:
        """By name, those that are gone, too."""
        held: defaultdict[str, list[str]] = defaultdict(list)
        has_it = select(leases.c.holder, leases.c.name).where(is_running(leases.c.until))
        for row in await self._all(has_it.order_by(leases.c.name)):
            held[row.holder].append(row.name)
        ring = select(captures.c.worker_id, func.count().label("rings"))
        ring = ring.where(is_running(captures.c.until)).group_by(captures.c.worker_id)
        rings = {row.worker_id: row.rings for row in await self._all(ring)}
        statement = select(
            nodes,
            seconds_until(_rows.until).label("left"),
            seconds_until(_rows.seen_at).label("seen"),
        ).order_by(_rows.name, _rows.worker_id)
        return tuple(
            NodeState(
                row.name,
                row.worker_id,
                row.version,
                _roles(row.roles),
                max(0.0, -float(row.seen)),
                row.left > 0,
                tuple(held[row.worker_id]),
                rings.get(row.worker_id, 0),
                row.ring_places,
            )
            for row in await self._all(statement)
        )


def _roles(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))
