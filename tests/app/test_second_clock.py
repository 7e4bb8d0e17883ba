"""What time it is by others, where pump.fun never says so: then nodes go by their database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app.retention import Retention
from bot.app.second_clock import SecondClock
from bot.errors import PumpfunError
from bot.kit.metrics import Metrics
from bot.model import Reason
from bot.store import Store
from tests.fakes.clock import PassingClock

YEAR, KEEP = timedelta(days=365), timedelta(days=30)


@dataclass
class Site:
    """pump.fun, whose clock shows `says`; None: a firewall keeps it from us."""

    says: datetime | None = None
    site_time: datetime | None = None

    async def roster(self, *, pages: int) -> None:
        self.site_time = self.says
        if self.says is None:
            raise PumpfunError(Reason.UNREACHABLE)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """With a row of today and one of a year ago, by the database's clock, which is right."""
    async with Store(tmp_path / "mintcast.db") as opened:
        async with opened.write() as unit:
            for name, ago in (("new", timedelta(0)), ("old", YEAR)):
                at = datetime.now(UTC) - ago
                await unit.pictures.put_uploaded("telegram", name, "remote", at)
        yield opened


async def kept(store: Store, site: Site, ahead: timedelta, *, is_node: bool) -> str:
    """Which of the two are left by a service whose machine's clock is so far ahead."""
    second = SecondClock(site, store if is_node else None)
    retention = Retention(
        store=store,
        clock=PassingClock(datetime.now(UTC) + ahead),
        metrics=Metrics(),
        site_time=second.now,
        keep=KEEP,
    )
    await second.look()
    await retention.run()
    async with store.read() as unit:
        names = [n for n in ("new", "old") if await unit.pictures.uploaded("telegram", n)]
    return " ".join(names)


@pytest.mark.parametrize(
    ("is_node", "ahead", "left"),
    [(True, timedelta(0), "new"), (True, YEAR, "new"), (False, timedelta(0), "new old")],
)
async def test_old_rows_go_by_the_databases_clock_where_a_node_never_hears_of_the_site(
    store: Store, ahead: timedelta, left: str, *, is_node: bool
) -> None:
    """Whoever is alone may have the database on the same machine: there nothing goes."""
    assert await kept(store, Site(), ahead, is_node=is_node) == left


async def test_a_site_that_answers_goes_before_the_database(store: Store) -> None:
    """The clock of a database on this machine may be as wrong as ours."""
    right = datetime.now(UTC) - YEAR
    assert await kept(store, Site(right), timedelta(0), is_node=True) == "new old"
