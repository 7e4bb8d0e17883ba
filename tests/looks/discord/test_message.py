"""Messages as Discord shows them, from the JSON that it publishes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.looks.discord.message import COMPONENTS_V2, EPHEMERAL, LOADING, message
from tests.looks.discord.names import Names
from tests.looks.reading import Reading
from tests.looks.samples import CDN, HOSTILE, PICTURE, Json, discord_message

NAMES = Names(
    users={"1": "Mintcast", "2": "Olga"},
    roles={"3": "Watchers"},
    channels={"4": "alerts"},
    now=datetime(2026, 7, 1, 16, 25, tzinfo=UTC),
    cdn=CDN,
)
PRESSED = {"type": 2, "style": 1, "label": "Clip", "custom_id": "clip:1"}
LINK = {"type": 2, "style": 5, "label": "Watch", "url": "https://pump.fun/coin/x"}
SELECT = {
    "type": 3,
    "custom_id": "night",
    "placeholder": "At night",
    "options": [
        {"label": "Default", "value": "on", "default": True, "description": "Alerts as by day"},
        {"label": "Skip", "value": "off"},
    ],
}
TEXT = {"type": 10, "content": "# Minty\nis **live**"}
DRAWN: dict[str, tuple[Json, str, str]] = {
    "row and button": ({"type": 1, "components": [PRESSED]}, "button", "primary"),
    "link": ({"type": 1, "components": [LINK]}, "a", "link"),
    "select": ({"type": 1, "components": [SELECT]}, "details", "select"),
    "section": ({"type": 9, "components": [TEXT], "accessory": LINK}, "div", "section"),
    "text": (TEXT, "div", "text-display"),
    "thumbnail": (
        {
            "type": 9,
            "components": [TEXT],
            "accessory": {"type": 11, "media": {"url": PICTURE}, "spoiler": True},
        },
        "div",
        "thumbnail",
    ),
    "gallery": ({"type": 12, "items": [{"media": {"url": PICTURE}}] * 3}, "div", "gallery"),
    "file": ({"type": 13, "file": {"url": PICTURE}, "name": "a.mp4", "size": 2048}, "div", "file"),
    "separator": ({"type": 14, "spacing": 2, "divider": False}, "hr", "bare"),
    "container": (
        {"type": 17, "accent_color": 0xDA373C, "spoiler": True, "components": [TEXT]},
        "div",
        "accented",
    ),
    "unknown": ({"type": 99}, "div", "elsewhere"),
}


def read(**more: object) -> Reading:
    return Reading(message(discord_message(**more), NAMES))


@pytest.mark.parametrize("kind", DRAWN)
def test_each_kind_of_component_is_drawn(kind: str) -> None:
    part, name, look = DRAWN[kind]
    drawn = read(flags=COMPONENTS_V2, components=[part])
    assert drawn.all(name, look)


@pytest.mark.parametrize("kind", range(5, 9))
def test_selects_of_people_roles_and_channels_offer_those_that_are_there(kind: int) -> None:
    part = {"type": kind, "custom_id": "x", "default_values": [{"id": "3", "type": "role"}]}
    drawn = read(components=[{"type": 1, "components": [part]}])
    offered = {one.attributes["value"] for one in drawn.all("input")}
    assert offered == {5: {"1", "2"}, 6: {"3"}, 7: {"1", "2", "3"}, 8: {"4"}}[kind]
    assert ("Watchers" in drawn.one("summary").text) == (kind in (6, 7))


def test_what_one_can_use_names_what_the_bot_is_told() -> None:
    drawn = read(components=[{"type": 1, "components": one} for one in ([PRESSED], [SELECT])])
    assert drawn.one("button", "primary").attributes["data-press"] == "clip:1"
    assert drawn.one("details").attributes["data-choose"] == "night"
    assert drawn.one("summary").text.startswith("Default")
    assert drawn.one("article").attributes["data-message"] == "9"


def test_what_is_greyed_out_cannot_be_used() -> None:
    off = [PRESSED | {"disabled": True}], [SELECT | {"disabled": True}]
    drawn = read(components=[{"type": 1, "components": one} for one in off])
    assert "disabled" in drawn.one("button", "primary").attributes
    assert not drawn.all("details")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_inert_wherever_it_stands(name: str) -> None:
    embed: Json = dict.fromkeys(("title", "description", "url"), name)
    embed |= {"fields": [{"name": name, "value": name}], "footer": {"text": name}}
    embed |= {"author": {"name": name, "url": name}, "image": {"url": name}}
    button = PRESSED | {"label": name, "custom_id": name}
    select = SELECT | {"placeholder": name, "options": [{"label": name, "value": name}]}
    parts = [button], [LINK | {"label": name, "url": name}], [select]
    files = [{"filename": name, "url": name, "size": 1, "description": name}]
    drawn = read(
        content=f"{name} [{name}]({name}) `{name}` ||{name}||",
        embeds=[embed],
        attachments=files,
        components=[{"type": 1, "components": one} for one in parts],
        author={"id": "1", "username": name, "global_name": name},
        interaction={"name": name, "user": {"username": name}},
    )
    assert not drawn.all("script") + drawn.all("svg") + drawn.all("img") + drawn.all("b", "bold")
    assert not [one for one in drawn.elements for key in one.attributes if key.startswith("on")]
    links = [str(one.attributes["href"]) for one in drawn.all("a") if "href" in one.attributes]
    assert not [one for one in links if one.startswith("javascript")]
    assert drawn.one("", "author").text == name


def test_an_embed_has_its_colour_its_picture_and_its_fields() -> None:
    fields = [{"name": "Peak", "value": "**26**", "inline": True}]
    embed = {"title": "Live", "color": 0xDA373C, "image": {"url": PICTURE}, "fields": fields}
    drawn = read(embeds=[embed])
    assert drawn.one("", "embed").attributes["style"] == "--accent: #da373c"
    assert drawn.one("img").attributes["src"] == "attachments/5/7/a.jpg"
    assert [one.text for one in drawn.all("strong")] == ["Peak", "26"]


def test_a_picture_of_elsewhere_is_not_fetched() -> None:
    drawn = read(embeds=[{"image": {"url": "https://tracker.example/x.png"}}])
    assert not drawn.all("img")
    assert "tracker.example" in drawn.one("", "elsewhere").text


def test_files_are_players_pictures_and_cards_and_spoilers_are_covered() -> None:
    names = ("clip.mp4", "SPOILER_a.png", "notes.txt")
    files = [
        {"filename": name, "url": f"{CDN}/attachments/5/{at}/{name}", "size": 2_000_000}
        for at, name in enumerate(names)
    ]
    drawn = read(attachments=files)
    assert drawn.one("video").attributes["src"] == "attachments/5/0/clip.mp4"
    assert [one.attributes["data-reveal"] for one in drawn.all("", "spoiler")] == ["SPOILER"]
    assert "1.91 MB" in drawn.one("", "file").text


def test_only_its_reader_sees_an_ephemeral_answer_and_a_waiting_one_says_so() -> None:
    drawn = read(
        flags=EPHEMERAL | LOADING, interaction={"name": "clip", "user": {"username": "al"}}
    )
    assert "Only you can see this" in drawn.text
    assert "Mintcast is thinking" in drawn.text
    assert "al used /clip" in drawn.text


def test_a_reply_shows_what_it_answers_and_an_edit_that_it_is_one() -> None:
    answered = discord_message(content="Which coin?")
    at = "2026-07-01T16:21:00+00:00"
    drawn = read(content="MINTY", referenced_message=answered, edited_timestamp=at)
    assert "Which coin?" in drawn.one("", "reply").text
    assert drawn.one("", "edited").text == "(edited)"
