"""What is wrong with the nodes taken together, and how soon that is said."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.cluster import LeaseKeeper
from bot.cluster.company import Company
from bot.kit.health import Health
from bot.kit.notifier import Notifier
from bot.kit.timing.clock import SystemClock
from bot.store import Access, NodeReport, Store
from tests.cluster.nodes import TERM
from tests.fakes.clock import FakeClock, until

WATCHES = NodeReport("a-1", "a", "1.0", ("watch",))
CLIPS = NodeReport("b-1", "b", "1.0", ("clips",))


async def test_a_role_that_nobody_has_is_told_once_it_has_been_so_for_a_while() -> None:
    clock = FakeClock()
    company = Company(clock, ("watch", "clips"), 60.0)
    company.look(CLIPS, [])
    await clock.advance(59)
    assert company.trouble is None
    await clock.advance(1)
    assert company.trouble is not None
    assert company.trouble.startswith("no node has the role watch: ")
    company.look(CLIPS, [WATCHES])
    assert company.trouble is None


async def test_a_shard_that_nobody_has_is_told_once_it_has_been_so_for_a_while() -> None:
    clock = FakeClock()
    company = Company(clock, (), 60.0)
    company.look(WATCHES, [], {"shards:discord:10/16"})
    await clock.advance(30)
    company.look(WATCHES, [], {"shards:discord:10/16", "shards:discord:2/16"})
    await clock.advance(30)
    assert company.trouble == (
        "no node has shards:discord:10/16: start another node, or raise `shards_per_node` under"
        " [discord]"
    )
    await clock.advance(30)
    assert company.trouble is not None
    assert company.trouble.startswith("no node has shards:discord:2/16, shards:discord:10/16: ")
    company.look(WATCHES, [], {f"shards:discord:{number}/16" for number in range(5)})
    await clock.advance(60)
    assert "2/16 and 2 more: " in company.trouble
    company.look(WATCHES, [])
    assert company.trouble is None


async def test_two_nodes_of_one_name_are_told_of_and_a_quick_restart_is_not() -> None:
    clock = FakeClock()
    company = Company(clock, (), 60.0)
    before = NodeReport("a-0", "a", "1.0", ())
    company.look(WATCHES, [before])
    await clock.advance(30)
    company.look(WATCHES, [])
    await clock.advance(30)
    company.look(WATCHES, [before])
    await clock.advance(30)
    assert company.trouble is None
    await clock.advance(30)
    assert company.trouble == "another node is called a, too: give each a name of its own"


async def test_a_keeper_whose_renewals_have_ended_by_a_defect_is_not_well(database: Path) -> None:
    clock, renewals = SystemClock(), 0

    def report() -> NodeReport:
        nonlocal renewals
        renewals += 1
        if renewals > 2:
            raise ValueError("a defect")
        return WATCHES

    part = Health(clock).part("cluster")
    async with Store(database, access=Access.ANY, patience=30) as store:
        keeper = LeaseKeeper(
            store=store,
            clock=clock,
            notifier=Notifier(),
            report=report,
            seconds=TERM,
            part=part,
        )
        try:
            async with keeper:
                await until(lambda: not part.ok)
                assert part.detail.startswith("it hasn't renewed its leases for")
        except ValueError:
            await asyncio.sleep(0)  # leaving asks for the report, too
