"""Edits of what was sent, with and without a memory of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.alerts import Fault, SendError
from bot.model import Button, Message, MessageKind, Span, Spoiler, Target
from bot.platforms.telegram.connection.limits import UPLOAD_BYTES, new_rate_limits
from tests.fakes.telegram import Refuse
from tests.fakes.telegram.client import jpeg
from tests.platforms.telegram.messages.harness import MP4, SenderHarness

LIVE = Message(
    kind=MessageKind.ALERT,
    title="🔴 Demo is live",
    buttons=((Button("Clip", "clip:x"),),),
)
ENDED = Message(kind=MessageKind.ALERT, title="⚫ Demo was live")
EDITS = ("editMessageText", "editMessageCaption", "editMessageMedia")


async def posted(harness: SenderHarness, message: Message) -> tuple[Target, str]:
    target = harness.target()
    return target, await harness.sender.send(target, message, nonce="n")


def edits(harness: SenderHarness) -> list[str]:
    """The methods that were asked."""
    return [call.method for call in harness.fake.made(*EDITS)]


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_an_alert_of_text_is_changed_and_its_buttons_go(
    harness: SenderHarness, is_restarted: bool
) -> None:
    target, message_id = await posted(harness, LIVE)
    if is_restarted:
        harness.restart()
    await harness.sender.edit(target, message_id, ENDED)
    (shown,) = harness.chat.messages
    assert (shown.text, shown.buttons) == ("⚫ Demo was live", [])
    asked = ["editMessageCaption", "editMessageText"] if is_restarted else ["editMessageText"]
    assert edits(harness) == asked
    await harness.sender.edit(target, message_id, LIVE)
    assert edits(harness) == [*asked, "editMessageText"], "from then on it is known"


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_photo_keeps_its_picture_and_gets_another_caption(
    harness: SenderHarness, is_restarted: bool
) -> None:
    picture = await harness.picture()
    target, message_id = await posted(harness, replace(LIVE, picture=picture))
    if is_restarted:
        harness.restart()
    await harness.sender.edit(target, message_id, replace(ENDED, picture=picture))
    (shown,) = harness.chat.messages
    assert shown.caption == "⚫ Demo was live"
    assert edits(harness) == ["editMessageCaption"]
    await harness.sender.edit(target, message_id, replace(ENDED, title="no picture is named"))
    assert shown.photo is not None
    assert edits(harness) == ["editMessageCaption"] * 2


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_another_picture_takes_the_place_of_the_first_by_one_upload(
    harness: SenderHarness, is_restarted: bool
) -> None:
    target, message_id = await posted(harness, replace(LIVE, picture=await harness.picture()))
    other = harness.target(harness.group)
    other_id = await harness.sender.send(
        other, replace(LIVE, picture=await harness.picture()), nonce="n"
    )
    real = replace(ENDED, picture=await harness.picture("red"))
    if is_restarted:
        harness.restart()
    await harness.sender.edit(target, message_id, real)
    await harness.sender.edit(other, other_id, real)
    assert harness.fake.uploads["photo"] == 2
    for shown in (harness.chat.messages[0], harness.group.messages[0]):
        assert shown.caption == "⚫ Demo was live"
        assert shown.photo is not None
        assert shown.photo.data == jpeg(colour="red")
    one = ["editMessageCaption", "editMessageMedia"] if is_restarted else ["editMessageMedia"]
    assert edits(harness) == one * 2


async def test_after_a_restart_only_the_picture_may_be_new(harness: SenderHarness) -> None:
    target, message_id = await posted(harness, replace(LIVE, picture=await harness.picture()))
    harness.restart()
    await harness.sender.edit(
        target, message_id, replace(LIVE, picture=await harness.picture("red"))
    )
    shown = harness.chat.messages[0]
    assert shown.photo is not None
    assert shown.photo.data == jpeg(colour="red")


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_what_began_as_text_stays_text(harness: SenderHarness, is_restarted: bool) -> None:
    target, message_id = await posted(harness, LIVE)
    if is_restarted:
        harness.restart()
    await harness.sender.edit(target, message_id, replace(ENDED, picture=await harness.picture()))
    (shown,) = harness.chat.messages
    assert (shown.text, shown.photo) == ("⚫ Demo was live", None)
    assert harness.fake.uploads["photo"] == 0


@pytest.mark.parametrize("is_restarted", [False, True])
@pytest.mark.parametrize("has_picture", [False, True])
async def test_the_same_again_changes_nothing_and_says_so(
    harness: SenderHarness, is_restarted: bool, has_picture: bool
) -> None:
    message = replace(LIVE, picture=await harness.picture()) if has_picture else LIVE
    target, message_id = await posted(harness, message)
    if is_restarted:
        harness.restart()
    with pytest.raises(SendError) as caught:
        await harness.sender.edit(target, message_id, message)
    assert caught.value.fault is Fault.NOT_CHANGED
    assert harness.chat.messages[0].edits == []


async def test_a_reply_from_before_a_restart_is_text_at_the_first_try(
    harness: SenderHarness,
) -> None:
    target, message_id = await posted(harness, Message(title="Yes"))
    harness.restart()
    await harness.sender.edit(target, message_id, Message(title="No"))
    assert edits(harness) == ["editMessageText"]


async def test_a_reply_with_a_picture_from_before_a_restart_takes_two_requests(
    harness: SenderHarness,
) -> None:
    target, message_id = await posted(
        harness, Message(title="Yes", picture=await harness.picture())
    )
    harness.restart()
    await harness.sender.edit(target, message_id, Message(title="No"))
    assert edits(harness) == ["editMessageText", "editMessageCaption"]
    assert harness.chat.messages[0].caption == "No"


async def test_a_message_id_that_is_not_telegram_s_is_gone(harness: SenderHarness) -> None:
    with pytest.raises(SendError) as caught:
        await harness.sender.edit(harness.target(), "p-7", ENDED)
    assert caught.value.fault is Fault.MESSAGE_GONE


async def test_a_clip_from_before_a_restart_gets_another_caption(harness: SenderHarness) -> None:
    clip = Message(kind=MessageKind.CLIP, title="30 s", video=harness.video())
    target, message_id = await posted(harness, clip)
    harness.restart()
    await harness.sender.edit(target, message_id, replace(clip, title="31 s"))
    await harness.sender.edit(
        target, message_id, Message(title="32 s", picture=await harness.picture())
    )
    assert harness.chat.messages[0].caption == "32 s"
    assert harness.chat.messages[0].video is not None


async def test_a_picture_that_telegram_forgot_is_uploaded_for_the_change(
    harness: SenderHarness,
) -> None:
    red = await harness.picture("red")
    await harness.sender.send(harness.target(harness.group), replace(LIVE, picture=red), nonce="n")
    target, message_id = await posted(harness, replace(LIVE, picture=await harness.picture()))
    harness.fake.expire_file_ids()
    await harness.sender.edit(target, message_id, replace(LIVE, picture=red))
    shown = harness.chat.messages[0]
    assert shown.photo is not None
    assert shown.photo.data == jpeg(colour="red")


async def test_an_edit_in_plain_text_where_telegram_cannot_parse_our_html(
    harness: SenderHarness,
) -> None:
    target, message_id = await posted(harness, replace(LIVE, picture=await harness.picture()))
    refused = Refuse(400, "Bad Request: can't parse entities: Unsupported start tag")
    harness.fake.faults.add("editMessageMedia", refused, times=1)
    await harness.sender.edit(
        target, message_id, replace(ENDED, picture=await harness.picture("red"))
    )
    assert harness.chat.messages[0].caption == "⚫ Demo was live"


async def test_a_message_that_somebody_deleted_is_gone(harness: SenderHarness) -> None:
    target, message_id = await posted(harness, LIVE)
    await harness.sender.delete(target, message_id)
    for known in (True, False):
        if not known:
            harness.restart()
        with pytest.raises(SendError) as caught:
            await harness.sender.edit(target, message_id, ENDED)
        assert caught.value.fault is Fault.MESSAGE_GONE


async def test_a_second_request_waits_for_its_turn_or_comes_back_later(
    harness: SenderHarness,
) -> None:
    group = await harness.subscribed(harness.group)
    message_id = await harness.sender.send(group, LIVE, nonce="n")
    harness.restart(rate_limits := new_rate_limits(harness.clock))
    for _ in range(19):
        async with rate_limits.turn(group.id, group.place_id, 20):
            await harness.clock.advance(1.6)
    with pytest.raises(SendError) as caught:
        await harness.sender.edit(group, message_id, replace(ENDED, lines=((Span("x"),),)))
    assert caught.value.fault is Fault.NOT_YET
    assert caught.value.retry_after == pytest.approx(60 - 19 * 1.6)


# A clip that is deleted, and had back

CLIP = Message(
    kind=MessageKind.CLIP,
    title="🎬 30 s of $DEMO",
    buttons=((Button("Delete", "delete:7"),),),
)
DELETED = Message(
    kind=MessageKind.CLIP,
    lines=((Span("Clip deleted."),),),
    buttons=((Button("Undo", "undo:clip:3"),),),
)


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_deleted_clip_leaves_an_empty_picture_and_comes_back_without_an_upload(
    harness: SenderHarness, is_restarted: bool
) -> None:
    clip = replace(CLIP, video=harness.video())
    target, message_id = await posted(harness, clip)
    if is_restarted:
        harness.restart()
    await harness.sender.edit(target, message_id, DELETED)
    (shown,) = harness.chat.messages
    assert shown.video is None
    assert shown.photo is not None
    assert (shown.caption, [one.label for one in shown.buttons]) == ("Clip deleted.", ["Undo"])
    if is_restarted:
        harness.restart()
    await harness.sender.edit(target, message_id, clip)
    assert shown.photo is None
    assert shown.video is not None
    assert (shown.caption, [one.label for one in shown.buttons]) == ("🎬 30 s of $DEMO", ["Delete"])
    assert harness.fake.uploads["video"] == 1
    assert edits(harness) == ["editMessageMedia"] * 2


async def test_one_that_telegram_has_forgotten_is_uploaded_anew(harness: SenderHarness) -> None:
    clip = replace(CLIP, video=harness.video())
    target, message_id = await posted(harness, clip)
    await harness.sender.edit(target, message_id, DELETED)
    harness.fake.files.expire()
    await harness.sender.edit(target, message_id, clip)
    (shown,) = harness.chat.messages
    assert shown.video is not None
    assert (shown.video.width, shown.video.duration) == (1280, 30)
    assert shown.video.supports_streaming
    assert harness.fake.uploads["video"] == 2


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_another_cut_takes_the_place_of_a_clip_in_the_same_message(
    harness: SenderHarness, is_restarted: bool
) -> None:
    target, message_id = await posted(harness, replace(CLIP, video=harness.video()))
    if is_restarted:
        harness.restart()
    other = replace(CLIP, title="🎬 20 s of $DEMO", video=harness.video(MP4 + b"other"))
    await harness.sender.edit(target, message_id, other)
    (shown,) = harness.chat.messages
    assert shown.video is not None
    assert (shown.caption, shown.video.data) == ("🎬 20 s of $DEMO", MP4 + b"other")
    assert (shown.video.width, shown.video.duration) == (1280, 30)
    assert shown.video.thumbnail is not None
    assert edits(harness) == ["editMessageMedia"]


async def test_a_clip_whose_words_or_buttons_alone_change_stays_the_same_video(
    harness: SenderHarness,
) -> None:
    clip = replace(CLIP, video=harness.video())
    target, message_id = await posted(harness, clip)
    await harness.sender.edit(target, message_id, replace(clip, buttons=()))
    await harness.sender.edit(target, message_id, replace(clip, spoiler=Spoiler.ALWAYS))
    (shown,) = harness.chat.messages
    assert (shown.buttons != [], shown.content.spoiler) == (True, True)
    assert edits(harness) == ["editMessageCaption", "editMessageMedia"]
    assert harness.fake.uploads["video"] == 1


async def test_a_cut_that_is_too_large_leaves_the_clip_that_stands_there(
    harness: SenderHarness,
) -> None:
    clip = replace(CLIP, video=harness.video())
    target, message_id = await posted(harness, clip)
    large = replace(harness.video(), bytes=UPLOAD_BYTES + 1)
    with pytest.raises(SendError) as caught:
        await harness.sender.edit(target, message_id, replace(CLIP, video=large))
    assert (caught.value.fault, caught.value.limit) == (Fault.TOO_LARGE, UPLOAD_BYTES)
    assert edits(harness) == []


async def test_where_no_clip_could_be_posted_its_words_change(harness: SenderHarness) -> None:
    target, message_id = await posted(harness, replace(CLIP, kind=MessageKind.REPLY))
    await harness.sender.edit(target, message_id, DELETED)
    (shown,) = harness.chat.messages
    assert shown.text == "Clip deleted."


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_clip_whose_file_is_gone_keeps_what_telegram_has_of_it(
    harness: SenderHarness, is_restarted: bool
) -> None:
    clip = replace(CLIP, video=harness.video())
    target, message_id = await posted(harness, clip)
    if is_restarted:
        harness.restart()
    await harness.sender.edit(
        target, message_id, replace(clip, video=None, keeps_video=True, buttons=())
    )
    (shown,) = harness.chat.messages
    assert shown.video is not None
    assert shown.buttons == []
    assert edits(harness) == ["editMessageCaption"]


async def test_the_first_cut_comes_back_where_another_node_has_shown_another(
    harness: SenderHarness,
) -> None:
    ours, clip = harness.sender, replace(CLIP, video=harness.video())
    target, message_id = await posted(harness, clip)
    harness.restart()  # as on another node
    other = replace(CLIP, video=harness.video(MP4 + b"other"))
    await harness.sender.edit(target, message_id, other)
    ours.forget()
    await ours.edit(target, message_id, clip)
    (shown,) = harness.chat.messages
    assert shown.video is not None
    assert shown.video.data == MP4


async def test_words_that_stand_for_a_clip_never_get_the_caption_of_another_one(
    harness: SenderHarness,
) -> None:
    words = replace(CLIP, kind=MessageKind.REPLY)
    target, message_id = await posted(harness, words)
    with pytest.raises(SendError) as caught:
        await harness.sender.edit(target, message_id, replace(CLIP, video=harness.video()))
    assert caught.value.fault is Fault.REFUSED
    assert edits(harness) == []


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_picture_is_hidden_and_shown_again_without_an_upload(
    harness: SenderHarness, is_restarted: bool
) -> None:
    message = replace(LIVE, picture=await harness.picture())
    target, message_id = await posted(harness, message)
    (shown,) = harness.chat.messages
    assert not shown.content.spoiler
    for spoiler in (Spoiler.NSFW, Spoiler.NO):
        if is_restarted:
            harness.restart()
        await harness.sender.edit(target, message_id, replace(message, spoiler=spoiler))
        assert shown.content.spoiler is (spoiler is Spoiler.NSFW)
    assert harness.fake.uploads["photo"] == 1


async def test_other_words_leave_a_hidden_picture_hidden(harness: SenderHarness) -> None:
    message = replace(LIVE, picture=await harness.picture(), spoiler=Spoiler.ALWAYS)
    target, message_id = await posted(harness, message)
    await harness.sender.edit(target, message_id, replace(message, title="other"))
    (shown,) = harness.chat.messages
    assert (shown.caption, shown.content.spoiler) == ("other", True)
    assert edits(harness) == ["editMessageCaption"]
