"""What a message looks like on Telegram."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.kit.text import width
from bot.model import Action, Button, Message, MessageKind, Span, Verb
from bot.platforms.telegram.messages.render import MOST_CAPTION, MOST_TEXT, rendered
from tests.fakes.telegram.state.keyboards import read_keyboard
from tests.fakes.telegram.state.markup import parse_html

MINT = "So11111111111111111111111111111111111111112"
CARD = Message(
    kind=MessageKind.ALERT,
    title="🔴 Demo <DEMO> is live",
    lines=((Span("hello"),), (Span(MINT, code=True),)),
    role="@everyone",
)


def test_the_title_stands_over_the_lines_and_a_role_is_nobody() -> None:
    text = rendered(CARD, MOST_CAPTION).text
    assert text.html == (f"<b>🔴 Demo &lt;DEMO&gt; is live</b>\nhello\n<code>{MINT}</code>")
    assert parse_html(text.html).text == text.plain


def test_the_title_leads_to_the_coins_page() -> None:
    url = f"https://pump.fun/coin/{MINT}"
    text = rendered(Message(title="Demo is live", link=url), MOST_CAPTION).text
    assert text.html == f'<b><a href="{url}">Demo is live</a></b>'
    kinds = {one["type"]: one.get("url") for one in parse_html(text.html).entities}
    assert kinds == {"bold": None, "text_link": url}


def test_a_long_list_unfolds_at_a_tap() -> None:
    lines = tuple((Span(f"<coin> {n}", bold=True), Span(": 5 minutes")) for n in range(20))
    digest = Message(kind=MessageKind.ALERT, title="🌙 Overnight: 20 streams", lines=lines)
    text = rendered(digest, MOST_TEXT).text
    parsed = parse_html(text.html)
    (quote,) = (one for one in parsed.entities if one["type"] == "expandable_blockquote")
    assert quote["offset"] == width("🌙 Overnight: 20 streams\n")
    assert parsed.text == text.plain
    short = rendered(replace(digest, lines=lines[:8]), MOST_TEXT).text
    assert "blockquote" not in short.html


def test_a_list_that_is_folded_fits_too() -> None:
    lines = tuple((Span("🔴" * 90),) for _ in range(40))
    digest = Message(kind=MessageKind.ALERT, title="T" * 300, lines=lines)
    text = rendered(digest, MOST_CAPTION).text
    assert parse_html(text.html).length <= MOST_CAPTION
    assert text.plain.splitlines()[-1] == "…"


def test_progress_is_its_line_alone() -> None:
    line = (Span("Recording 4 of 10 s"),)
    assert (
        rendered(Message(lines=(line,), progress=0.4), MOST_TEXT).text.plain
        == "Recording 4 of 10 s"
    )


def test_however_much_there_is_to_say_it_fits() -> None:
    lines = tuple((Span("🔴" * 50),) for _ in range(40))
    text = rendered(Message(title="T" * 900, lines=lines), MOST_CAPTION).text
    assert parse_html(text.html).length <= MOST_CAPTION
    assert text.plain.splitlines()[-1] == "…"


def test_a_message_without_a_word_says_something() -> None:
    assert rendered(Message(), MOST_TEXT).text.plain == "…"


def test_buttons_open_copy_and_do() -> None:
    clip = Action(Verb.CLIP, MINT).encode()
    row = (
        Button("Watch", url=f"https://pump.fun/coin/{MINT}"),
        Button("Clip 30s", clip),
        Button("Copy address", copy=MINT),
    )
    keyboard = rendered(replace(CARD, buttons=(row,)), MOST_CAPTION).keyboard
    assert keyboard is not None
    ((watch, press, copy),) = read_keyboard(keyboard.to_dict())
    assert watch.url == f"https://pump.fun/coin/{MINT}"
    assert press.data == clip
    assert copy.copies == MINT


@pytest.mark.parametrize(
    "button",
    [
        Button("Bad", url="javascript:alert(1)"),
        Button("Nothing"),
        Button("Long", action="x" * 65),
        Button("Long", copy="x" * 257),
    ],
)
def test_a_button_that_telegram_would_refuse_is_left_out(button: Button) -> None:
    assert rendered(replace(CARD, buttons=((button,),)), MOST_CAPTION).keyboard is None


def test_many_buttons_stand_in_rows_and_too_many_are_left_out() -> None:
    row = tuple(Button(str(n), action=f"live:{n}") for n in range(120))
    keyboard = rendered(replace(CARD, buttons=(row,)), MOST_CAPTION).keyboard
    assert keyboard is not None
    rows = read_keyboard(keyboard.to_dict())
    assert sum(len(one) for one in rows) == 100
    assert max(len(one) for one in rows) == 8


def test_a_button_always_has_a_label_and_a_short_one() -> None:
    row = (Button(" ", action="live:1"), Button("x" * 200, action="live:2"))
    keyboard = rendered(replace(CARD, buttons=(row,)), MOST_CAPTION).keyboard
    assert keyboard is not None
    assert [len(one.text) for one in keyboard.inline_keyboard[0]] == [1, 64]
