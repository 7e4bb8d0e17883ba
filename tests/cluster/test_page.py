"""The page of each node shows what the others write."""

from __future__ import annotations

from pathlib import Path

from bot.model import plain
from bot.store import Store
from tests.cluster.relays import RelayingNode, linked
from tests.platforms.local.conftest import Service
from tests.platforms.local.visitor import Visitor


def page_of(node: RelayingNode, store: Store, folder: Path) -> Service:
    folder.mkdir()
    return Service(folder, store, node.clock, node.notifier)


async def show(service: Service, text: str) -> None:
    await service.local.sender.send(await service.target(), plain(text), nonce=text)


async def test_a_reader_at_one_node_sees_at_once_what_another_writes(
    shared: Store, tmp_path: Path
) -> None:
    async with linked(shared, "a") as a, linked(shared, "b") as b:
        here, there = (page_of(one, shared, tmp_path / one.name) for one in (a, b))
        async with (
            here.serving(),
            there.serving() as origin,
            Visitor(origin) as visitor,
            visitor.events() as events,
        ):
            await show(here, "first")
            assert (await events.next()).data["text"] == "first"


async def test_a_reader_goes_on_at_another_node_where_it_was(shared: Store, tmp_path: Path) -> None:
    async with linked(shared, "a") as a, linked(shared, "b") as b:
        here, there = (page_of(one, shared, tmp_path / one.name) for one in (a, b))
        async with here.serving() as one_origin, there.serving() as other_origin:
            async with Visitor(one_origin) as visitor, visitor.events() as events:
                await show(there, "second")
                seen = await events.next()
                assert seen.data["text"] == "second"
            await show(here, "third")
            async with Visitor(other_origin) as visitor, visitor.events(last=seen.id) as events:
                assert (await events.next()).data["text"] == "third"
