"""Alerts: the real python-telegram-bot against a stand-in of the Bot API."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from bot.alerts import Fault, NothingSent, Sender, SendError, Settled, Whispers
from bot.errors import DatabaseBusy
from bot.kit.rate_limits import RateLimits
from bot.model import Address, Button, Message, MessageKind, Person, Span, Tone, plain
from bot.platforms.telegram.addresses import chat_address
from bot.platforms.telegram.connection.limits import new_rate_limits
from bot.store import Store
from tests.fakes.clock import settle, until
from tests.fakes.telegram import Chat, Refuse, Reset, RetryAfter, ServerError, Slow, When
from tests.fakes.telegram.client import jpeg
from tests.platforms.telegram.messages.harness import SenderHarness

MINT = "So11111111111111111111111111111111111111112"
ALERT = Message(
    kind=MessageKind.ALERT,
    title="🔴 Demo is live",
    lines=((Span("hello", bold=True),), (Span(MINT, code=True),)),
    tone=Tone.LIVE,
    buttons=((Button("Watch", url=f"https://pump.fun/coin/{MINT}"), Button("Copy", copy=MINT)),),
)


class Unreadable(Store):
    """A database that does not answer."""

    def read(self) -> NoReturn:
        raise DatabaseBusy("mintcast.db")

    def write(self) -> NoReturn:
        raise DatabaseBusy("mintcast.db")


async def fault_of(
    harness: SenderHarness, message: Message = ALERT, where: Chat | None = None
) -> SendError:
    with pytest.raises(SendError) as caught:
        await harness.sender.send(harness.target(where), message, nonce="n")
    return caught.value


async def test_a_person_of_a_groups_number_lifts_none_of_the_groups_limits(
    harness: SenderHarness,
) -> None:
    harness.restart(rate_limits := new_rate_limits(harness.clock))
    group = harness.fake.add_group("Coins")
    namesake = Address("telegram", str(-group.id), str(-group.id))
    harness.fake.faults.add("sendMessage", Refuse(400, "Bad Request: chat not found"), times=1)
    with pytest.raises(SendError):
        await harness.sender.post(namesake, plain("to somebody"))

    await harness.sender.post(chat_address(group.id), plain("to all"))

    assert rate_limits.left(group.id) == 18


async def test_an_alert_is_a_photo_with_its_caption_and_buttons(harness: SenderHarness) -> None:
    message = replace(ALERT, picture=await harness.picture(), silent=True)

    message_id = await harness.sender.send(harness.target(), message, nonce="abc")

    (shown,) = harness.chat.messages
    assert str(shown.id) == message_id
    assert shown.caption == f"🔴 Demo is live\nhello\n{MINT}"
    assert [one["type"] for one in shown.entities] == ["bold", "bold", "code"]
    assert shown.photo is not None
    assert shown.photo.data == jpeg()
    assert shown.silent
    assert [button.label for button in shown.buttons] == ["Watch", "Copy"]
    assert shown.buttons[1].copies == MINT


async def test_without_a_picture_it_is_text_and_links_unfold_to_nothing(
    harness: SenderHarness,
) -> None:
    await harness.sender.send(harness.target(), ALERT, nonce="abc")
    (shown,) = harness.chat.messages
    assert shown.text.startswith("🔴 Demo is live")
    assert not shown.silent
    (call,) = harness.fake.made("sendMessage")
    assert call.parameters["link_preview_options"] == {"is_disabled": True}


async def test_a_topic_gets_its_own_and_general_has_no_number(harness: SenderHarness) -> None:
    forum = harness.fake.add_supergroup("Big", forum=True)
    coins = forum.add_topic("Coins")
    await harness.sender.send(harness.target(coins), ALERT, nonce="a")
    await harness.sender.send(harness.target(forum), ALERT, nonce="b")
    assert [one.topic for one in forum.messages] == [coins, forum.general]


async def test_it_answers_the_message_that_asked_even_where_that_is_gone(
    harness: SenderHarness,
) -> None:
    asked = await harness.al.say(harness.chat, "/clip")
    await harness.sender.send(harness.target(), ALERT, nonce="a", reply_to=str(asked.id))
    await harness.sender.send(harness.target(), ALERT, nonce="b", reply_to="99999")
    await harness.sender.send(harness.target(), ALERT, nonce="c", reply_to="not a number")
    assert [one.reply_to for one in harness.chat.messages] == [asked, None, None]


async def test_the_picture_is_uploaded_once_for_all_who_are_sent_it_together(
    harness: SenderHarness,
) -> None:
    message = replace(ALERT, picture=await harness.picture())
    chats = [harness.fake.add_user(f"user {n}").chat for n in range(20)]
    await asyncio.gather(
        *(harness.sender.send(harness.target(chat), message, nonce=str(chat.id)) for chat in chats)
    )
    assert harness.fake.uploads["photo"] == 1
    assert {chat.messages[0].photo.data for chat in chats if chat.messages[0].photo} == {jpeg()}


async def test_after_a_restart_it_is_not_uploaded_again(harness: SenderHarness) -> None:
    message = replace(ALERT, picture=await harness.picture())
    await harness.sender.send(harness.target(), message, nonce="a")
    harness.restart()
    await harness.sender.send(harness.target(harness.group), message, nonce="b")
    assert harness.fake.uploads["photo"] == 1
    assert harness.group.messages[0].photo is not None


async def test_a_file_id_that_telegram_forgot_is_uploaded_anew_and_once(
    harness: SenderHarness,
) -> None:
    message = replace(ALERT, picture=await harness.picture())
    await harness.sender.send(harness.target(), message, nonce="a")
    harness.fake.expire_file_ids()
    chats = [harness.fake.add_user(f"user {n}").chat for n in range(5)]
    await asyncio.gather(
        *(harness.sender.send(harness.target(c), message, nonce="b") for c in chats)
    )
    assert harness.fake.uploads["photo"] == 2
    harness.restart()
    await harness.sender.send(harness.target(harness.group), message, nonce="c")
    assert harness.fake.uploads["photo"] == 2


async def test_whoever_cannot_be_sent_the_first_upload_leaves_it_to_the_next(
    harness: SenderHarness,
) -> None:
    message = replace(ALERT, picture=await harness.picture())
    gone = harness.fake.add_user("gone")
    harness.fake.block(gone)
    results = await asyncio.gather(
        *(
            harness.sender.send(harness.target(c), message, nonce="n")
            for c in (gone.chat, harness.chat, harness.group)
        ),
        return_exceptions=True,
    )
    assert isinstance(results[0], SendError)
    assert results[0].fault is Fault.FORBIDDEN
    assert [isinstance(result, str) for result in results[1:]] == [True, True]
    assert harness.fake.uploads["photo"] == 1


async def test_where_the_connection_broke_in_the_upload_the_others_sent_nothing(
    harness: SenderHarness, tmp_path: Path
) -> None:
    harness.store = Unreadable(tmp_path / "other.db")  # nobody looks it up while the upload breaks
    harness.restart()
    message = replace(ALERT, picture=await harness.picture())
    harness.fake.faults.add("sendPhoto", Reset(When.UPLOAD), times=1)
    results = await asyncio.gather(
        *(
            harness.sender.send(harness.target(c), message, nonce="n")
            for c in (harness.chat, harness.group)
        ),
        return_exceptions=True,
    )
    faults = [result.fault for result in results if isinstance(result, SendError)]
    assert sorted(faults) == [Fault.MAYBE_SENT, Fault.NOT_SENT]
    assert len(harness.fake.made("sendPhoto")) == 1


async def test_whoever_waited_for_an_upload_leaves_at_the_token_s_rate(
    harness: SenderHarness,
) -> None:
    harness.restart(RateLimits(harness.clock, per_second=1, burst=1))
    harness.fake.faults.add(
        "sendPhoto", Slow(0.3), times=1
    )  # so that all the others do wait for it
    message = replace(ALERT, picture=await harness.picture())
    chats = [harness.fake.add_user(f"user {n}").chat for n in range(4)]
    tasks = [
        asyncio.create_task(harness.sender.send(harness.target(chat), message, nonce="n"))
        for chat in chats
    ]
    await until(lambda: harness.clock.sleeping == 2)
    for sent in (2, 3, 4):
        await harness.fake.until(lambda: len(harness.fake.made("sendPhoto")) >= sent)  # noqa: B023
        assert len(harness.fake.made("sendPhoto")) == sent
        await harness.clock.advance(1)
    await asyncio.gather(*tasks)


async def test_an_upload_that_was_cancelled_holds_up_nobody(harness: SenderHarness) -> None:
    message = replace(ALERT, picture=await harness.picture())
    harness.fake.faults.add(("sendPhoto", harness.chat), Slow(30))
    first = asyncio.create_task(harness.sender.send(harness.target(), message, nonce="n"))
    await harness.fake.until(lambda: harness.fake.made("sendPhoto"))
    second = asyncio.create_task(
        harness.sender.send(harness.target(harness.group), message, nonce="n")
    )
    await settle()
    assert len(harness.fake.made("sendPhoto")) == 1, "it waits for the upload"
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert await second
    assert harness.group.messages[0].photo is not None


async def test_who_is_cut_off_while_another_uploads_is_known_to_have_sent_nothing(
    harness: SenderHarness,
) -> None:
    message = replace(ALERT, picture=await harness.picture())
    harness.fake.faults.add(("sendPhoto", harness.chat), Slow(30))
    first = asyncio.create_task(harness.sender.send(harness.target(), message, nonce="n"))
    await harness.fake.until(lambda: harness.fake.made("sendPhoto"))

    async def send_and_be_cut_off() -> None:
        with pytest.raises(NothingSent):
            await harness.sender.send(harness.target(harness.group), message, nonce="n")

    second = asyncio.create_task(send_and_be_cut_off())
    await settle()
    second.cancel()
    await second
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_where_no_pictures_may_be_sent_the_alert_is_refused_and_plain_it_passes(
    harness: SenderHarness,
) -> None:
    harness.group.permissions.discard("can_send_photos")
    message = replace(ALERT, picture=await harness.picture())
    assert (await fault_of(harness, message, harness.group)).fault is Fault.REFUSED
    await harness.sender.send(
        harness.target(harness.group), replace(message, picture=None), nonce="n"
    )
    assert harness.group.messages[0].text


async def test_a_picture_that_is_gone_from_the_disk_is_refused(harness: SenderHarness) -> None:
    picture = await harness.picture()
    await harness.files.delete(picture.key)
    assert (await fault_of(harness, replace(ALERT, picture=picture))).fault is Fault.REFUSED
    assert harness.fake.calls == []


async def test_html_that_telegram_cannot_parse_is_sent_as_plain_text(
    harness: SenderHarness,
) -> None:
    refused = Refuse(400, "Bad Request: can't parse entities: Unsupported start tag")
    harness.fake.faults.add("sendMessage", refused, times=1)
    harness.fake.faults.add("sendPhoto", refused, times=1)
    await harness.sender.send(harness.target(), ALERT, nonce="a")
    await harness.sender.send(
        harness.target(), replace(ALERT, picture=await harness.picture()), nonce="b"
    )
    assert [one.content.body.text.splitlines()[0] for one in harness.chat.messages] == [
        ALERT.title
    ] * 2
    assert all(one["type"] != "bold" for shown in harness.chat.messages for one in shown.entities)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (RetryAfter(7), Fault.RATE_LIMITED),
        (ServerError(502), Fault.SERVER_ERROR),
        (Reset(When.BEFORE), Fault.MAYBE_SENT),
        (Reset(When.AFTER), Fault.MAYBE_SENT),
        (Refuse(401, "Unauthorized"), Fault.UNAUTHORIZED),
        (Refuse(413, "Request Entity Too Large"), Fault.TOO_LARGE),
        (Refuse(403, "Forbidden: bot was kicked from the supergroup chat"), Fault.FORBIDDEN),
    ],
)
async def test_what_goes_wrong_is_told_and_never_repeated(
    harness: SenderHarness, answer: Refuse | Reset | RetryAfter | ServerError, fault: Fault
) -> None:
    harness.fake.faults.add("sendMessage", answer)
    error = await fault_of(harness)
    assert error.fault is fault
    assert len(harness.fake.calls) == 1
    assert harness.fake.token not in str(error)
    assert error.retry_after == (7 if fault is Fault.RATE_LIMITED else None)


async def test_where_a_reply_was_one_too_many_the_next_waits(harness: SenderHarness) -> None:
    harness.fake.faults.add("sendMessage", RetryAfter(30), times=1)
    target = await harness.subscribed(harness.group)
    with pytest.raises(SendError):
        await harness.sender.post(target.address, ALERT)
    assert harness.sender.rate_limits.asleep(target.id) == 30
    harness.fake.faults.add("sendMessage", RetryAfter(3600), times=1)
    await harness.clock.advance(30)
    with pytest.raises(SendError):
        await harness.sender.post(target.address, ALERT)
    assert harness.sender.rate_limits.asleep(target.id) == 0


async def test_what_could_not_connect_was_surely_not_sent(harness: SenderHarness) -> None:
    await harness.fake.down()
    assert (await fault_of(harness)).fault is Fault.NOT_SENT
    assert (
        await fault_of(harness, replace(ALERT, picture=await harness.picture()))
    ).fault is Fault.NOT_SENT


async def test_what_the_connection_forbids_is_not_requested(harness: SenderHarness) -> None:
    harness.client_port.error = SendError(Fault.UNAUTHORIZED)
    assert (await fault_of(harness)).fault is Fault.UNAUTHORIZED
    assert harness.fake.calls == []


async def test_a_group_that_moved_is_named_by_its_new_number(harness: SenderHarness) -> None:
    group = harness.fake.add_group("Old")
    new = harness.fake.migrate(group, told="silent")
    error = await fault_of(harness, where=group)
    assert error.fault is Fault.MOVED
    assert error.address == harness.address(new)


@pytest.mark.parametrize("forgotten", [True, False])
async def test_a_topic_that_is_closed_or_gone(harness: SenderHarness, forgotten: bool) -> None:
    forum = harness.fake.add_supergroup("Big", forum=True)
    coins, other = forum.add_topic("Coins"), forum.add_topic("Other")
    coins.close()
    other.delete(forgotten=forgotten)
    for topic, fault in ((coins, Fault.TARGET_CLOSED), (other, Fault.TARGET_GONE)):
        with pytest.raises(SendError) as caught:
            await harness.sender.send(harness.target(topic), ALERT, nonce="n")
        assert caught.value.fault is fault


async def test_nobody_can_tell_what_became_of_a_send(harness: SenderHarness) -> None:
    begun = harness.clock.now()
    assert await harness.sender.settle(harness.target(), "n", begun=begun) is Settled.UNCERTAIN
    assert harness.fake.calls == []


async def test_a_deletion_and_what_stands_in_its_way(harness: SenderHarness) -> None:
    target = harness.target()
    first = await harness.sender.send(target, ALERT, nonce="a")
    await harness.sender.delete(target, first)
    assert harness.chat.shown == []
    with pytest.raises(SendError) as gone:
        await harness.sender.delete(target, first)
    old = await harness.sender.send(target, ALERT, nonce="b")
    harness.fake.advance(49 * 3600)
    with pytest.raises(SendError) as late:
        await harness.sender.delete(target, old)
    assert (gone.value.fault, late.value.fault) == (Fault.MESSAGE_GONE, Fault.TOO_OLD)


async def test_a_person_is_told_in_private_if_that_is_wanted(harness: SenderHarness) -> None:
    sender: Sender = harness.sender
    assert isinstance(sender, Whispers)
    assert await sender.whisper(Person(str(harness.al.id), "al"), ALERT)
    assert len(harness.chat.messages) == 1
    stranger = harness.fake.add_user("stranger", started=False)
    assert not await sender.whisper(Person(str(stranger.id)), ALERT)
    harness.fake.block(harness.al)
    assert not await sender.whisper(Person(str(harness.al.id)), ALERT)
    assert not await sender.whisper(Person("-100123"), ALERT), "a channel is no person"
    harness.fake.unblock(harness.al)
    harness.fake.faults.add("sendMessage", ServerError())
    with pytest.raises(SendError):
        await sender.whisper(Person(str(harness.al.id)), ALERT)


async def test_a_database_that_does_not_answer_costs_uploads_and_no_message(
    harness: SenderHarness, tmp_path: Path
) -> None:
    harness.store = Unreadable(tmp_path / "other.db")
    message = replace(ALERT, picture=await harness.picture())
    for _ in range(2):
        harness.restart()
        await harness.sender.send(harness.target(), message, nonce="n")
        harness.fake.expire_file_ids()
        await harness.sender.post(harness.address(), message)
    assert len(harness.chat.messages) == 4
    assert harness.fake.uploads["photo"] == 4
