"""What stands behind a menu's buttons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import texts
from bot.commands import Suggestion
from bot.model import Action, Preference
from bot.platforms.telegram.requests.menu_callbacks import (
    LONGEST,
    MenuCallback,
    Rows,
    View,
    coin_menu,
    list_rows,
    preference_menu,
    settings_rows,
)
from tests.pumpfun.samples import MINT

LONG_MINT = "W" * 44
OFFERED = [name for name in Preference if name.spec.menu is not None]


def data_of(rows: Rows) -> list[str]:
    return [button.action for row in rows for button in row if button.action]


def every_menu() -> list[str]:
    """The data of every button that any menu has, for the longest mint."""
    pages = [[Suggestion(LONG_MINT, "a coin", LONG_MINT)] * 20] * 3
    found = [*data_of(list_rows(pages, 0)), *data_of(list_rows(pages, 2))]
    found += data_of(coin_menu(LONG_MINT, "a coin", 999).buttons)
    for mint in ("", LONG_MINT):
        found += data_of(settings_rows(mint))
        for name in OFFERED:
            found += data_of(preference_menu(mint, name).buttons)
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
        "m:t:x:",
        f"m:v:a:explode:{MINT}",
        f"m:v:a:edit:{MINT}:more",
        "clip:" + MINT,
        f"m:s:{MINT} all",
    ],
)
def test_what_no_menu_made_is_not_understood(text: str) -> None:
    assert MenuCallback.decode(text) is None


@given(st.text(max_size=70))
def test_no_text_breaks_it(text: str) -> None:
    for data in (text, f"m:{text}", f"m:v:{text}"):
        callback = MenuCallback.decode(data)
        assert callback is None or isinstance(callback.view, View)


def test_a_long_list_has_pages() -> None:
    pages = [[Suggestion(MINT, f"coin {page}{n}", MINT) for n in "abc"] for page in range(3)]
    labels = [[b.label for row in list_rows(pages, page) for b in row] for page in range(3)]
    assert labels[0][-1] == texts.telegram.NEXT
    assert labels[1][-2:] == [texts.telegram.PREVIOUS, texts.telegram.NEXT]
    assert labels[2] == ["coin 2a", "coin 2b", "coin 2c", texts.telegram.PREVIOUS]


def test_a_page_that_is_no_more_is_the_last_one() -> None:
    pages = [[Suggestion(MINT, "the only one", MINT)]]
    assert [[b.label for b in row] for row in list_rows(pages, 7)] == [["the only one"]]
    assert list_rows([], 3) == ()


def test_where_notices_go_is_not_chosen_for_a_coin() -> None:
    of_chat, of_a_coin = ([b.label for row in settings_rows(m) for b in row] for m in ("", MINT))
    assert of_chat[:5] == ["When it ends", "Who can clip", "Night", "Keep up to date", "Notices"]
    assert of_a_coin == [*(one for one in of_chat if one != "Notices"), texts.telegram.BACK]


def test_buttons_of_old_messages_mean_what_they_meant() -> None:
    keys = {entry.key: name for name in Preference if (entry := name.spec.menu) is not None}
    assert len(keys) == len(OFFERED)
    assert keys["a"] is Preference.AT_END
    assert keys["c"] is Preference.CLIP_BY
    assert keys["n"] is Preference.NIGHT
    assert keys["u"] is Preference.UPDATES
    assert keys["o"] is Preference.NOTICES


@pytest.mark.parametrize("name", OFFERED)
def test_every_button_of_a_preference_has_its_label(name: Preference) -> None:
    words = texts.preferences.WORDS[name]
    assert words.menu
    assert list(words.menu_choices) == list(name.spec.offered)
