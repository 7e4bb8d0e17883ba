"""Clips on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from bot.alerts import Fault, SendError
from bot.clips.capture.media.canvas import Size
from bot.clips.capture.media.timeline import SECOND
from bot.clips.capture.output.poster import poster_beside
from bot.kit.files import poster_of
from bot.model import Button, Message, MessageKind, Span
from bot.platforms.telegram.connection.limits import UPLOAD_BYTES
from bot.store import Store
from tests.clips.capture.harness import encode, pictures, sounds
from tests.fakes.clock import until
from tests.fakes.telegram import Refuse, Slow
from tests.fakes.telegram.client import jpeg
from tests.platforms.telegram.messages.harness import MP4, Line, line

CLIP = Message(
    kind=MessageKind.CLIP,
    title="🎬 30 s of $DEMO",
    lines=((Span("Asked for by al"),),),
    buttons=((Button("Again", "again:7"), Button("Delete", "delete:7")),),
)


@pytest.fixture
async def up(store: Store, tmp_path: Path) -> AsyncIterator[Line]:
    async with line(store, tmp_path / "files") as running:
        yield running


async def fault_of(up: Line, message: Message) -> SendError:
    with pytest.raises(SendError) as caught:
        await up.sender.send(up.target(), message, nonce="n")
    return caught.value


async def test_a_large_clip_shows_right_since_all_about_it_is_told(up: Line) -> None:
    video = up.video(MP4 + b"x" * 12_000_000)
    await up.sender.send(up.target(), replace(CLIP, video=video), nonce="n")
    (shown,) = up.chat.messages
    assert shown.caption == "🎬 30 s of $DEMO\nAsked for by al"
    media = shown.video
    assert media is not None
    assert (media.width, media.height, media.duration) == (1280, 720, 30)
    assert media.supports_streaming
    assert media.thumbnail is not None
    assert media.thumbnail.data == jpeg(320, 180)
    assert media.data == up.files.path(video.key).read_bytes()
    assert [button.data for button in shown.buttons] == ["again:7", "delete:7"]


async def test_a_clip_as_we_write_it_with_the_poster_that_we_make(up: Line) -> None:
    size = Size(640, 360)
    video = up.video(poster=False)
    path, poster = up.files.path(video.key), up.files.path(poster_of(video.key))
    path.unlink()
    jobs = chain(sounds(1.5), pictures(range(40), size=size))
    encode(jobs, canvas=size).write(path, 0, SECOND)
    told = poster_beside(path, str(poster))
    real = replace(video, seconds=1.0, width=640, height=360, poster=told)
    await up.sender.send(up.target(), replace(CLIP, video=real), nonce="n")
    shown = up.chat.messages[0].video
    assert shown is not None
    assert shown.thumbnail is not None
    assert (shown.width, shown.height, shown.duration) == (640, 360, 1)
    assert (shown.thumbnail.width, shown.thumbnail.height) == (320, 180)
    assert shown.thumbnail.data == poster.read_bytes()


async def test_its_file_has_a_name_for_people_and_none_of_our_keys(up: Line) -> None:
    video = up.video()
    await up.sender.send(up.target(), replace(CLIP, video=video), nonce="n")
    names = [name for call in up.fake.made("sendVideo") for _, name, _ in call.files]
    assert "demo-20261123T120000Z.mp4" in names
    secret = video.key.removesuffix(".mp4").rpartition("-")[2]
    assert not any(secret in name for name in names)


async def test_the_same_clip_goes_to_another_chat_by_its_id_even_after_a_restart(up: Line) -> None:
    message = replace(CLIP, video=up.video())
    await asyncio.gather(
        *(up.sender.send(up.target(where), message, nonce="n") for where in (up.chat, up.group))
    )
    up.restart()
    third = up.fake.add_user("third").chat
    await up.sender.send(up.target(third), message, nonce="n")
    assert up.fake.uploads["video"] == 1
    assert all(chat.messages[0].video for chat in (up.chat, up.group, third))


async def test_a_clip_that_telegram_has_may_be_of_any_size(up: Line) -> None:
    message = replace(CLIP, video=up.video())
    await up.sender.send(up.target(), message, nonce="n")
    assert message.video is not None
    grown = replace(message, video=replace(message.video, bytes=UPLOAD_BYTES + 1))
    await up.sender.send(up.target(), grown, nonce="n")
    assert len(up.chat.messages) == 2


async def test_one_that_is_too_large_says_how_large_it_may_be_and_is_not_uploaded(up: Line) -> None:
    video = replace(up.video(), bytes=UPLOAD_BYTES + 1)
    error = await fault_of(up, replace(CLIP, video=video))
    assert (error.fault, error.limit) == (Fault.TOO_LARGE, 50_000_000)
    assert up.fake.calls == []


async def test_a_server_that_takes_less_says_so_too(up: Line) -> None:
    up.fake.faults.add("sendVideo", Refuse(413, "Request Entity Too Large"))
    error = await fault_of(up, replace(CLIP, video=up.video()))
    assert (error.fault, error.limit) == (Fault.TOO_LARGE, 50_000_000)


@pytest.mark.parametrize("is_gone", [True, False])
async def test_a_clip_without_a_poster_goes_without(up: Line, is_gone: bool) -> None:
    video = up.video(poster=is_gone)
    if is_gone:
        up.files.path(poster_of(video.key)).unlink()
    await up.sender.send(up.target(), replace(CLIP, video=video), nonce="n")
    shown = up.chat.messages[0].video
    assert shown is not None
    assert shown.thumbnail is None


async def test_a_clip_of_sound_alone_has_no_sides(up: Line) -> None:
    video = replace(up.video(poster=False), width=None, height=None)
    await up.sender.send(up.target(), replace(CLIP, video=video), nonce="n")
    (call,) = up.fake.made("sendVideo")
    assert {"width", "height"} & set(call.parameters) == set()


async def test_a_file_that_is_gone_is_refused(up: Line) -> None:
    video = up.video()
    await up.files.delete(video.key)
    assert (await fault_of(up, replace(CLIP, video=video))).fault is Fault.REFUSED


async def test_what_became_no_video_is_uploaded_again_for_the_next(up: Line) -> None:
    message = replace(CLIP, video=up.video(b"no film at all"))
    for where in (up.chat, up.group):
        await up.sender.send(up.target(where), message, nonce="n")
    assert up.fake.uploads["video"] == 2


async def test_while_it_is_uploaded_the_chat_reads_that_a_video_comes(up: Line) -> None:
    up.fake.faults.add("sendVideo", Slow(30), times=1)
    message = replace(CLIP, video=up.video())
    sending = asyncio.create_task(up.sender.send(up.target(), message, nonce="n"))
    await up.fake.until(lambda: len(up.fake.actions) == 1)
    await until(lambda: up.clock.sleeping == 1)
    await up.clock.advance(4.5)
    await up.fake.until(lambda: len(up.fake.actions) == 2)
    assert up.fake.actions[0] == (up.chat.id, "upload_video")
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)


async def test_the_second_try_without_tags_sends_the_whole_file_again(up: Line) -> None:
    refused = Refuse(400, "Bad Request: can't parse entities: Unsupported start tag")
    up.fake.faults.add("sendVideo", refused, times=1)
    await up.sender.send(up.target(), replace(CLIP, video=up.video()), nonce="n")
    shown = up.chat.messages[0]
    assert shown.video is not None
    assert shown.video.data == MP4
    assert shown.entities == ()
