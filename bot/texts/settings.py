"""What `/settings` says: what is in force, what was changed, and what cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import ControlGroup, Preference, PreferenceKind, Scope
from bot.texts import common
from bot.texts.preferences import WORDS


def unknown_preference(name: str, nearest: str | None, every: Sequence[str]) -> str:
    """There is no such setting."""
    if not name:
        return f"What do you want to change? Choose one: {', '.join(every)}."
    hint = f" Did you mean {nearest}?" if nearest else ""
    return f"“{common.shown(name)}” is not a setting.{hint} Settings: {', '.join(every)}."


def _example(name: Preference, by_options: bool) -> str:
    spec, words = name.spec, WORDS[name]
    if by_options:
        return f"/settings {words.filled or f'{spec.option}:{words.example}'}"
    return f"/settings {spec.word} {words.example}"


_VALUES = {
    PreferenceKind.ROLE: ("a role", "none"),
    PreferenceKind.HOURS: ("hours", "off"),
    PreferenceKind.ZONE: ("a time zone",),
    PreferenceKind.CHANNEL: ("here", "none"),
}


def _values(name: Preference) -> str:
    return f"{', '.join(name.spec.choices or _VALUES[name.spec.kind])} or default"


def say_a_value(name: Preference, *, by_options: bool = False) -> str:
    """A preference without a value."""
    return f"Add a value: {_values(name)}. Example: {_example(name, by_options)}"


def one_value(name: Preference, *, by_options: bool = False) -> str:
    """More than one value."""
    return f"Give one value only: {_values(name)}. Example: {_example(name, by_options)}"


def not_a_value(text: str, nearest: str | None, allowed: Sequence[str]) -> str:
    """A value that this setting does not have."""
    hint = f" Did you mean {nearest}?" if nearest else ""
    choices = ", ".join(allowed)
    return f"“{common.shown(text)}” isn't a choice here.{hint} Choices: {choices}."


def not_a_role(text: str) -> str:
    """Not a role's id."""
    return (
        f"“{common.shown(text)}” is not a role I can mention. Mention the role, give its ID, or use"
        " none."
    )


def no_roles() -> str:
    """A role where the platform has none."""
    return "Alerts can't mention a role here. Only Discord has roles."


def everyone_is_no_role() -> str:
    """@everyone."""
    return "I don't mention everyone. Choose a role that people can pick for themselves."


def odd_night_word(word: str, nearest: str | None, *, by_options: bool = False) -> str:
    """Something in a night that is no hours, no zone and no mode."""
    hint = f" Did you mean {nearest}?" if nearest else ""
    return (
        f"I don't understand “{common.shown(word)}” here.{hint}"
        f" Example: {_example(Preference.NIGHT, by_options)}"
    )


def not_hours(word: str) -> str:
    """Hours that cannot be."""
    return f"“{common.shown(word)}” is not a range of hours. Example: 22:00-08:00."


def empty_night(*, by_options: bool = False) -> str:
    """It ends when it begins."""
    off = "night:off" if by_options else "night off"
    return f"That night ends when it begins. Try 22:00-08:00, or /settings {off}."


def not_a_zone(text: str, nearest: str | None) -> str:
    """A time zone that the list does not have."""
    hint = f" Did you mean {nearest}?" if nearest else " Examples: Europe/Berlin, UTC."
    return f"“{common.shown(text)}” is not a time zone.{hint}"


def notices_here_or_none(text: str) -> str:
    """Notices go where this is said, or nowhere."""
    return (
        f"Notices can't go to “{common.shown(text)}”. Run /settings notices here in the channel"
        " that should get them, or /settings notices none."
    )


def not_followed(name: str) -> str:
    """A setting for a coin that is not followed here."""
    return f"{name} is not followed here. /subscribe to it first."


def not_for_a_coin(name: Preference) -> str:
    """Something that cannot be chosen for one coin."""
    return WORDS[name].place_only


def one_scope(*, by_options: bool = False) -> str:
    """A coin, and a word like `everywhere` beside it."""
    scope = "everywhere" if by_options else "a scope (here or everywhere)"
    return f"Choose either a coin or {scope}, not both."


# What is in force

TITLE = "Settings"
CHANGED = "Changed"


def label(name: Preference) -> str:
    """How a preference is called, as its control is."""
    return WORDS[name].control


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
UNSEEN_CHANNEL = "a channel you can't see"
"""Before the channel where notices go."""


