"""The cards of clips after a restart: they stand in a chat, and nobody is left who showed them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.alerts import Fault
from bot.errors import StoreError
from bot.kit.notifier import job_topic
from bot.model import ClipJob, JobState, Phase, plain
from bot.store import Unit
from tests.commands.harness import CommandHarness
from tests.commands.progress.clip_work import ClipWork
from tests.fakes.clock import settle
from tests.fakes.failing_store import answer_lost
from tests.fakes.sender import FakeSender, Post


@dataclass
class Restarted:
    """A clip of 30 s that is being recorded, and its card; the service is about to end."""

    harness: CommandHarness
    sender: FakeSender
    card_id: str

    @property
    def card(self) -> Post:
        """As it stands in the chat."""
        return self.sender.posts[self.card_id]

    async def restart(self) -> None:
        """Another life of the commands. What was being recorded waits again."""
        await self.harness.service.stop()
        async with self.harness.store.write() as unit:
            await unit.jobs.recover("another", self.harness.clock.now())
        self.harness.service = self.harness.fresh()

    async def resume(self) -> None:
        """The end of the start."""
        senders = {"fake": self.sender}
        await self.harness.service.resume_cards(senders.get)
        await settle()

    async def job(self) -> ClipJob:
        return await self.harness.job()

    async def deliver(self, state: JobState) -> None:
        """Its end, while the commands are there or not, and what a dispatcher does then."""
        work = ClipWork(self.harness)
        await work.claim()
        await work.end(state, "no-media" if state is JobState.FAILED else None, is_owed=True)
        await self.harness.show_all("clip")
        self.harness.notifier.notify(job_topic(1))
        await settle()


@pytest.fixture
async def clip(harness: CommandHarness) -> Restarted:
    await harness.follow()
    await harness.go_live()
    await harness.show_all()
    sender = FakeSender(harness.clock)
    card_id = await sender.send(await harness.target(), plain("the card"), nonce="card")
    request, reply = harness.request(request_id="r1")
    reply.message_id = card_id
    await harness.service.run(request, "/clip 30s")
    work = ClipWork(harness)
    await work.claim()
    await work.reach(Phase.RECORDING, 4)
    assert "Recording 4 of 30 s" in reply.text
    return Restarted(harness, sender, card_id)


async def test_a_card_goes_on_after_a_restart_and_goes_with_the_clip(clip: Restarted) -> None:
    await clip.restart()
    await clip.resume()
    assert clip.card.shows.text == "$MINTY · Recording the next 30 s · ready in about 40 s"
    work = ClipWork(clip.harness)
    await work.claim()
    await work.reach(Phase.RECORDING)
    assert "Recording 0 of 30 s" in clip.card.shows.text
    assert not clip.card.deleted
    await work.end(JobState.DONE, is_owed=True)
    await clip.harness.show_all("clip")
    clip.harness.notifier.notify(job_topic(1))
    await settle()
    assert clip.card.deleted
    assert (await clip.job()).card_id is None
    assert clip.harness.clock.sleeping == 0


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED])
async def test_what_was_delivered_before_the_start_was_over_takes_the_card_away(
    clip: Restarted, state: JobState
) -> None:
    await clip.restart()
    await clip.deliver(state)
    assert not clip.card.deleted
    await clip.resume()
    assert clip.card.deleted
    assert len(clip.card.shown) == 1, "it said nothing of its own"


async def test_a_card_that_was_taken_over_without_a_word_is_followed_at_the_next_try(
    clip: Restarted,
) -> None:
    """The database saved it, and its answer was lost."""
    await clip.restart()
    before = (await clip.job()).card_worker_id

    async def is_taken(unit: Unit) -> bool:
        job = await unit.jobs.get(1)
        return job is not None and job.card_worker_id not in (None, before)

    with answer_lost(clip.harness.store, is_taken), pytest.raises(StoreError):
        await clip.resume()
    await clip.resume()
    assert "Recording the next 30 s" in clip.card.shows.text


async def test_a_card_can_be_cancelled_after_a_restart(clip: Restarted) -> None:
    await clip.restart()
    await clip.resume()
    assert (await clip.harness.press("cancel:1")).text == "Clip cancelled."
    await settle()
    assert clip.card.shows.text == "Clip cancelled."
    assert clip.card.shows.buttons[0][0].label == "Try again"
    assert (await clip.job()).card_id is None


async def test_a_platform_that_is_there_later_shows_it_then(clip: Restarted) -> None:
    await clip.restart()
    senders: dict[str, FakeSender] = {}
    await clip.harness.service.resume_cards(senders.get)
    await clip.harness.clock.advance(60)
    assert len(clip.card.shown) == 1
    senders["fake"] = clip.sender
    await clip.harness.clock.advance(15)
    assert "ready in about" in clip.card.shows.text


async def test_a_platform_that_is_away_for_hours_finishes_it_when_it_is_back(
    clip: Restarted,
) -> None:
    await clip.restart()
    senders: dict[str, FakeSender] = {}
    await clip.harness.service.resume_cards(senders.get)
    await clip.deliver(JobState.DONE)
    for _ in range(30):
        await clip.harness.clock.advance(600)
    assert (await clip.job()).card_id == clip.card_id
    senders["fake"] = clip.sender
    await clip.harness.clock.advance(600)
    assert clip.card.deleted
    assert (await clip.job()).card_id is None


@pytest.mark.soak
async def test_after_a_day_it_is_left_as_it_is(clip: Restarted) -> None:
    await clip.restart()
    await clip.harness.service.resume_cards(lambda _: None)
    for _ in range(170):
        await clip.harness.clock.advance(600)
    assert (await clip.job()).card_id is None
    assert clip.harness.clock.sleeping == 0


@pytest.mark.parametrize("fault", [Fault.MESSAGE_GONE, Fault.FORBIDDEN])
async def test_a_card_that_is_gone_is_not_looked_for_again(clip: Restarted, fault: Fault) -> None:
    target = await clip.harness.target()
    clip.sender.fail(target.id, fault)
    await clip.restart()
    await clip.resume()
    assert (await clip.job()).card_id is None
    assert clip.harness.clock.sleeping == 0


async def test_a_card_whose_place_the_clip_has_taken_is_left_alone(clip: Restarted) -> None:
    """As on Discord, where a crash came before that was written down."""
    await clip.restart()
    await clip.deliver(JobState.DONE)
    async with clip.harness.store.read() as unit:
        delivery = await unit.deliveries.find((await clip.harness.target()).id, "clip:1")
    assert delivery is not None
    async with clip.harness.store.write() as unit:
        await unit.jobs.note_card(1, delivery.message_id, "life-1")
    await clip.resume()
    assert not clip.card.deleted
    assert len(clip.card.shown) == 1
    assert (await clip.job()).card_id is None


async def test_a_card_that_reads_so_already_is_no_failure(clip: Restarted) -> None:
    target = await clip.harness.target()
    clip.sender.fail(target.id, Fault.NOT_CHANGED)
    await clip.restart()
    await clip.resume()
    assert (await clip.job()).card_id == clip.card_id


async def test_a_request_that_comes_again_after_a_crash_gets_no_second_card(
    clip: Restarted,
) -> None:
    await clip.restart()
    await clip.resume()
    again = await clip.harness.say("/clip 30s", request_id="r1")
    assert not again.shown


async def test_a_card_that_has_said_its_last_is_left_alone(clip: Restarted) -> None:
    await clip.harness.press("cancel:1")
    await settle()
    assert (await clip.job()).card_id is None
    await clip.restart()
    await clip.resume()
    assert clip.card.shown == [plain("the card")]
