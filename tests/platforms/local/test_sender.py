"""The page as a `Sender`: a nonce is a message, and what became of a send is always known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.alerts import Fault, Found, Sender, SendError, Settled
from bot.model import Message, MessageKind, StoredVideo, plain
from bot.store import Unit
from tests.fakes.failing_store import answer_lost
from tests.platforms.local.conftest import Service
from tests.platforms.local.visitor import Visitor


async def test_the_same_nonce_is_the_same_message(service: Service, visitor: Visitor) -> None:
    sender: Sender = service.local.sender
    target = await service.target()
    first = await sender.send(target, plain("hello"), nonce="n")
    assert await sender.send(target, plain("hello"), nonce="n") == first
    assert await sender.send(target, plain("hello"), nonce="m") != first
    assert len(await visitor.history()) == 2


async def test_what_became_of_a_send_is_always_known(service: Service) -> None:
    sender = service.local.sender
    target = await service.target()
    now = service.clock.now()
    assert await sender.settle(target, "n", begun=now) is Settled.NOT_THERE
    sent = await sender.send(target, plain("hello"), nonce="n")
    assert await sender.settle(target, "n", begun=now) == Found(sent)


async def test_a_send_of_which_the_database_did_not_say_whether_it_is_kept_is_looked_for(
    service: Service, visitor: Visitor
) -> None:
    sender, target = service.local.sender, await service.target()

    async def is_kept(unit: Unit) -> bool:
        return await unit.page.find("n") is not None

    with answer_lost(service.store, is_kept), pytest.raises(SendError) as caught:
        await sender.send(target, plain("hello"), nonce="n")
    assert caught.value.fault is Fault.MAYBE_SENT
    (kept,) = await visitor.history()
    found = await sender.settle(target, "n", begun=service.clock.now())
    assert found == Found(str(kept["id"]))


async def test_an_alert_is_changed_and_taken_away(service: Service, visitor: Visitor) -> None:
    sender = service.local.sender
    target = await service.target()
    sent = await sender.send(target, Message(MessageKind.ALERT, "live"), nonce="n", reply_to="3")
    await sender.edit(target, sent, Message(MessageKind.ALERT, "ended"))
    (now,) = await visitor.history()
    assert (now["id"], now["kind"], now["title"], now["reply_to"]) == (sent, "alert", "ended", "3")
    await sender.delete(target, sent)
    assert await visitor.history() == []


async def test_a_clip_whose_file_is_gone_keeps_its_place(
    service: Service, visitor: Visitor
) -> None:
    sender, target = service.local.sender, await service.target()
    clip = Message(MessageKind.CLIP, "30 s", video=StoredVideo("clip-1.mp4", 30, 3, 1280, 720))
    sent = await sender.send(target, clip, nonce="n")
    (before,) = await visitor.history()
    await sender.edit(target, sent, replace(clip, video=None, keeps_video=True))
    (now,) = await visitor.history()
    assert now["video"] == before["video"] is not None


async def test_a_message_that_is_gone_is_said_to_be(service: Service) -> None:
    sender = service.local.sender
    target = await service.target()
    for attempt in (sender.edit(target, "7", plain("x")), sender.delete(target, "7")):
        with pytest.raises(SendError) as caught:
            await attempt
        assert caught.value.fault is Fault.MESSAGE_GONE


def test_the_page_sets_no_limits(service: Service) -> None:
    assert service.local.sender.name == "local"
    assert service.local.sender.rate_limits.free(10_000) == 10_000
