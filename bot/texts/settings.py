"""What `/settings` says: what is in force, what was changed, and what cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Preference, Scope
from bot.texts import common


def unknown_preference(name: str, nearest: str | None, every: Sequence[str]) -> str:
    """There is no such setting."""
    if not name:
        return f"Please say what to change: one of {', '.join(every)}."
    hint = f" Did you mean {nearest}?" if nearest else ""
    return f"“{common.shown(name)}” is not a setting.{hint} There are {', '.join(every)}."


_EXAMPLES = {
    "role": ("role 123456789", "role:@alerts"),
    "night": (
        "night 22:00-08:00 Europe/Berlin silent",
        "night:22:00-08:00 zone:Europe/Berlin at_night:silent",
    ),
    "zone": ("zone Europe/Berlin", "zone:Europe/Berlin"),
    "night-mention": ("night-mention no", "night_mention:no"),
    "at-end": ("at-end edit", "at_end:edit"),
    "clip-by": ("clip-by managers", "clip_by:managers"),
    "notices": ("notices here", "notices:#general"),
    "updates": ("updates yes", "updates:yes"),
}
"""By topic, as it is typed and as its options are filled in."""


def _example(topic: str, by_options: bool) -> str:
    return f"/settings {_EXAMPLES[topic][by_options]}"


def say_a_value(topic: str, *, by_options: bool = False) -> str:
    """A topic without a value."""
    return f"Please say what it should be, for example: {_example(topic, by_options)}"


def one_value(topic: str, *, by_options: bool = False) -> str:
    """More than one value."""
    return f"Please say one value, for example: {_example(topic, by_options)}"


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
        f" Say it like this: {_example('night', by_options)}"
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


def not_for_a_coin() -> str:
    """Something that cannot be chosen for one coin."""
    return "Where notices go can only be chosen for the whole place; please name no coin."


def one_scope(*, by_options: bool = False) -> str:
    """A coin, and a word like `place` beside it."""
    where = "everywhere" if by_options else "where it should count (here, or place)"
    return f"Please name either a coin, or {where}, not both."


# What is in force

TITLE = "Settings"
CHANGED = "Changed"

_LABELS = {
    Preference.ROLE: "role",
    Preference.NIGHT: "night",
    Preference.TIME_ZONE: "zone",
    Preference.NIGHT_MODE: "at night",
    Preference.NIGHT_MENTION: "night-mention",
    Preference.AT_END: "at-end",
    Preference.CLIP_BY: "clip-by",
    Preference.NOTICES: "notices",
    Preference.UPDATES: "updates",
}

_MEANINGS = {
    Preference.NIGHT_MODE: {
        "silent": "silent: alerts come without a sound",
        "skip": "skip: no alerts",
        "digest": "digest: one list in the morning",
    },
    Preference.NIGHT_MENTION: {
        "yes": "yes: the role is mentioned at night, too",
        "no": "no: nobody is mentioned at night",
    },
    Preference.AT_END: {
        "edit": "edit: the alert says how long it was",
        "delete": "delete: the alert goes",
        "leave": "leave: the alert stays as it was",
    },
    Preference.CLIP_BY: {
        "everyone": "everyone",
        "managers": "managers: nobody else makes clips",
    },
    Preference.UPDATES: {
        "yes": "yes: title and viewers are kept up to date",
        "no": "no: title and viewers stay as they were",
    },
}

_DEFAULTS = {
    Preference.ROLE: "nobody is mentioned",
    Preference.NIGHT: "off",
    Preference.TIME_ZONE: "UTC",
    Preference.NIGHT_MODE: _MEANINGS[Preference.NIGHT_MODE]["silent"],
    Preference.NIGHT_MENTION: _MEANINGS[Preference.NIGHT_MENTION]["no"],
    Preference.AT_END: _MEANINGS[Preference.AT_END]["edit"],
    Preference.CLIP_BY: "everyone",
    Preference.NOTICES: "to who subscribed",
    Preference.UPDATES: _MEANINGS[Preference.UPDATES]["no"],
}


def label(name: Preference) -> str:
    """How a preference is called, mostly by the word that changes it."""
    return _LABELS[name]


def value(name: Preference, text: str | None) -> str:
    """What it is; None where nobody chose. A role is told by `role` and `IS_MENTIONED`, the target
    of notices by `NOTICES_TO` and its name."""
    if not text:  # `none` is stored as an empty text
        return _DEFAULTS[name]
    if name is Preference.NIGHT and text != _DEFAULTS[name]:
        return common.shown(text).replace("-", "–")
    return _MEANINGS.get(name, {}).get(text, common.shown(text))


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
    night = _example("night", by_options)
    if by_options:
        return (
            f"To change one, fill in its option, for example {night}, or /settings at_end:delete"
            " everywhere:True. /help command:settings lists them all."
        )
    return (
        f"To change one, say for example {night}, or /settings at-end delete place. /help settings"
        " lists them all."
    )
