"""A node that sends by one platform no more, or by none: what others do goes on, and its own
ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import Preference
from bot.store import Store
from tests.alerts.harness import AlertHarness, jpeg
from tests.alerts.leads import LeadsUntilLost
from tests.fakes.clock import FakeClock
from tests.fakes.sender import FakeSender

SENDERS = ("one", "two")


@pytest.fixture
async def harness(
    store: Store, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[tuple[AlertHarness, LeadsUntilLost]]:
    """By two platforms, whose alerts are out without the picture of the stream."""
    senders = [FakeSender(clock, name=name) for name in SENDERS]
    made = AlertHarness(store, tmp_path / "files", clock, *senders)
    made.leadership = leads = LeadsUntilLost(store, clock)
    for name in SENDERS:
        await made.targets(1, sender=name)
    made.site.stream_picture = None
    async with made.running():
        await made.go_live()
        yield made, leads


@pytest.mark.parametrize("lost", SENDERS)
async def test_a_picture_is_looked_for_on_where_another_platform_waits_for_it(
    harness: tuple[AlertHarness, LeadsUntilLost], clock: FakeClock, lost: str
) -> None:
    made, leads = harness
    await leads.lose(f"sender:{lost}")
    assert made.health.part(f"alerts {lost}").detail == "another node does it"
    made.site.stream_picture = jpeg()
    await clock.advance(20)
    (kept,) = (sender for name, sender in made.senders.items() if name != lost)
    assert isinstance(kept, FakeSender)
    (post,) = kept.posts.values()
    assert len(post.shown) == 2
    assert post.shows.picture is not None


async def test_who_sends_nothing_any_more_looks_for_no_pictures(
    harness: tuple[AlertHarness, LeadsUntilLost], clock: FakeClock
) -> None:
    made, leads = harness
    for name in SENDERS:
        await leads.lose(f"sender:{name}")
    asked = len(made.site.asked)
    await clock.advance(600)
    assert len(made.site.asked) == asked


async def test_who_sends_nothing_any_more_is_well_whatever_ended_its_last_loop(
    harness: tuple[AlertHarness, LeadsUntilLost], clock: FakeClock
) -> None:
    """Such as a database that was out of reach until its term was over."""
    made, leads = harness
    part = made.health.part("dispatcher")
    for name in SENDERS:
        part.bad("the database can't be used (planted)")
        await leads.lose(f"sender:{name}")
        assert part.ok == (name == SENDERS[-1])


async def test_who_stood_still_past_its_term_owes_no_update_either(
    harness: tuple[AlertHarness, LeadsUntilLost], clock: FakeClock
) -> None:
    made, leads = harness
    async with made.store.read() as unit:
        (stream,) = (await unit.streams.open()).values()
        targets = [await unit.places.by_id(number) for number in (1, 2)]
    for target in filter(None, targets):
        await made.prefer(Preference.UPDATES, "yes", target)
    await clock.advance(301)
    stream = await made.change(stream, viewers=20)
    assert await made.service.refresh() == 0  # whatever was shown before somebody asked for it
    await clock.advance(1)
    await made.change(stream, title="Now something else")
    leads.end_term("sender:one")
    assert await made.service.refresh() == 1


class Remembering(FakeSender):
    """It knows what its messages show."""

    forgot = 0

    def forget(self) -> None:
        self.forgot += 1


async def test_what_messages_show_is_forgotten_whenever_sending_begins_here(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    sender, leads = Remembering(clock), LeadsUntilLost(store, clock)
    made = AlertHarness(store, tmp_path / "files", clock, sender)
    made.leadership = leads
    async with made.running():
        assert sender.forgot == 1
        await leads.lose("sender:fake")
        assert sender.forgot == 1
        await leads.win_again("sender:fake")
        assert sender.forgot == 2
