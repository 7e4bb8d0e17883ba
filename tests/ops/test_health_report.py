"""`/healthz`: one word for everybody, each part for whoever may know."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.kit.health import Health, Phase
from bot.kit.metrics import Metrics
from bot.ops import HttpServer
from bot.ops.healthz import health_report
from tests.fakes.clock import FakeClock
from tests.ops.raw_client import ask
from tests.ops.test_server import PASSWORD, RIGHT


@pytest.fixture
def health() -> Health:
    health = Health(FakeClock())
    health.part("database", vital=True).good("works")
    return health


@pytest.fixture
async def guarded(health: Health) -> AsyncIterator[str]:
    server = HttpServer("127.0.0.1", 0, password=PASSWORD, health=health, metrics=Metrics())
    async with server:
        yield server.origin


async def test_without_the_password_only_the_status_is_told(guarded: str, health: Health) -> None:
    answer = await ask(guarded, "/healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})
    health.part("database").bad("the disk is full")
    answer = await ask(guarded, "/healthz")
    assert (answer.status, answer.json) == (503, {"status": "failing"})
    wrong = {"Authorization": "Basic bWU6d3Jvbmc="}
    assert set((await ask(guarded, "/healthz", headers=wrong)).json) <= {"status", "error"}


async def test_with_it_each_part_is(guarded: str) -> None:
    answer = await ask(guarded, "/healthz", headers=RIGHT)
    assert answer.json["parts"]["database"]["detail"] == "works"


@pytest.mark.parametrize("phase", [Phase.STARTING, Phase.STOPPING])
def test_while_no_commands_are_taken_it_is_503_whatever_works(health: Health, phase: Phase) -> None:
    health.enter(phase, "not now")
    assert health_report(health, in_detail=False) == (503, {"status": phase.value})
