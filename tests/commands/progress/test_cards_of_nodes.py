"""The cards of clips where there are several nodes: whose they are while it is there, and when it
is gone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

import pytest

from bot.alerts import Fault, SendError
from bot.commands import CommandService
from bot.model import JobState, Phase, plain
from bot.store import NodeReport
from tests.commands.harness import CommandHarness
from tests.commands.progress.clip_work import ClipWork
from tests.fakes.chat import FakeReply
from tests.fakes.clock import settle
from tests.fakes.sender import FakeSender, Post
from tests.patience import PATIENCE
from tests.store.rows.cluster.terms import end_terms

TERM = 30.0


@dataclass
class TwoNodes:
    """A clip of 30 s is being recorded; the first node (`life-1`) shows how far it is, and the
    other one (`life-2`) is there."""

    harness: CommandHarness
    sender: FakeSender
    card_id: str
    other: CommandService
    work: ClipWork = field(init=False)

    def __post_init__(self) -> None:
        self.work = ClipWork(self.harness)

    @property
    def card(self) -> Post:
        return self.sender.posts[self.card_id]

    async def look(self, *, by_term: bool = True) -> None:
        """As the other does every second."""
        sender_of = {"fake": self.sender}.get
        await self.other.resume_cards(sender_of, is_node=True, by_term=by_term)
        await settle()


@pytest.fixture
async def nodes(harness: CommandHarness) -> TwoNodes:
    await harness.follow()
    await harness.go_live()
    await harness.show_all()
    async with harness.store.write() as unit:
        for name in ("life-1", "life-2"):
            await unit.nodes.report(NodeReport(name, name, "1.0", ()), TERM)
    sender = FakeSender(harness.clock)
    card_id = await sender.send(await harness.target(), plain("the card"), nonce="card")
    request, reply = harness.request(request_id="r1")
    reply.message_id = card_id
    await harness.service.run(request, "/clip 30s")
    made = TwoNodes(harness, sender, card_id, harness.fresh())
    await made.work.claim()
    await made.work.reach(Phase.RECORDING, 4)
    assert "Recording 4 of 30 s" in reply.text
    return made


async def test_a_card_of_a_node_that_is_there_is_left_to_it(nodes: TwoNodes) -> None:
    await nodes.look()
    await nodes.harness.clock.advance(60)
    assert nodes.card.shown == [plain("the card")]
    assert (await nodes.harness.job()).card_worker_id == "life-1"
    await nodes.other.stop()


async def test_a_card_of_a_node_that_could_not_renew_its_term_is_left_to_it(
    nodes: TwoNodes,
) -> None:
    end_terms(nodes.harness.store)  # as where the database was away
    await nodes.look(by_term=False)
    assert (await nodes.harness.job()).card_worker_id == "life-1"
    await nodes.other.stop()


@pytest.mark.parametrize("is_clean", [True, False])
async def test_a_card_of_a_node_that_is_gone_goes_on_at_another(
    nodes: TwoNodes, is_clean: bool
) -> None:
    await nodes.harness.service.stop()
    if is_clean:
        async with nodes.harness.store.write() as unit:
            await unit.nodes.leave("life-1")
    else:
        end_terms(nodes.harness.store)
    await nodes.look(by_term=not is_clean)
    await nodes.look()
    assert "Recording 4 of 30 s" in nodes.card.shows.text
    await nodes.work.end(JobState.DONE, is_owed=True)
    await nodes.harness.show_all("clip")
    await nodes.harness.clock.advance(60)
    assert nodes.card.deleted
    assert nodes.harness.clock.sleeping == 0


async def test_a_node_that_was_taken_for_dead_leaves_its_card_to_the_other(
    nodes: TwoNodes,
) -> None:
    end_terms(nodes.harness.store)
    await nodes.look()
    await nodes.harness.clock.advance(60)
    assert nodes.harness.clock.sleeping == 1, "only the other follows it"
    job = await nodes.harness.job()
    assert (job.card_id, job.card_worker_id) == (nodes.card_id, "life-2")
    await nodes.other.stop()


async def test_a_node_that_cannot_change_it_leaves_it_to_one_that_can(nodes: TwoNodes) -> None:
    await nodes.harness.service.stop()
    end_terms(nodes.harness.store)
    async with nodes.harness.store.write():  # it holds up nobody, and looks again each second
        async with asyncio.timeout(PATIENCE):
            await nodes.other.resume_cards(lambda _: None, is_node=True)
    assert (await nodes.harness.job()).card_worker_id == "life-1"
    await nodes.look()
    assert (await nodes.harness.job()).card_worker_id == "life-2"
    await nodes.other.stop()


class ReplaceableReply(FakeReply):
    """A clip that answers it takes its place."""

    is_replaceable = True


async def uploading(harness: CommandHarness, reply: FakeReply) -> FakeReply:
    """What such a reply shows of a clip that is owed, after a change that did not come through."""
    harness.is_node = True
    harness.service = harness.fresh()
    await harness.follow()
    await harness.go_live()
    await harness.show_all()
    request, _ = harness.request(request_id="r1")
    await harness.service.run(replace(request, reply=reply), "/clip 30s")
    work = ClipWork(harness)
    await work.claim()
    await work.reach(Phase.RECORDING, 4)
    reply.broken = SendError(Fault.MAYBE_SENT)
    await harness.clock.advance(1)
    await work.reach(Phase.RECORDING, 10)
    reply.broken = None
    await work.end(JobState.DONE, is_owed=True)
    await harness.clock.advance(30)
    return reply


async def test_a_card_that_another_node_may_replace_is_left_alone_once_its_clip_is_owed(
    harness: CommandHarness,
) -> None:
    reply = await uploading(harness, ReplaceableReply("r1"))
    assert "Recording 4 of 30 s" in reply.text
    await harness.clock.advance(600)
    assert "It follows as soon as it can" in reply.text, "it does not come soon"


async def test_a_card_that_stays_a_message_of_its_own_says_that_the_clip_is_uploaded(
    harness: CommandHarness,
) -> None:
    assert (await uploading(harness, FakeReply("r1"))).text == "$MINTY · Uploading"
    await harness.service.stop()


async def test_a_clip_that_a_change_may_have_come_over_is_shown_again(
    harness: CommandHarness,
) -> None:
    reply = await uploading(harness, ReplaceableReply("r1"))
    reply.message_id = "clip-1"
    await harness.show_all("clip")
    await harness.clock.advance(30)
    async with harness.store.read() as unit:
        row = await unit.deliveries.find((await harness.target()).id, "clip:1")
    assert row is not None
    assert (row.wanted, row.shown) == (2, 1)
    assert not harness.service._context.followed
