"""What Discord is sent, for every kind of message and every hostile one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kit.text import width
from bot.model import (
    Action,
    Button,
    Message,
    MessageKind,
    Span,
    Spoiler,
    StoredPicture,
    StoredVideo,
    TimeStyle,
    Tone,
    Verb,
)
from bot.platforms.discord.messages import render
from bot.platforms.discord.messages.attachments import Attachment, attachments, kept

NOW = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)
PICTURE = StoredPicture(f"p-{'a' * 40}.jpg", 640, 360)
MOVING = StoredVideo(f"p-{'b' * 40}.mp4", 4.0, 1000, 640, 360)
VIDEO = StoredVideo("demo-0123456789abcdef.mp4", 29.97, 1000, 1280, 720, begins_at=NOW)
MINT = "So11111111111111111111111111111111111111112"

TEXT = st.text(st.sampled_from("*_`~|<@&#>[]()-: \n🚀é") | st.characters(), max_size=400)
SPANS = st.builds(
    Span,
    TEXT,
    bold=st.booleans(),
    code=st.booleans(),
    url=st.none() | TEXT | st.just("https://pump.fun/x"),
    at=st.none() | st.just(NOW),
)
ACTIONS = st.sampled_from(Verb).flatmap(
    lambda verb: st.integers(0, 40).map(lambda n: Action(verb, str(n)).encode())
)
BUTTONS = st.one_of(
    st.builds(Button, TEXT, action=ACTIONS),
    st.builds(Button, TEXT, url=TEXT | st.just("https://pump.fun/x")),
    st.builds(Button, TEXT, copy=st.just(MINT)),
)
MESSAGES = st.builds(
    Message,
    kind=st.sampled_from(MessageKind),
    title=TEXT,
    link=st.none() | TEXT | st.just("https://pump.fun/x"),
    preview=TEXT,
    lines=st.lists(st.lists(SPANS, max_size=4).map(tuple), max_size=30).map(tuple),
    tone=st.sampled_from(Tone),
    picture=st.none() | st.just(PICTURE),
    moving=st.none() | st.just(MOVING),
    video=st.none() | st.just(VIDEO),
    buttons=st.lists(st.lists(BUTTONS, max_size=7).map(tuple), max_size=7).map(tuple),
    progress=st.none() | st.floats(allow_nan=False),
    role=st.none() | TEXT | st.just("123"),
    silent=st.booleans(),
)


def embed_of(message: Message, **more: Any) -> dict[str, Any]:
    (embed,) = render.first(message, **more).payload["embeds"]
    return dict(embed)


@given(MESSAGES)
def test_every_message_keeps_to_discords_limits(message: Message) -> None:
    payload = render.first(message, nonce="n" * 25).payload

    json.dumps(payload)
    assert width(payload["content"]) <= 2000
    for embed in payload["embeds"]:
        title, text = embed.get("title", ""), embed.get("description", "")
        assert title or text
        assert width(title) <= 256
        assert width(text) <= 4096
        assert width(title) + width(text) <= 6000
    assert len(payload["components"]) <= 5
    buttons = [one for row in payload["components"] for one in row["components"]]
    assert all(1 <= len(row["components"]) <= 5 for row in payload["components"])
    assert all(1 <= width(one["label"]) <= 80 for one in buttons)
    ids = [one["custom_id"] for one in buttons if "custom_id" in one]
    assert len(ids) == len(set(ids))
    assert all(len(one) <= 100 for one in ids)


@given(MESSAGES)
def test_nobody_is_mentioned_but_the_role_of_a_first_send(message: Message) -> None:
    is_role = message.role is not None and message.role.isascii() and message.role.isdecimal()
    allowed = render.first(message).payload["allowed_mentions"]

    if not is_role:
        assert not allowed.get("roles")
    assert allowed["parse"] == []
    assert "users" not in allowed
    assert render.change(message).payload["allowed_mentions"] == {"parse": []}
    assert render.answer(message).payload["allowed_mentions"] == {"parse": []}


def test_the_role_stands_in_the_text_and_nothing_else_does() -> None:
    payload = render.first(Message(title="@everyone <@&9>", role="123")).payload

    assert payload["content"] == "<@&123>"
    assert payload["allowed_mentions"] == {"parse": [], "roles": ["123"]}


def test_an_alert_is_one_embed_with_its_picture() -> None:
    message = Message(
        kind=MessageKind.ALERT,
        title="Demo is *live*",
        lines=((Span("one", bold=True),), (Span("two"),)),
        tone=Tone.LIVE,
        picture=PICTURE,
    )

    shown = render.first(message, nonce="abc")

    (embed,) = shown.payload["embeds"]
    assert embed["title"] == "Demo is \\*live\\*"
    assert embed["description"] == "**one**\ntwo"
    assert embed["color"] == 0xED4245
    assert embed["image"] == {"url": f"attachment://{PICTURE.key}"}
    assert shown.upload == render.Upload(PICTURE.key, PICTURE.key, "Demo is *live*")


def test_beside_a_mention_stands_what_it_is_about_for_who_reads_only_the_notification() -> None:
    message = Message(title="🔴 Demo is live", preview="*Demo* went live", role="123")
    assert render.first(message).payload["content"] == "<@&123> \\*Demo\\* went live"
    assert render.first(replace(message, role=None)).payload["content"] == ""
    assert render.change(message).payload["content"] == ""


@pytest.mark.parametrize(
    ("link", "has_button", "url"),
    [
        ("https://pump.fun/coin/x", True, "https://pump.fun/coin/x"),
        ("https://pump.fun/coin/x", False, "https://pump.fun/coin/x#abc"),
        (None, True, None),
        (None, False, "https://pump.fun/#abc"),
        ("javascript:alert(1)", True, None),
    ],
)
def test_a_title_leads_to_its_page_and_carries_the_nonce_where_no_button_does(
    link: str | None, has_button: bool, url: str | None
) -> None:
    buttons = ((Button("Copy", copy=MINT),),) if has_button else ()
    message = Message(title="Demo is live", link=link, buttons=buttons)
    payload = render.first(message, nonce="abc").payload
    assert payload["embeds"][0].get("url") == url
    assert list(render.nonces(payload)) == ["abc"]


def test_a_stream_that_is_live_has_a_red_stripe_and_one_that_is_over_a_grey_one() -> None:
    tones = (Tone.LIVE, Tone.PAUSED, Tone.ENDED)
    colours = [embed_of(Message(title="x", tone=tone))["color"] for tone in tones]
    assert colours == [0xED4245, 0xF0B232, 0x80848E]


def test_a_silent_one_makes_no_sound_and_a_private_one_is_seen_by_one() -> None:
    assert "flags" not in render.first(Message(title="x")).payload
    assert render.first(Message(title="x", silent=True)).payload["flags"] == 4096
    assert render.answer(Message(title="x"), private=True).payload["flags"] == 64
    assert "flags" not in render.change(Message(title="x", silent=True)).payload


def test_progress_is_one_line_with_the_time_in_the_readers_zone() -> None:
    at = datetime(2026, 11, 23, 16, 31, 50, tzinfo=UTC)
    line = (Span("ready about "), Span("16:31:50 UTC", at=at, style=TimeStyle.SECOND))
    message = Message(kind=MessageKind.PROGRESS, lines=(line,), progress=0.5)

    assert embed_of(message) == {"description": f"ready about <t:{int(at.timestamp())}:T>"}


def test_a_clip_is_an_attachment_whose_name_tells_no_secret() -> None:
    message = Message(
        kind=MessageKind.CLIP,
        title="30 s",
        lines=((Span("Demo", url="https://pump.fun/x"),),),
        video=VIDEO,
    )

    shown = render.first(message)

    assert shown.payload["embeds"] == []
    assert shown.payload["content"] == "**30 s**\n[Demo](<https://pump.fun/x>)"
    assert shown.payload["flags"] == render.SUPPRESS_EMBEDS
    assert shown.upload is not None
    assert shown.upload.name == "demo-20261123T120005Z-30s.mp4"


def test_buttons_keep_their_meaning() -> None:
    row = (
        Button("Watch", url="https://pump.fun/x"),
        Button("Clip 30s", Action(Verb.CLIP, MINT).encode()),
        Button("Copy", copy=MINT),
        Button("Bad", url="javascript:alert(1)"),
        Button("Delete", "delete:7"),
    )

    rows = render.first(Message(title="x", buttons=(row,)), nonce="abc").payload["components"]

    shown = [one for each in rows for one in each["components"]]
    assert [(one["label"], one["style"]) for one in shown] == [
        ("Watch", 5),
        ("Clip 30s", 1),
        ("Copy", 2),
        ("Delete", 4),
    ]
    assert shown[1]["custom_id"] == f"mc:clip:{MINT}#abc"
    assert shown[2]["custom_id"] == f"mc:copy:{MINT}#abc"


@pytest.mark.parametrize(
    ("count", "widths"), [(1, [1]), (3, [3]), (4, [2, 2]), (5, [5]), (6, [5, 1])]
)
def test_no_button_of_a_row_stands_alone_on_a_phone(count: int, widths: list[int]) -> None:
    """Which has room for three, and breaks four into three and one."""
    row = tuple(Button(str(number), f"again:{number}") for number in range(count))
    rows = render.first(Message(title="x", buttons=(row,))).payload["components"]
    assert [len(each["components"]) for each in rows] == widths


@given(MESSAGES)
def test_the_nonce_is_found_again_in_what_was_sent(message: Message) -> None:
    payload = render.first(message, nonce="abc").payload

    is_clip = not payload["embeds"]
    has_action = any(
        "custom_id" in one for row in payload["components"] for one in row["components"]
    )
    assert set(render.nonces(payload)) == ({"abc"} if has_action or not is_clip else set())


def test_a_picture_that_is_there_is_kept_and_another_takes_its_place() -> None:
    shown = render.change(Message(title="x", picture=PICTURE))

    same, keep = kept(shown, [Attachment("1", "old.jpg"), Attachment("2", PICTURE.key)])
    assert (same.upload, keep) == (None, ("2",))
    other, keep = kept(shown, [Attachment("1", "old.jpg")])
    assert (other.upload, keep) == (shown.upload, ())


def test_an_alert_that_lost_its_picture_here_keeps_the_one_that_is_shown() -> None:
    shown = render.change(Message(title="x"))

    changed, keep = kept(shown, [Attachment("1", "old.jpg")], keep_picture=True)

    assert keep == ("1",)
    assert changed.payload["embeds"][0]["image"] == {"url": "attachment://old.jpg"}
    assert kept(shown, [Attachment("1", "old.jpg")]) == (shown, ())


def test_a_moving_picture_stands_beside_the_embed_and_is_kept_there() -> None:
    message = Message(title="x", picture=PICTURE, moving=MOVING)
    shown = render.change(message)
    assert shown.upload is not None
    assert shown.upload.name == MOVING.key
    assert "image" not in shown.payload["embeds"][0]
    assert kept(shown, [Attachment("1", MOVING.key)])[1] == ("1",)
    assert kept(shown, [Attachment("1", PICTURE.key)]) == (shown, ())
    hidden = render.change(replace(message, spoiler=Spoiler.NSFW))
    assert hidden.upload is not None
    assert hidden.upload.name == f"SPOILER_{MOVING.key}"


def test_an_alert_that_lost_its_moving_picture_here_keeps_the_one_that_is_shown() -> None:
    shown = render.change(Message(title="x"))
    there = [Attachment("1", MOVING.key)]
    assert kept(shown, there, keep_picture=True) == (shown, ("1",))
    assert kept(shown, there, keep_picture=True, hidden=True) == (shown, ())


def test_a_file_that_an_embed_shows_is_read_from_its_address() -> None:
    url = "https://cdn.discordapp.com/attachments/11/22/p-aa.jpg?ex=1&is=2&hm=3"

    found = attachments({"attachments": [], "embeds": [{"image": {"url": url}}]})

    assert found == (Attachment("22", "p-aa.jpg"),)
