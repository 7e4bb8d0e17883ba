"""What of a change could be typed next: preferences, then the values of the one that was typed.
Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from bot import texts
from bot.commands.command import Suggestion
from bot.commands.parsing.preferences import WITHOUT_ROLES, topic_of
from bot.commands.settings.level import DEFAULT
from bot.commands.settings.selects import stored
from bot.model import Preference, PreferenceKind

_MOST_ZONES = 12

_Word = tuple[str, str]
"""What is typed, and what it means."""


def suggest_change(
    line: str, typed: Sequence[str], last: str, zones: Collection[str]
) -> tuple[Suggestion, ...]:
    """`line` is all that stands before `last`, the word that is being typed; `typed` are the words
    of it. A role is picked where there are any, and never typed."""
    name, begun = topic_of(typed), last.lower()
    if name is None:
        found, after = _topics(), " "
    elif name is Preference.NIGHT or not is_filled(typed):
        found, after = _values(name, begun, frozenset(zones)), ""
    else:
        return ()
    return tuple(
        Suggestion(word, label, f"{line}{word}{after if word != DEFAULT else ''}")
        for word, label in found
        if _begins(word.lower(), begun)
    )


def is_filled(typed: Sequence[str]) -> bool:
    """Whether nothing is being changed, or the value was typed: then a coin may follow."""
    return topic_of(typed) is None or len(typed) > 1


def _topics() -> Iterator[_Word]:
    for word in WITHOUT_ROLES:
        name = topic_of([word])
        assert name is not None
        yield word, f"{word} – {texts.preferences.WORDS[name].option}"
    yield DEFAULT, f"{DEFAULT} – {texts.settings.RESET_ALL}"


def _values(name: Preference, begun: str, zones: frozenset[str]) -> Iterator[_Word]:
    """Those that can be chosen by a press, and the parts of a night."""
    for one in (name, *(part for part in name.spec.parts if part.spec.is_part)):
        for word in one.spec.offered:
            is_choice = one.spec.kind is PreferenceKind.CHOICE
            value = word if is_choice else stored(one, word, zones) or word
            yield value, texts.settings.value(one, word) if is_choice else value
    if begun and name in (Preference.NIGHT, Preference.TIME_ZONE):
        listed = {stored(name, word, zones) for word in name.spec.offered}
        near = sorted(zone for zone in zones - listed if _begins(zone.lower(), begun))
        yield from ((zone, zone) for zone in near[:_MOST_ZONES])
    yield DEFAULT, f"{DEFAULT} – {texts.settings.UNDO_CHOICE}"


def _begins(word: str, begun: str) -> bool:
    """Or its city does."""
    return word.startswith(begun) or word.rpartition("/")[2].startswith(begun)
