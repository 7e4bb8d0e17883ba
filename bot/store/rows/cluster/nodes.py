"""The nodes of a cluster: which are there, and what they have to spare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from bot.store.backends import insert
from bot.store.rows.base import Rows
from bot.store.rows.cluster.leases import database_now, seconds_until, term
from bot.store.tables import nodes

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


@dataclass(frozen=True, slots=True)
class NodeState:
    """What is known of a node. `seen` is how many seconds ago it said something; `is_there`: its
    term is not over."""

    node: NodeReport
    since: datetime
    seen: float
    is_there: bool


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

    async def forget_gone(self, after: float) -> int:
        """Those that are gone for so many seconds; how many."""
        return await self._change(delete(nodes).where(seconds_until(_rows.until) < -after))

    async def all(self) -> tuple[NodeState, ...]:
        """By name, those that are gone too."""
        statement = select(
            nodes,
            seconds_until(_rows.until).label("left"),
            seconds_until(_rows.seen_at).label("seen"),
        ).order_by(_rows.name, _rows.worker_id)
        return tuple(
            NodeState(
                NodeReport(
                    row.worker_id,
                    row.name,
                    row.version,
                    tuple(filter(None, row.roles.split(","))),
                    row.ring_places,
                ),
                row.since,
                max(0.0, -float(row.seen)),
                row.left > 0,
            )
            for row in await self._all(statement)
        )
