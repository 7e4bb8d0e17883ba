from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clips.capture.protocol import Source
from bot.clips.capture.room.selection import (
    MOST_SOUNDS,
    Choice,
    Published,
    choose,
    format_fault,
    is_host,
)
from bot.model import VideoFault

PICTURES = (Source.CAMERA, Source.SCREEN, Source.OTHER_PICTURE)


def track(who: str, source: Source, *, muted: bool = False, host: bool = False) -> Published:
    return Published(who, f"{who}/{source}", source, muted, host=host)


def camera(who: str, *, muted: bool = False, host: bool = False) -> Published:
    return track(who, Source.CAMERA, muted=muted, host=host)


def screen(who: str, *, muted: bool = False, host: bool = False) -> Published:
    return track(who, Source.SCREEN, muted=muted, host=host)


def microphone(who: str, *, muted: bool = False, host: bool = False) -> Published:
    return track(who, Source.MICROPHONE, muted=muted, host=host)


rooms = st.lists(
    st.builds(
        track,
        st.sampled_from("abc"),
        st.sampled_from(Source),
        muted=st.booleans(),
        host=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda p: p.sid,
)


@given(rooms, st.none() | st.sampled_from("abc"), st.randoms())
@settings(deadline=None)
def test_the_choice_depends_on_what_is_there_and_not_on_its_order(
    room: list[Published], current: str | None, random: Random
) -> None:
    shuffled = random.sample(room, len(room))
    assert choose(shuffled, current) == choose(room, current)


@given(rooms, st.none() | st.sampled_from("abc"))
@settings(deadline=None)
def test_a_choice_is_of_what_is_published_and_stays(
    room: Sequence[Published], current: str | None
) -> None:
    choice = choose(room, current)
    assert (choice.picture is None) is not any(p.source.is_picture for p in room)
    assert set(choice.sounds) == {p for p in room if not p.source.is_picture}
    if choice.picture is not None:
        assert choice.picture.source.is_picture
        assert choose(room, choice.picture.identity) == choice
    assert choice.publisher is bool(room)


@given(rooms)
@settings(deadline=None)
def test_a_picture_that_is_on_is_never_passed_over_for_one_that_is_off(
    room: list[Published],
) -> None:
    picture = choose(room).picture
    if picture is not None and picture.muted:
        assert all(p.muted for p in room if p.source.is_picture)


def test_an_empty_room_offers_nothing() -> None:
    assert choose([]) == Choice()


def test_a_screen_share_goes_before_the_camera_beside_it() -> None:
    assert choose([camera("a"), screen("a")]).picture == screen("a")


def test_a_screen_that_is_muted_leaves_the_camera() -> None:
    assert choose([camera("a"), screen("a", muted=True)]).picture == camera("a")


def test_the_host_goes_before_a_guest_who_shares_a_screen() -> None:
    host = camera("z", host=True)
    assert choose([screen("a"), host], "a").picture == host


def test_a_guest_with_a_picture_goes_before_a_host_whose_picture_is_off() -> None:
    assert choose([camera("a", muted=True, host=True), camera("b")]).picture == camera("b")


def test_who_was_chosen_stays_chosen() -> None:
    room = [camera("a"), screen("a"), camera("b")]
    assert choose(room, "b").picture == camera("b")
    assert choose(room, "gone").picture == screen("a")


def test_all_sounds_are_heard() -> None:
    played = track("a", Source.SCREEN_SOUND)
    room = [screen("a"), microphone("a"), played, microphone("b")]
    assert choose(room).heard == {"a/microphone", "a/screen-sound", "b/microphone"}


def test_a_muted_sound_is_subscribed_to_and_not_heard() -> None:
    choice = choose([camera("a"), microphone("a"), microphone("b", muted=True)])
    assert choice.sids == {"a/camera", "a/microphone", "b/microphone"}
    assert choice.heard == {"a/microphone"}


def test_where_all_are_muted_one_is_listened_to() -> None:
    room = [microphone("a", muted=True), microphone("b", muted=True, host=True)]
    assert choose(room).heard == {"b/microphone"}


def test_the_sound_of_whoever_is_seen_is_the_most_important_of_guests() -> None:
    assert choose([camera("b"), microphone("a"), microphone("b")]).sounds[0] == microphone("b")


def test_of_hundreds_of_sounds_some_are_left_out_and_never_the_hosts() -> None:
    crowd = [microphone(f"guest-{number:03}") for number in range(300)]
    quiet = [microphone(f"muted-{number:03}", muted=True) for number in range(300)]
    host = [microphone("z", host=True), track("z", Source.SCREEN_SOUND, host=True)]
    choice = choose([*quiet, *crowd, *host])
    assert choice.sounds == (*host, *crowd[: MOST_SOUNDS - 2])
    assert choice.left_out == 300 - (MOST_SOUNDS - 2)


def test_who_is_heard_is_not_pushed_out_by_who_comes_later() -> None:
    heard = [microphone(f"y-{number:02}") for number in range(MOST_SOUNDS)]
    crowd = [microphone(f"a-{number:02}") for number in range(MOST_SOUNDS)]
    choice = choose([*crowd, *heard], taken={p.sid for p in heard})
    assert choice.sounds == tuple(heard)


def test_each_source_is_either_a_picture_or_sound() -> None:
    assert [source for source in Source if source.is_picture] == sorted(
        PICTURES, key=list(Source).index
    )


def test_a_picture_that_cannot_be_had_is_taken_only_where_there_is_no_other() -> None:
    broken = replace(camera("host", host=True), fault=VideoFault.H265)
    guest = camera("guest")
    assert choose([broken, guest]).picture == guest
    assert choose([broken, replace(guest, muted=True)]).picture == broken, "to say why"
    assert choose([broken]).sids == set()


def test_a_sound_that_cannot_be_had_is_not_taken() -> None:
    broken = replace(microphone("host", host=True), fault=VideoFault.NOT_RECEIVED)
    choice = choose([camera("host", host=True), broken, microphone("guest")])
    assert choice.sounds == (microphone("guest"),)
    assert choice.sids == {"host/camera", "guest/microphone"}
    assert choose([broken]).publisher, "somebody is there"


@pytest.mark.parametrize(
    ("metadata", "host"),
    [
        ('{"role": "host"}', True),
        ('{"role": "viewer"}', False),
        ("", False),
        ("[" * 30_000, False),
        ("[" * 3_000, False),
        ('{"a":' * 3_000, False),
        ("9" * 9_000, False),
        ('{"role": "host"' + " " * 20_000 + "}", False),
        ("null", False),
        ("[1]", False),
        ('"host"', False),
        ('{"role": ["host"]}', False),
        ("{\ud800", False),
        ("NaN", False),
    ],
)
def test_whatever_metadata_say_they_say_host_or_not(metadata: str, host: bool) -> None:
    assert is_host(metadata) is host


@pytest.mark.parametrize(
    ("mime", "fault"),
    [
        ("video/H264", None),
        ("video/VP8", None),
        ("video/vp9", None),
        ("video/AV1", None),
        ("", None),
        ("video/H265", VideoFault.H265),
        ("video/HEVC", VideoFault.H265),
        ("video/H266", VideoFault.FORMAT),
        ("text/plain", VideoFault.FORMAT),
    ],
)
def test_a_format_is_known_or_not(mime: str, fault: VideoFault | None) -> None:
    assert format_fault(mime) is fault
