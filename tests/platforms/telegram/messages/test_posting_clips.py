"""Clips, as Telegram gets them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import chain

import pytest

from bot.alerts import Fault, SendError
from bot.clips.capture.media.timeline import SECOND
from bot.clips.editing.poster import poster_beside
from bot.clips.encoding.canvas import Size
from bot.kit.files import poster_of
from bot.model import Button, Message, MessageKind, Span, Spoiler
from bot.platforms.telegram.connection.limits import UPLOAD_BYTES
from bot.platforms.telegram.messages.chat_actions import VIDEO, ChatActions
from tests.clips.capture.harness import encode, pictures, sounds
from tests.fakes.clock import until
from tests.fakes.telegram import Refuse, Slow
from tests.fakes.telegram.client import jpeg
from tests.platforms.telegram.messages.harness import MP4, SenderHarness

CLIP = Message(
    kind=MessageKind.CLIP,
    title="🎬 30 s of $DEMO",
    lines=((Span("Clipped by al"),),),
    buttons=((Button("Again", "again:7"), Button("Delete", "delete:7")),),
)


async def fault_of(harness: SenderHarness, message: Message) -> SendError:
    with pytest.raises(SendError) as caught:
        await harness.sender.send(harness.target(), message, nonce="n")
    return caught.value


async def test_a_large_clip_shows_right_since_all_about_it_is_told(harness: SenderHarness) -> None:
    video = harness.video(MP4 + b"x" * 12_000_000)
    await harness.sender.send(harness.target(), replace(CLIP, video=video), nonce="n")
    (shown,) = harness.chat.messages
    assert shown.caption == "🎬 30 s of $DEMO\nClipped by al"
    media = shown.video
    assert media is not None
    assert (media.width, media.height, media.duration) == (1280, 720, 30)
    assert media.supports_streaming
    assert media.thumbnail is not None
    assert media.thumbnail.data == jpeg(320, 180)
    assert media.data == harness.files.path(video.key).read_bytes()
    assert [button.data for button in shown.buttons] == ["again:7", "delete:7"]


async def test_a_clip_of_a_marked_coin_is_hidden(harness: SenderHarness) -> None:
    clip = replace(CLIP, video=harness.video(), spoiler=Spoiler.NSFW)
    await harness.sender.send(harness.target(), clip, nonce="n")
    assert harness.chat.messages[0].content.spoiler


async def test_a_clip_as_we_write_it_with_the_poster_that_we_make(harness: SenderHarness) -> None:
    size = Size(640, 360)
    video = harness.video(poster=False)
    path, poster = harness.files.path(video.key), harness.files.path(poster_of(video.key))
    path.unlink()
    jobs = chain(sounds(1.5), pictures(range(40), size=size))
    encode(jobs, canvas=size).write(path, 0, SECOND)
    told = poster_beside(path, str(poster))
    real = replace(video, seconds=1.0, width=640, height=360, poster=told)
    await harness.sender.send(harness.target(), replace(CLIP, video=real), nonce="n")
    shown = harness.chat.messages[0].video
    assert shown is not None
    assert shown.thumbnail is not None
    assert (shown.width, shown.height, shown.duration) == (640, 360, 1)
    assert (shown.thumbnail.width, shown.thumbnail.height) == (320, 180)
    assert shown.thumbnail.data == poster.read_bytes()


async def test_its_file_has_a_name_for_people_and_none_of_our_keys(harness: SenderHarness) -> None:
    video = harness.video()
    await harness.sender.send(harness.target(), replace(CLIP, video=video), nonce="n")
    names = [name for call in harness.fake.made("sendVideo") for _, name, _ in call.files]
    assert "demo-20261123T120000Z-30s.mp4" in names
    secret = video.key.removesuffix(".mp4").rpartition("-")[2]
    assert not any(secret in name for name in names)


async def test_the_same_clip_goes_to_another_chat_by_its_id_even_after_a_restart(
    harness: SenderHarness,
) -> None:
    message = replace(CLIP, video=harness.video())
    await asyncio.gather(
        *(
            harness.sender.send(harness.target(where), message, nonce="n")
            for where in (harness.chat, harness.group)
        )
    )
    harness.restart()
    third = harness.fake.add_user("third").chat
    await harness.sender.send(harness.target(third), message, nonce="n")
    assert harness.fake.uploads["video"] == 1
    assert all(chat.messages[0].video for chat in (harness.chat, harness.group, third))


async def test_a_clip_that_telegram_has_may_be_of_any_size(harness: SenderHarness) -> None:
    message = replace(CLIP, video=harness.video())
    await harness.sender.send(harness.target(), message, nonce="n")
    assert message.video is not None
    grown = replace(message, video=replace(message.video, bytes=UPLOAD_BYTES + 1))
    await harness.sender.send(harness.target(), grown, nonce="n")
    assert len(harness.chat.messages) == 2


async def test_one_that_is_too_large_says_how_large_it_may_be_and_is_not_uploaded(
    harness: SenderHarness,
) -> None:
    video = replace(harness.video(), bytes=UPLOAD_BYTES + 1)
    error = await fault_of(harness, replace(CLIP, video=video))
    assert (error.fault, error.limit) == (Fault.TOO_LARGE, 50_000_000)
    assert harness.fake.calls == []


async def test_a_server_that_takes_less_says_so_too(harness: SenderHarness) -> None:
    harness.fake.faults.add("sendVideo", Refuse(413, "Request Entity Too Large"))
    error = await fault_of(harness, replace(CLIP, video=harness.video()))
    assert (error.fault, error.limit) == (Fault.TOO_LARGE, 50_000_000)


@pytest.mark.parametrize("is_gone", [True, False])
async def test_a_clip_without_a_poster_goes_without(harness: SenderHarness, is_gone: bool) -> None:
    video = harness.video(poster=is_gone)
    if is_gone:
        harness.files.path(poster_of(video.key)).unlink()
    await harness.sender.send(harness.target(), replace(CLIP, video=video), nonce="n")
    shown = harness.chat.messages[0].video
    assert shown is not None
    assert shown.thumbnail is None


async def test_a_clip_of_sound_alone_has_no_sides(harness: SenderHarness) -> None:
    video = replace(harness.video(poster=False), width=None, height=None)
    await harness.sender.send(harness.target(), replace(CLIP, video=video), nonce="n")
    (call,) = harness.fake.made("sendVideo")
    assert {"width", "height"} & set(call.parameters) == set()


async def test_a_file_that_is_gone_is_refused(harness: SenderHarness) -> None:
    video = harness.video()
    await harness.files.delete(video.key)
    assert (await fault_of(harness, replace(CLIP, video=video))).fault is Fault.REFUSED


async def test_what_became_no_video_is_uploaded_again_for_the_next(harness: SenderHarness) -> None:
    message = replace(CLIP, video=harness.video(b"no film at all"))
    for where in (harness.chat, harness.group):
        await harness.sender.send(harness.target(where), message, nonce="n")
    assert harness.fake.uploads["video"] == 2


async def test_while_it_is_uploaded_the_chat_reads_that_a_video_comes(
    harness: SenderHarness,
) -> None:
    harness.fake.faults.add("sendVideo", Slow(30), times=1)
    message = replace(CLIP, video=harness.video())
    sending = asyncio.create_task(harness.sender.send(harness.target(), message, nonce="n"))
    await harness.fake.until(lambda: len(harness.fake.actions) == 1)
    await until(lambda: harness.clock.sleeping == 1)
    await harness.clock.advance(4.5)
    await harness.fake.until(lambda: len(harness.fake.actions) == 2)
    assert harness.fake.actions[0] == (harness.chat.id, "upload_video")
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)


async def test_an_action_that_is_refused_is_not_repeated(harness: SenderHarness) -> None:
    harness.fake.faults.add("sendChatAction", Refuse(400, "Bad Request: TOPIC_CLOSED"))
    actions = ChatActions(harness.client_port, harness.clock)
    await actions.keep_showing(harness.address(), VIDEO)
    assert len(harness.fake.made("sendChatAction")) == 1


async def test_the_second_try_in_plain_text_sends_the_whole_file_again(
    harness: SenderHarness,
) -> None:
    refused = Refuse(400, "Bad Request: can't parse entities: Unsupported start tag")
    harness.fake.faults.add("sendVideo", refused, times=1)
    await harness.sender.send(harness.target(), replace(CLIP, video=harness.video()), nonce="n")
    shown = harness.chat.messages[0]
    assert shown.video is not None
    assert shown.video.data == MP4
    assert {one["type"] for one in shown.entities} <= {"cashtag"}, "all others are markup"