_SCOPES = {
    Scope.PLACE: "everywhere",
    Scope.TARGET: "this channel",
    Scope.SUBSCRIPTION: "this coin",
}
_SCOPES_OF = {
    "discord": _SCOPES | {Scope.PLACE: "whole server"},
    "telegram": _SCOPES | {Scope.PLACE: "whole chat", Scope.TARGET: "here"},
    "local": _SCOPES | {Scope.PLACE: "", Scope.TARGET: ""},
}


def scope(chosen: Scope | None, platform: str) -> str:
    """Which level a value comes from; empty on the page, which is one place of one channel."""
    return _SCOPES_OF.get(platform, _SCOPES)[chosen] if chosen is not None else "default"


def settings_of(name: str) -> str:
    """The title, for one coin."""
    return f"{TITLE} for {name}"


def by_options_only() -> str:
    """For whom Discord's settings let use the command, but not its buttons."""
    return "Menus here need Manage Server. Use the options of /settings instead."


def how_to_change(*, by_options: bool = False) -> str:
    """Under the list."""
    help_ = "/help command:settings" if by_options else "/help settings"
    return f"Other values: {_example(Preference.NIGHT, by_options)}. More: {help_}."


# Controls

GROUPS = {
    ControlGroup.ALERTS: "Alerts",
    ControlGroup.NIGHT: "Night",
    ControlGroup.REST: "Clips and notices",
}
RESET_ALL = "Reset all"


def offer(name: Preference, word: str, platform: str) -> str:
    """A value that can be chosen, by the word that would be typed."""
    return _offers(name, platform).get(word, word)


def digest_at(hour: int, minute: int) -> str:
    """The digest, where it is known when the night ends."""
    return f"Digest at {hour}:{minute:02}"


def _offers(name: Preference, platform: str) -> dict[str, str]:
    words = WORDS[name]
    return {**words.offers, **(words.on_telegram if platform == "telegram" else {})}


def short(name: Preference, text: str, platform: str = "") -> str:
    """A value where there is little room."""
    if name.spec.kind is PreferenceKind.ROLE and text:
        return SOME_ROLE
    return _offers(name, platform).get(text) or _begun(value(name, text))


SOME_ROLE = "A role"
"""Where a role's name is not known."""


def _begun(words: str) -> str:
    """Where a label begins with them."""
    return words[:1].upper() + words[1:]


def by_default(known: str, chosen: Scope | None, platform: str) -> str:
    """To choose nothing: what holds then, and who chose that."""
    level = scope(chosen, platform) or _ALL_COINS if chosen is not None else "default"
    return f"{_begun(level)}: {known}"


_ALL_COINS = "all coins"
"""What the page's one level is, seen from a coin."""


def switch(to: Scope, platform: str) -> str:
    """A button that shows the settings of that level."""
    return _begun(scope(to, platform))


def settings_at(level: Scope, platform: str) -> str:
    """The title, for that level."""
    return f"{TITLE}: {scope(level, platform)}"


# Taking all of it back


WAS_RESET = "Settings reset."
UNDO_CHOICE = "undo the choice"
"""What the word default does with one setting; what holds then, a wider level may have chosen."""

_CHOSEN_FOR = {
    Scope.PLACE: "for all channels",
    Scope.TARGET: "for this channel",
    Scope.SUBSCRIPTION: "for this coin",
}
_CHOSEN_FOR_ON = {
    "discord": _CHOSEN_FOR | {Scope.PLACE: "for the whole server"},
    "telegram": _CHOSEN_FOR | {Scope.PLACE: "for the whole chat", Scope.TARGET: "here"},
    "local": _CHOSEN_FOR | {Scope.PLACE: "here", Scope.TARGET: "here"},
}


def nothing_to_reset(level: Scope, platform: str) -> str:
    """Nothing was chosen at that level; a wider one may have chosen."""
    where = _CHOSEN_FOR_ON.get(platform, _CHOSEN_FOR)[level]
    return f"Nothing to reset: nothing was chosen {where}."


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
    "/settings alone shows what applies here. To change something:\n"
    f"{_typed_usages()}"
    "Add a coin to change it for that coin only, or everywhere for all channels and topics. The"
    " value default undoes a choice; /settings default undoes all of them."
)

OPTION_DETAILS = (
    "/settings alone shows what applies here. To change something, fill in its options, as many as"
    " you like:\n"
    f"{_option_usages()}"
    "reset – undo a choice, or all of them\n"
    "A choice applies to this channel; everywhere:True applies it to the whole server, and mint to"
    " that coin only."
)
