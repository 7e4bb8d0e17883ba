"""Messages as Telegram shows them, from the JSON that it publishes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.looks.reading import Reading
from tests.looks.samples import HOSTILE, telegram_message
from tests.looks.telegram.message import Looker, message

LOOKER = Looker(lambda file_id: f"file/{file_id}", me=5)
SIZES = [{"file_id": "s", "width": 90, "height": 51}, {"file_id": "l", "width": 640, "height": 360}]
VIDEO = {"file_id": "v", "width": 640, "height": 360, "duration": 67, "thumbnail": {"file_id": "t"}}


def read(**more: object) -> Reading:
    return Reading(message(telegram_message(**more), LOOKER))


def entity(kind: str, text: str, part: str, **more: object) -> dict[str, object]:
    first = len(text[: text.index(part)].encode("utf-16-le")) // 2
    return {"type": kind, "offset": first, "length": len(part.encode("utf-16-le")) // 2, **more}


@pytest.mark.parametrize(
    ("kind", "name", "look"),
    [
        ("bold", "strong", ""),
        ("italic", "em", ""),
        ("underline", "u", ""),
        ("strikethrough", "s", ""),
        ("code", "code", ""),
        ("pre", "pre", ""),
        ("spoiler", "span", "spoiler"),
        ("blockquote", "blockquote", ""),
        ("expandable_blockquote", "blockquote", "expandable"),
        ("bot_command", "button", "link"),
        ("cashtag", "span", "link"),
    ],
)
def test_each_kind_of_entity_is_drawn(kind: str, name: str, look: str) -> None:
    text = "📈 of MINTY 🔴"
    drawn = read(text=text, entities=[entity(kind, text, "MINTY")])
    assert drawn.one("", "words").text == text
    assert drawn.all(name, look)[-1].text == "MINTY"


@pytest.mark.parametrize(
    ("style", "words"),
    [
        ("t", "00:30"),
        ("T", "00:30:05"),
        ("dt", "00:30, 6 Mar"),
        ("wDT", "Friday, 00:30:05, 6 March 2026"),
        ("r", "2 hours ago"),
        ("", "in UTC"),
    ],
)
def test_a_time_is_told_in_the_readers_own_zone(style: str, words: str) -> None:
    at = datetime(2026, 3, 5, 22, 30, 5, tzinfo=UTC)
    zone = timezone(timedelta(hours=2))
    looker = Looker(str, zone=zone, now=at + timedelta(hours=2))
    told = {"unix_time": int(at.timestamp()), **({"date_time_format": style} if style else {})}
    shown = telegram_message(
        text="Live since in UTC",
        entities=[entity("date_time", "Live since in UTC", "in UTC", **told)],
    )
    drawn = Reading(message(shown, looker))
    assert drawn.one("time", "link").text == words
    assert drawn.one("", "words").text == f"Live since {words}"


def test_entities_stand_within_each_other() -> None:
    text = "Minty is live"
    link = entity("text_link", text, "Minty", url="https://pump.fun/x")
    drawn = read(
        text=text, entities=[link, entity("bold", text, "Minty is"), entity("italic", text, "is")]
    )
    assert drawn.one("strong").text == "Minty is"
    assert drawn.one("a").attributes["href"] == "https://pump.fun/x"
    assert drawn.one("em").text == "is"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_inert_wherever_it_stands(name: str) -> None:
    keys = [{"text": name, "callback_data": name}, {"text": name, "url": name}]
    drawn = read(
        text=name,
        entities=[{"type": "text_link", "offset": 0, "length": len(name), "url": name}],
        reply_markup={"inline_keyboard": [keys]},
        reply_to_message=telegram_message(text=name),
        quote={"text": name},
        chat={"id": -1, "type": "group", "title": name},
        **{"from": {"id": 7, "first_name": name}},
    )
    assert not drawn.all("script") + drawn.all("svg") + drawn.all("img")
    assert not [one for one in drawn.elements for key in one.attributes if key.startswith("on")]
    assert [one.attributes["href"] for one in drawn.all("a")] == ["#m9"]
    assert drawn.one("", "words").text == name


def test_a_photo_is_its_largest_size_and_a_spoiler_is_covered() -> None:
    drawn = read(photo=SIZES, caption="x", has_media_spoiler=True)
    assert drawn.one("img").attributes["src"] == "file/l"
    assert "data-reveal" in drawn.one("div", "media").attributes
    assert "data-reveal" not in read(photo=SIZES).one("div", "media").attributes


def test_a_caption_stands_below_or_above() -> None:
    below = [one.name for one in read(photo=SIZES, caption="x").elements]
    assert below.index("img") < len(below) - 1
    looks = [
        [one.attributes.get("class") for one in read(photo=SIZES, caption="x", **more).elements]
        for more in ({}, {"show_caption_above_media": True})
    ]
    assert looks[0].index("words") > looks[0].index("media photo")
    assert looks[1].index("words") < looks[1].index("media photo")


def test_a_video_has_a_player_a_poster_and_its_length() -> None:
    drawn = read(video=VIDEO, caption="x")
    assert drawn.one("video").attributes["src"] == "file/v"
    assert drawn.one("video").attributes["poster"] == "file/t"
    assert drawn.one("", "badge").text == "1:07"


def test_each_kind_of_button_says_what_it_does() -> None:
    keys = [
        {"text": "Clip", "callback_data": "c", "style": "danger"},
        {"text": "Watch", "url": "https://pump.fun/x"},
        {"text": "Copy", "copy_text": {"text": "abc"}},
    ]
    drawn = read(text="x", reply_markup={"inline_keyboard": [keys[:1], keys[1:]]})
    assert len(drawn.all("", "keys")) == 2
    assert drawn.one("button", "danger").attributes["data-press"] == "c"
    assert drawn.one("a", "key").attributes["href"] == "https://pump.fun/x"
    assert drawn.all("button")[1].attributes["data-copy"] == "abc"


def test_a_reply_an_edit_and_silence_are_marked() -> None:
    told = telegram_message(text="x", edit_date=1, reply_to_message=telegram_message(text="Which?"))
    drawn = Reading(message(told, LOOKER, silent=True))
    assert drawn.one("a", "reply").text == "MintcastWhich?"
    assert "edited" in drawn.one("footer").text
    assert drawn.all("", "silent")
    assert not read(text="x").all("", "silent")


def test_a_preview_that_was_not_turned_off_is_seen() -> None:
    text = "https://pump.fun/x"
    found = [entity("url", text, text)]
    assert "pump.fun" in read(text=text, entities=found).one("", "preview").text
    off = {"is_disabled": True}
    assert not read(text=text, entities=found, link_preview_options=off).all("", "preview")


def test_what_is_not_drawn_says_so() -> None:
    assert "poll" in read(poll={"id": "1"}).one("", "elsewhere").text
