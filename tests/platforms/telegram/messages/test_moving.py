"""Moving pictures on Telegram: sent as animations, and put in the place of photos and back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.alerts import Fault, SendError
from bot.model import Message, MessageKind, Spoiler, Target
from tests.platforms.telegram.messages.harness import SenderHarness

LIVE = Message(kind=MessageKind.ALERT, title="🔴 Demo is live")
ENDED = Message(kind=MessageKind.ALERT, title="⚫ Demo was live")


async def posted(harness: SenderHarness, message: Message) -> tuple[Target, str]:
    target = harness.target()
    return target, await harness.sender.send(target, message, nonce="n")


def edits(harness: SenderHarness) -> list[str]:
    asked = ("editMessageText", "editMessageCaption", "editMessageMedia")
    return [call.method for call in harness.fake.made(*asked)]


async def test_it_goes_in_place_of_the_picture_and_is_uploaded_once(
    harness: SenderHarness,
) -> None:
    message = replace(LIVE, picture=await harness.picture(), moving=await harness.moving())
    await posted(harness, message)
    await harness.sender.send(harness.target(harness.group), message, nonce="n")
    for shown in (harness.chat.messages[0], harness.group.messages[0]):
        assert shown.animation is not None
        assert (shown.animation.width, shown.animation.height) == (64, 48)
        assert shown.animation.duration == 4
        assert (shown.caption, shown.content.spoiler) == ("🔴 Demo is live", False)
    assert harness.fake.uploads == {"animation": 1}


async def test_where_a_coin_is_marked_it_is_hidden(harness: SenderHarness) -> None:
    await posted(harness, replace(LIVE, moving=await harness.moving(), spoiler=Spoiler.NSFW))
    assert harness.chat.messages[0].content.spoiler


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_one_that_comes_later_takes_the_place_of_the_photo(
    harness: SenderHarness, is_restarted: bool
) -> None:
    picture, moving = await harness.picture(), await harness.moving()
    target, message_id = await posted(harness, replace(LIVE, picture=picture))
    if is_restarted:
        harness.restart()
    await harness.sender.edit(target, message_id, replace(LIVE, picture=picture, moving=moving))
    (shown,) = harness.chat.messages
    assert shown.animation is not None
    await harness.sender.edit(target, message_id, replace(ENDED, picture=picture, moving=moving))
    assert (shown.caption, edits(harness)[-1]) == ("⚫ Demo was live", "editMessageCaption")
    assert harness.fake.uploads == {"photo": 1, "animation": 1}


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_newer_one_and_a_still_take_its_place(
    harness: SenderHarness, is_restarted: bool
) -> None:
    target, message_id = await posted(harness, replace(LIVE, moving=await harness.moving()))
    if is_restarted:
        harness.restart()
    (shown,) = harness.chat.messages
    first = shown.animation
    await harness.sender.edit(target, message_id, replace(LIVE, moving=await harness.moving("red")))
    assert shown.animation is not None
    assert shown.animation != first
    await harness.sender.edit(target, message_id, replace(LIVE, picture=await harness.picture()))
    assert shown.photo is not None


async def test_an_edit_that_names_none_leaves_what_stands_there(harness: SenderHarness) -> None:
    target, message_id = await posted(harness, replace(LIVE, moving=await harness.moving()))
    await harness.sender.edit(target, message_id, ENDED)
    (shown,) = harness.chat.messages
    assert shown.animation is not None
    assert shown.caption == "⚫ Demo was live"


async def test_where_no_animations_may_be_sent_a_still_passes(harness: SenderHarness) -> None:
    harness.group.permissions.discard("can_send_other_messages")
    message = replace(LIVE, picture=await harness.picture(), moving=await harness.moving())
    target = harness.target(harness.group)
    with pytest.raises(SendError) as caught:
        await harness.sender.send(target, message, nonce="n")
    assert caught.value.fault is Fault.REFUSED
    await harness.sender.send(target, replace(message, moving=None), nonce="n")
    assert harness.group.messages[0].photo is not None


async def test_one_whose_file_is_gone_is_refused(harness: SenderHarness) -> None:
    moving = await harness.moving()
    await harness.files.delete(moving.key)
    with pytest.raises(SendError) as caught:
        await posted(harness, replace(LIVE, moving=moving))
    assert caught.value.fault is Fault.REFUSED


@pytest.mark.parametrize("has_photos", [False, True])
async def test_a_reply_goes_ever_plainer(harness: SenderHarness, has_photos: bool) -> None:
    harness.group.permissions.discard("can_send_other_messages")
    if not has_photos:
        harness.group.permissions.discard("can_send_photos")
    message = replace(LIVE, picture=await harness.picture(), moving=await harness.moving())
    await harness.sender.post(harness.address(harness.group), message)
    (shown,) = harness.group.messages
    assert (shown.animation, shown.photo is not None) == (None, has_photos)
