"""What stands behind a menu's buttons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import texts
from bot.commands import Suggestion
from bot.model import Action
from bot.platforms.telegram.requests.menu_callbacks import (
    LONGEST,
    MenuCallback,
    Rows,
    View,
    coin_menu,
    list_rows,
    panel_action,
)
from tests.pumpfun.samples import MINT

LONG_MINT = "W" * 44


def data_of(rows: Rows) -> list[str]:
    return [button.action for row in rows for button in row if button.action]


def every_menu() -> list[str]:
    """The data of every button that any menu has, for the longest mint."""
    pages = [[Suggestion(LONG_MINT, "a coin", LONG_MINT)] * 20] * 3
    found = [*data_of(list_rows(pages, 0)), *data_of(list_rows(pages, 2))]
    found += data_of(coin_menu(LONG_MINT, "a coin", 999).buttons)
    return found


def test_every_button_fits_and_is_understood_again() -> None:
    menu_data = [data for data in every_menu() if Action.decode(data) is None]
    assert len(menu_data) > 40
    for data in menu_data:
        assert len(data.encode()) <= LONGEST
        callback = MenuCallback.decode(data)
        assert callback is not None
        assert callback.encode() == data


@pytest.mark.parametrize(
    "text",
    [
        "m:",
        "m:l:",
        "m:l:-1",
        "m:l:99999",
        "m:l:\u0661",
        "m:c:",
        "m:u:*",
        f"m:c:{MINT}:more",
        "clip:" + MINT,
        f"m:c:{MINT} all",
    ],
)
def test_what_no_menu_made_is_not_understood(text: str) -> None:
    assert MenuCallback.decode(text) is None


@given(st.text(max_size=70))
def test_no_text_breaks_it(text: str) -> None:
    for data in (text, f"m:{text}", f"m:c:{text}"):
        callback = MenuCallback.decode(data)
        assert callback is None or isinstance(callback.view, View)


def test_a_long_list_has_pages() -> None:
    pages = [[Suggestion(MINT, f"coin {page}{n}", MINT) for n in "abc"] for page in range(3)]
    labels = [[b.label for row in list_rows(pages, page) for b in row] for page in range(3)]
    assert labels[0][-1] == texts.common.NEXT_PAGE
    assert labels[1][-2:] == [texts.common.PREVIOUS_PAGE, texts.common.NEXT_PAGE]
    assert labels[2] == ["coin 2a", "coin 2b", "coin 2c", texts.common.PREVIOUS_PAGE]


def test_a_page_that_is_no_more_is_the_last_one() -> None:
    pages = [[Suggestion(MINT, "the only one", MINT)]]
    assert [[b.label for b in row] for row in list_rows(pages, 7)] == [["the only one"]]
    assert list_rows([], 3) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("m:s:", "panel::"),
        (f"m:s:{MINT}", f"panel:{MINT}:"),
        ("m:t:n:", "panel::n"),
        (f"m:t:u:{MINT}", f"panel:{MINT}:u"),
        ("m:v:a:delete:", "pick::a:delete"),
        ("m:v:n:silent:", "pick::n:silent"),
        (f"m:v:c:default:{MINT}", f"pick:{MINT}:c:default"),
    ],
)
def test_buttons_of_old_messages_mean_what_they_meant(old: str, new: str) -> None:
    assert panel_action(old) == new
    assert panel_action(new) == new


@pytest.mark.parametrize(
    "text",
    ["m:s:*", "m:t:x:", "m:t::", f"m:v:a:edit:{MINT}:more", "m:l:0", f"set:{MINT}", "m:v:a:b", ""],
)
def test_what_is_no_press_in_the_settings(text: str) -> None:
    assert panel_action(text) is None


@given(st.text(max_size=70))
def test_no_text_breaks_the_settings(text: str) -> None:
    for data in (text, f"m:v:{text}", f"m:v:a:{text}:", f"m:s:{text}"):
        action = panel_action(data)
        assert action is None or Action.decode(action) is not None
