"""The state of things beside the chat."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import __version__, texts
from bot.alerts import Fault, Why
from bot.model import Address, Broadcast, Coin, Person, StreamState
from bot.store import NodeReport
from tests.fakes.clock import START, FakeClock
from tests.platforms.local.conftest import Service
from tests.platforms.local.visitor import Visitor
from tests.store.raw_sql import write

ME = Person("local", "you")
LIVE = Broadcast(
    state=StreamState.LIVE,
    first_seen_at=START,
    last_seen_at=START,
    site_id=1,
    started_at=START - timedelta(minutes=5),
    title="gm",
    viewers=12,
)


async def test_an_empty_service_says_so(service: Service, visitor: Visitor) -> None:
    service.health.part("pump.fun").bad("it did not answer")
    status = await visitor.get("/api/status")
    disk = status.pop("disk")
    assert 0 < disk["free"] <= disk["total"]
    since = "2026-11-23T12:00:00.000Z"
    page = {"name": "local", "ok": True, "off": False, "detail": "takes commands"}
    http = {"name": "http", "ok": True, "off": False, "detail": f"at {visitor.origin}"}
    site = {"name": "pump.fun", "ok": False, "off": False, "detail": "it did not answer"}
    ages = (0.0, 0.0, None)
    assert status == {
        "version": __version__,
        "at": since,
        "status": "ok",
        "parts": [
            part | {"since": since, "age": age}
            for part, age in zip((page, http, site), ages, strict=True)
        ],
        "nodes": [],
        "coin_count": 0,
        "live_count": 0,
        "coins": [],
        "alerts": [],
        "failures": [],
    }


async def test_the_nodes_of_a_cluster_are_told_with_what_each_does(
    service: Service, visitor: Visitor
) -> None:
    async with service.store.write() as unit:
        for name, places in (("a", 3), ("b", 0)):
            await unit.nodes.report(NodeReport(f"{name}-1", name, "1.0", (), places), 30.0)
        await unit.leases.win("watch", "a-1", 30.0)
        await unit.captures.claim(["mint"], "a-1", 30.0, 310)
    write(service.store.name, "UPDATE nodes SET until = until - 60000 WHERE name = 'b'")
    a, b = (await visitor.get("/api/status"))["nodes"]
    assert (a["name"], a["ok"], b["name"], b["ok"]) == ("a", True, "b", False)
    assert a["detail"].startswith("version 1.0, heard of ")
    assert a["detail"].endswith("; watch; 1 of 3 rings")
    assert b["detail"].endswith(": others have taken over")


async def test_coins_are_listed_with_their_state_the_live_ones_first(
    service: Service, visitor: Visitor
) -> None:
    target = await service.target()
    async with service.store.write() as unit:
        states = (None, StreamState.GRACE, StreamState.LIVE, StreamState.STARTING)
        for number, state in enumerate(states):
            mint = f"mint{number}"
            await unit.coins.put(Coin(mint, symbol=f"C{number}", name=f"Coin {number}"))
            await unit.subscriptions.add(target.id, mint, ME, START)
            if state is not None:
                cast = replace(LIVE, state=state, site_id=number, paused_at=START)
                await unit.streams.insert(mint, cast)
        stream = await unit.streams.open_of("mint2")
        assert stream is not None
        await unit.streams.set_picture(stream.id, "p-1.jpg")
    service.lookback.seconds = {"mint2": 47.0, "mint0": 60.0}
    status = await visitor.get("/api/status")
    assert (status["coin_count"], status["live_count"]) == (4, 1)
    states_shown = [(coin["symbol"], coin["state"]) for coin in status["coins"]]
    assert states_shown == [
        ("C2", "live"), ("C1", "paused"), ("C3", "starting"), ("C0", "offline"),
    ]  # fmt: skip
    assert status["coins"][0] == {
        "mint": "mint2",
        "symbol": "C2",
        "name": "Coin 2",
        "state": "live",
        "viewers": 12,
        "title": "gm",
        "since": "2026-11-23T11:55:00.000Z",
        "picture": "/files/p-1.jpg",
        "at_hand": "last 40 s ready to clip",
    }
    assert [coin["at_hand"] for coin in status["coins"][1:]] == [
        None,
        None,
        "last 60 s ready to clip",
    ]


async def test_last_alerts_and_failures_are_of_every_place(
    service: Service, visitor: Visitor, clock: FakeClock
) -> None:
    elsewhere = Address("discord", "1", "2", "A server", "#alerts")
    mine = await service.target()
    async with service.store.write() as unit:
        other = await unit.places.target(elsewhere, "discord", START)
        await unit.coins.put(Coin("mint", symbol="MINT"))
        for target in (mine, other):
            await unit.subscriptions.add(target.id, "mint", ME, START)
        stream = await unit.streams.insert("mint", LIVE)
        await unit.deliveries.owe_alerts(stream, START, silent=False)
        (ours,) = await unit.deliveries.claim("local", "h", 5, START)
        assert await unit.deliveries.mark_sending(ours, START)
        assert await unit.deliveries.mark_shown(ours, "1", START)
        (theirs,) = await unit.deliveries.claim("discord", "h", 5, START)
        assert await unit.deliveries.mark_dead(theirs, Fault.FORBIDDEN, START)
    status = await visitor.get("/api/status")
    shown = {(row["target"], row["state"], row["symbol"]) for row in status["alerts"]}
    assert shown == {("Page", "sent", "MINT"), ("#alerts", "dead", "MINT")}
    (failure,) = status["failures"]
    assert (failure["platform"], failure["error"]) == ("discord", texts.alerts.why(Fault.FORBIDDEN))
    assert failure["at"] == "2026-11-23T12:00:00.000Z"


@pytest.mark.parametrize("why", [Why.NIGHT_SKIP, Why.UNFOLLOWED])
async def test_what_was_left_out_on_purpose_is_no_failure(
    service: Service, visitor: Visitor, why: Why
) -> None:
    mine = await service.target()
    async with service.store.write() as unit:
        await unit.subscriptions.add(mine.id, "mint", ME, START)
        stream = await unit.streams.insert("mint", LIVE)
        await unit.deliveries.owe_alerts(stream, START, silent=False)
        (delivery,) = await unit.deliveries.claim("local", "h", 5, START)
        assert await unit.deliveries.mark_dead(delivery, why, START)
    status = await visitor.get("/api/status")
    assert [(row["state"], row["error"]) for row in status["alerts"]] == [("dead", None)]
    assert status["failures"] == []
