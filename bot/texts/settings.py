"""What `/settings` says: what is in force, what was changed, and what cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Preference, PreferenceKind, Scope
from bot.texts import common
from bot.texts.preferences import WORDS


def unknown_preference(name: str, nearest: str | None, every: Sequence[str]) -> str:
    """There is no such setting."""
    if not name:
        return f"Please say what to change: one of {', '.join(every)}."
    hint = f" Did you mean {nearest}?" if nearest else ""
    return f"“{common.shown(name)}” is not a setting.{hint} There are {', '.join(every)}."


def _example(name: Preference, by_options: bool) -> str:
    spec, words = name.spec, WORDS[name]
    if by_options:
        return f"/settings {words.filled or f'{spec.option}:{words.example}'}"
    return f"/settings {spec.word} {words.example}"


def say_a_value(name: Preference, *, by_options: bool = False) -> str:
    """A preference without a value."""
    return f"Please say what it should be, for example: {_example(name, by_options)}"


def one_value(name: Preference, *, by_options: bool = False) -> str:
    """More than one value."""
    return f"Please say one value, for example: {_example(name, by_options)}"


def not_a_value(text: str, nearest: str | None, allowed: Sequence[str]) -> str:
    """A value that this setting does not have."""
    hint = f" Did you mean {nearest}?" if nearest else ""
    return f"“{common.shown(text)}” is not one of {', '.join(allowed)}.{hint}"


def not_a_role(text: str) -> str:
    """Not a role's id."""
    return (
        f"“{common.shown(text)}” is not a role that I can mention; please mention the role, give"
        " its id, or say none."
    )


def no_roles() -> str:
    """A role where the platform has none."""
    return "There are no roles here, so alerts mention nobody; only Discord has that."


def everyone_is_no_role() -> str:
    """@everyone."""
    return "I do not mention everyone; please choose a role that people can pick for themselves."


def odd_night_word(word: str, nearest: str | None, *, by_options: bool = False) -> str:
    """Something in a night that is no hours, no zone and no mode."""
    hint = f" Did you mean {nearest}?" if nearest else ""
    return (
        f"I do not understand “{common.shown(word)}” in a night.{hint}"
        f" Say it like this: {_example(Preference.NIGHT, by_options)}"
    )


def not_hours(word: str) -> str:
    """Hours that cannot be."""
    return f"“{common.shown(word)}” is not a time of night; say for example 22:00-08:00."


def empty_night(*, by_options: bool = False) -> str:
    """It ends when it begins."""
    off = "night:off" if by_options else "night off"
    return f"That night would end when it begins; say for example 22:00-08:00, or /settings {off}."


def not_a_zone(text: str, nearest: str | None) -> str:
    """A time zone that the list does not have."""
    hint = f" Did you mean {nearest}?" if nearest else " Say for example Europe/Berlin or UTC."
    return f"I know no time zone “{common.shown(text)}”.{hint}"


def notices_here_or_none(text: str) -> str:
    """Notices go where this is said, or nowhere."""
    return (
        f"“{common.shown(text)}” is not a place for notices; say /settings notices here in the"
        " channel that should get them, or /settings notices none."
    )


def not_followed(name: str) -> str:
    """A setting for a coin that is not followed here."""
    return f"{name} is not followed here; /subscribe to it first, then choose for it."


def not_for_a_coin(name: Preference) -> str:
    """Something that cannot be chosen for one coin."""
    return WORDS[name].place_only


def one_scope(*, by_options: bool = False) -> str:
    """A coin, and a word like `place` beside it."""
    where = "everywhere" if by_options else "where it should count (here, or place)"
    return f"Please name either a coin, or {where}, not both."


# What is in force

TITLE = "Settings"
CHANGED = "Changed"


def label(name: Preference) -> str:
    """How a preference is called, mostly by the word that changes it."""
    return WORDS[name].label or name.spec.word


def value(name: Preference, text: str | None) -> str:
    """What it is; None where nobody chose. A role is told by `role` and `IS_MENTIONED`, the target
    of notices by `NOTICES_TO` and its name."""
    words = WORDS[name]
    known = text or name.spec.default
    if not known:
        return words.if_none
    if name.spec.kind is PreferenceKind.HOURS:
        return common.shown(known).replace("-", "–")
    return words.meanings.get(known, common.shown(known))


def role(role_id: str) -> str:
    """How a role is called where its name is not known."""
    return f"the role {common.shown(role_id)}"


IS_MENTIONED = " is mentioned"
"""Behind a role."""

NOTICES_TO = "to "
UNSEEN_CHANNEL = "a channel that you can’t see"
"""Before the channel where notices go."""


_SCOPES = {
    Scope.PLACE: "for all of this place",
    Scope.TARGET: "for this channel",
    Scope.SUBSCRIPTION: "for this coin",
}


def scope(chosen: Scope | None) -> str:
    """Which level a value comes from."""
    return _SCOPES[chosen] if chosen is not None else "by default"


def settings_of(name: str) -> str:
    """The title, for one coin."""
    return f"{TITLE} for {name}"


def how_to_change(*, by_options: bool = False) -> str:
    """Under the list."""
    night = _example(Preference.NIGHT, by_options)
    if by_options:
        return (
            f"To change one, fill in its option, for example {night}, or /settings at_end:delete"
            " everywhere:True. /help command:settings lists them all."
        )
    return (
        f"To change one, say for example {night}, or /settings at-end delete place. /help settings"
        " lists them all."
    )


# What `/help settings` says


def _typed_usages() -> str:
    return "".join(
        f"/settings {name.spec.word} {words.usage}\n"
        for name, words in WORDS.items()
        if words.usage
    )


def _option_usages() -> str:
    usages = []
    for name, words in WORDS.items():
        if words.option_usage:
            options = ", ".join(one.spec.option for one in (name, *name.spec.parts))
            usages.append(f"{options} – {words.option_usage}\n")
    return "".join(usages)


DETAILS = (
    "/settings shows what is in force. To change something:\n"
    f"{_typed_usages()}"
    "Each counts for this channel or topic; add the word place for all of this place, or a coin"
    " for that coin alone. The value default takes a choice back."
)

OPTION_DETAILS = (
    "/settings alone shows what is in force. To change something, fill in its options; several at"
    " once will do:\n"
    f"{_option_usages()}"
    "reset – take a choice back\n"
    "Each counts for this channel; everywhere:True makes it count for all of this server, and mint"
    " for that coin alone."
)
