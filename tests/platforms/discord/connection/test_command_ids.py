"""A command in a message: to tap where its id is known, words where it is not."""

from __future__ import annotations

from bot.model import Span
from bot.platforms.discord.connection.registration import ids_of, mentioned
from bot.platforms.discord.messages.markup import lines

CLIP = (Span("Run "), Span("/clip", command="clip"), Span(" 30s"))


def test_a_command_with_an_id_is_a_mention() -> None:
    ids = ids_of([{"id": "7", "name": "clip", "type": 1}])
    assert lines(mentioned((CLIP,), ids), 100) == "Run </clip:7> 30s"


def test_a_command_without_one_is_words() -> None:
    ids = ids_of([{"id": "7", "name": "clip", "type": 3}])  # one of a message's menu
    assert lines(mentioned((CLIP,), ids), 100) == "Run /clip 30s"


def test_nothing_but_a_name_and_an_id_is_a_mention() -> None:
    odd = Span("/clip", command="clip:7>@everyone")
    assert lines(((odd,),), 100) == "/clip"
