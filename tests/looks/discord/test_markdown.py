"""Discord's markup, and what a backslash keeps from being it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.platforms.discord.messages.markup import escape
from tests.looks.discord.markdown import markdown
from tests.looks.discord.names import Names
from tests.looks.reading import Reading

NOW = datetime(2026, 7, 1, 16, 25, tzinfo=UTC)
NAMES = Names({"1": "Olga"}, {"2": "Watchers"}, {"3": "alerts"}, now=NOW)
AT = int(NOW.timestamp())
DAY = "Wednesday, July 1, 2026"

MARKED = {
    "**a**": "<p><strong>a</strong></p>",
    "*a* _b_": "<p><em>a</em> <em>b</em></p>",
    "__a__ ~~b~~": "<p><u>a</u> <s>b</s></p>",
    "**a *b***": "<p><strong>a <em>b</em></strong></p>",
    "`**a**`": "<p><code>**a**</code></p>",
    "```py\na\n```": "<pre><code>a</code></pre>",
    r"\*\*a\*\* snake_case_name": "<p>**a** snake_case_name</p>",
    "# a\nb": "<h1>a</h1><p>b</p>",
    "-# a": "<small>a</small>",
    "> a\n> b\nc": "<blockquote><p>a\nb</p></blockquote><p>c</p>",
    ">>> a\nb": "<blockquote><p>a\nb</p></blockquote>",
    f"<t:{AT - 120}:R>": f'<p><time title="{DAY} at 4:23 PM">2 minutes ago</time></p>',
    f"<t:{AT}:t>": f'<p><time title="{DAY} at 4:25 PM">4:25 PM</time></p>',
}


@pytest.mark.parametrize("text", MARKED)
def test_what_is_marked_is_shown_so(text: str) -> None:
    assert markdown(text, NAMES) == MARKED[text]


def test_mentions_have_names_and_a_command_can_be_typed_by_a_click() -> None:
    drawn = Reading(markdown("<@1> <@&2> <#3> <@9> </clip:5> @everyone", NAMES))
    said = [one.text for one in drawn.all("", "mention")]
    assert said == ["@Olga", "@Watchers", "#alerts", "<@9>", "/clip", "@everyone"]
    assert drawn.one("button").attributes["data-type"] == "/clip "


def test_links_are_links_where_a_browser_may_go_there() -> None:
    text = "[a **b**](<https://pump.fun/x>) https://pump.fun/y. [c](javascript:1)"
    drawn = Reading(markdown(text, NAMES))
    assert [one.attributes["href"] for one in drawn.all("a")] == [
        "https://pump.fun/x",
        "https://pump.fun/y",
    ]
    assert drawn.one("strong").text == "b"
    assert "[c](javascript:1)" in drawn.text


def test_a_list_keeps_its_depth_and_its_numbers() -> None:
    drawn = Reading(markdown("- a\n  - b\n1. c", NAMES))
    assert [one.attributes["data-depth"] for one in drawn.all("li")] == ["0", "1", "0"]
    assert [one.text for one in drawn.all("li")] == ["•a", "◦b", "1.c"]


@pytest.mark.parametrize(
    "name",
    ["**Free** <@&1> [x](https://evil.example) ||`", "# a\n> b\n- c\n1. d", "_a_ ~~b~~ <#1>"],
)
def test_what_we_escape_is_shown_letter_by_letter(name: str) -> None:
    drawn = Reading(markdown(escape(name), NAMES))
    assert {one.name for one in drawn.elements} <= {"p", "a"}
    assert drawn.text.replace("\u200b", "") == name
