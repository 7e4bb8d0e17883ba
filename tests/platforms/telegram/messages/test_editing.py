"""Changes of what was sent, with and without a memory of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.alerts import Fault, SendError
from bot.model import Button, Message, MessageKind, Span, Target
from bot.platforms.telegram.connection.limits import new_rate_limits
from bot.store import Store
from tests.fakes.telegram import Refuse
from tests.fakes.telegram.client import jpeg
from tests.platforms.telegram.messages.harness import Line, line

LIVE = Message(
    kind=MessageKind.ALERT,
    title="🔴 Demo is live",
    buttons=((Button("Clip", "clip:x"),),),
)
ENDED = Message(kind=MessageKind.ALERT, title="⚫ Demo was live")
EDITS = ("editMessageText", "editMessageCaption", "editMessageMedia")


@pytest.fixture
async def up(store: Store, tmp_path: Path) -> AsyncIterator[Line]:
    async with line(store, tmp_path / "files") as running:
        yield running


async def posted(up: Line, message: Message) -> tuple[Target, str]:
    target = up.target()
    return target, await up.sender.send(target, message, nonce="n")


def edits(up: Line) -> list[str]:
    """The methods that were asked."""
    return [call.method for call in up.fake.made(*EDITS)]


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_an_alert_of_text_is_changed_and_its_buttons_go(up: Line, is_restarted: bool) -> None:
    target, message_id = await posted(up, LIVE)
    if is_restarted:
        up.restart()
    await up.sender.edit(target, message_id, ENDED)
    (shown,) = up.chat.messages
    assert (shown.text, shown.buttons) == ("⚫ Demo was live", [])
    asked = ["editMessageCaption", "editMessageText"] if is_restarted else ["editMessageText"]
    assert edits(up) == asked
    await up.sender.edit(target, message_id, LIVE)
    assert edits(up) == [*asked, "editMessageText"], "from then on it is known"


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_photo_keeps_its_picture_and_gets_another_caption(
    up: Line, is_restarted: bool
) -> None:
    picture = await up.picture()
    target, message_id = await posted(up, replace(LIVE, picture=picture))
    if is_restarted:
        up.restart()
    await up.sender.edit(target, message_id, replace(ENDED, picture=picture))
    (shown,) = up.chat.messages
    assert shown.caption == "⚫ Demo was live"
    assert edits(up) == ["editMessageCaption"]
    await up.sender.edit(target, message_id, replace(ENDED, title="no picture is named"))
    assert shown.photo is not None
    assert edits(up) == ["editMessageCaption"] * 2


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_another_picture_takes_the_place_of_the_first_by_one_upload(
    up: Line, is_restarted: bool
) -> None:
    target, message_id = await posted(up, replace(LIVE, picture=await up.picture()))
    other = up.target(up.group)
    other_id = await up.sender.send(other, replace(LIVE, picture=await up.picture()), nonce="n")
    real = replace(ENDED, picture=await up.picture("red"))
    if is_restarted:
        up.restart()
    await up.sender.edit(target, message_id, real)
    await up.sender.edit(other, other_id, real)
    assert up.fake.uploads["photo"] == 2
    for shown in (up.chat.messages[0], up.group.messages[0]):
        assert shown.caption == "⚫ Demo was live"
        assert shown.photo is not None
        assert shown.photo.data == jpeg(colour="red")
    one = ["editMessageCaption", "editMessageMedia"] if is_restarted else ["editMessageMedia"]
    assert edits(up) == one * 2


async def test_after_a_restart_only_the_picture_may_be_new(up: Line) -> None:
    target, message_id = await posted(up, replace(LIVE, picture=await up.picture()))
    up.restart()
    await up.sender.edit(target, message_id, replace(LIVE, picture=await up.picture("red")))
    shown = up.chat.messages[0]
    assert shown.photo is not None
    assert shown.photo.data == jpeg(colour="red")


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_what_began_as_text_stays_text(up: Line, is_restarted: bool) -> None:
    target, message_id = await posted(up, LIVE)
    if is_restarted:
        up.restart()
    await up.sender.edit(target, message_id, replace(ENDED, picture=await up.picture()))
    (shown,) = up.chat.messages
    assert (shown.text, shown.photo) == ("⚫ Demo was live", None)
    assert up.fake.uploads["photo"] == 0


@pytest.mark.parametrize("is_restarted", [False, True])
@pytest.mark.parametrize("has_picture", [False, True])
async def test_the_same_again_changes_nothing_and_says_so(
    up: Line, is_restarted: bool, has_picture: bool
) -> None:
    message = replace(LIVE, picture=await up.picture()) if has_picture else LIVE
    target, message_id = await posted(up, message)
    if is_restarted:
        up.restart()
    with pytest.raises(SendError) as caught:
        await up.sender.edit(target, message_id, message)
    assert caught.value.fault is Fault.NOT_CHANGED
    assert up.chat.messages[0].edits == []


async def test_an_answer_of_before_a_restart_is_text_at_the_first_try(up: Line) -> None:
    target, message_id = await posted(up, Message(title="Yes"))
    up.restart()
    await up.sender.edit(target, message_id, Message(title="No"))
    assert edits(up) == ["editMessageText"]


async def test_an_answer_with_a_picture_of_before_a_restart_is_asked_for_twice(up: Line) -> None:
    target, message_id = await posted(up, Message(title="Yes", picture=await up.picture()))
    up.restart()
    await up.sender.edit(target, message_id, Message(title="No"))
    assert edits(up) == ["editMessageText", "editMessageCaption"]
    assert up.chat.messages[0].caption == "No"


async def test_a_number_that_is_none_of_telegram_s_is_gone(up: Line) -> None:
    with pytest.raises(SendError) as caught:
        await up.sender.edit(up.target(), "p-7", ENDED)
    assert caught.value.fault is Fault.MESSAGE_GONE


async def test_a_clip_of_before_a_restart_gets_another_caption(up: Line) -> None:
    clip = Message(kind=MessageKind.CLIP, title="30 s", video=up.video())
    target, message_id = await posted(up, clip)
    up.restart()
    await up.sender.edit(target, message_id, replace(clip, title="31 s"))
    await up.sender.edit(target, message_id, Message(title="32 s", picture=await up.picture()))
    assert up.chat.messages[0].caption == "32 s"
    assert up.chat.messages[0].video is not None


async def test_a_picture_that_telegram_forgot_is_uploaded_for_the_change(up: Line) -> None:
    red = await up.picture("red")
    await up.sender.send(up.target(up.group), replace(LIVE, picture=red), nonce="n")
    target, message_id = await posted(up, replace(LIVE, picture=await up.picture()))
    up.fake.expire_file_ids()
    await up.sender.edit(target, message_id, replace(LIVE, picture=red))
    shown = up.chat.messages[0]
    assert shown.photo is not None
    assert shown.photo.data == jpeg(colour="red")


async def test_a_change_without_tags_where_telegram_cannot_read_ours(up: Line) -> None:
    target, message_id = await posted(up, replace(LIVE, picture=await up.picture()))
    refused = Refuse(400, "Bad Request: can't parse entities: Unsupported start tag")
    up.fake.faults.add("editMessageMedia", refused, times=1)
    await up.sender.edit(target, message_id, replace(ENDED, picture=await up.picture("red")))
    assert up.chat.messages[0].caption == "⚫ Demo was live"


async def test_a_message_that_somebody_deleted_is_gone(up: Line) -> None:
    target, message_id = await posted(up, LIVE)
    await up.sender.delete(target, message_id)
    for known in (True, False):
        if not known:
            up.restart()
        with pytest.raises(SendError) as caught:
            await up.sender.edit(target, message_id, ENDED)
        assert caught.value.fault is Fault.MESSAGE_GONE


async def test_a_second_request_waits_for_its_turn_or_comes_back_later(up: Line) -> None:
    group = await up.subscribed(up.group)
    message_id = await up.sender.send(group, LIVE, nonce="n")
    up.restart(lanes := new_rate_limits(up.clock))
    for _ in range(19):
        async with lanes.turn(group.id, group.place_id, 20):
            await up.clock.advance(1.6)
    with pytest.raises(SendError) as caught:
        await up.sender.edit(group, message_id, replace(ENDED, lines=((Span("x"),),)))
    assert caught.value.fault is Fault.NOT_YET
    assert caught.value.retry_after == pytest.approx(60 - 19 * 1.6)
