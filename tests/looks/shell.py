"""The page around the messages: the list of places, the head, the line that one types in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from tests.looks.html import Markup, join, tag
from tests.looks.view import Eyes, Place, View

THEMES = ("dark", "light")
PAGE = Path(__file__).with_name("page")


def page(view: View, eyes: Eyes, theme: str) -> Markup:
    """The whole page, still without messages."""
    places = view.places(eyes.person)
    here = next(one for one in places if one.id == eyes.place)
    body = tag(
        "body",
        _side(view, eyes, theme, places),
        tag(
            "div",
            _head(here),
            tag("main", id="messages", aria_label="Messages"),
            _composer(here),
            id="chat",
        ),
        tag("div", id="toast", role="status", hidden=True),
        data_place=eyes.place,
        data_person=eyes.person,
    )
    whole = tag("html", _top(view, here), body, lang="en", data_theme=theme, data_view=view.name)
    return Markup("<!doctype html>") + whole


def _top(view: View, here: Place) -> Markup:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{here.sign}{here.name} · {view.title}"),
        tag("link", rel="icon", href="data:,"),
        *(tag("link", rel="stylesheet", href=f"page/{name}.css") for name in _styles(view)),
        tag("script", type="module", src="page/app.js"),
    )


def _styles(view: View) -> Iterator[str]:
    """The view's own ones stand behind what all have."""
    yield "view"
    yield from sorted(path.stem for path in PAGE.glob(f"{view.name}*.css"))


def _side(view: View, eyes: Eyes, theme: str, places: list[Place]) -> Markup:
    rows = (
        tag(
            "a",
            tag("span", one.sign or one.name[:1], class_="sign"),
            tag("span", one.name, tag("small", one.about) if one.about else None),
            href=_address(Eyes(eyes.person, one.id), theme),
            aria_current="page" if one.id == eyes.place else None,
        )
        for one in places
    )
    return tag(
        "nav",
        tag("h1", view.title),
        *rows,
        tag("footer", *_switches(view, eyes, theme)),
        id="side",
    )


def _switches(view: View, eyes: Eyes, theme: str) -> Iterator[Markup]:
    """Who looks, and in which theme."""
    for person in view.people:
        place = eyes.place if eyes.place in _ids(view, person) else _ids(view, person)[0]
        yield _switch(person, _address(Eyes(person, place), theme), person == eyes.person)
    for one in THEMES:
        yield _switch(one, _address(eyes, one), one == theme)


def _switch(said: str, href: str, on: bool) -> Markup:
    return tag("a", said, href=href, aria_current="true" if on else None)


def _ids(view: View, person: str) -> list[str]:
    return [one.id for one in view.places(person)]


def _address(eyes: Eyes, theme: str) -> str:
    return "?" + urlencode({"person": eyes.person, "place": eyes.place, "theme": theme})


def _head(here: Place) -> Markup:
    back = tag("button", "←", type="button", class_="back", aria_label="All chats")
    about = tag("small", here.about) if here.about else None
    sign = tag("span", here.sign or here.name[:1], class_="sign")
    return tag("header", back, sign, tag("div", tag("strong", here.name), about), id="head")


def _composer(here: Place) -> Markup:
    line = tag(
        "input",
        id="line",
        autocomplete="off",
        placeholder=f"Message {here.sign if here.sign == '#' else ''}{here.name}",
        aria_label="Message",
    )
    send = tag("button", "➤", type="submit", aria_label="Send")
    offers = tag("div", id="offers", role="listbox", hidden=True)
    answering = tag("div", id="answering", hidden=True)
    return tag("form", join((offers, answering)), tag("div", line, send), id="composer")
