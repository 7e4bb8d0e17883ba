"""What can be chosen in a chat. Each preference has one entry here, from which `/settings`, the
options of Discord and the menus of Telegram are made; its words are in `bot.texts.preferences`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Scope(StrEnum):
    """Who chose a preference; the nearest wins: subscription, then target, then place."""

    PLACE = "place"
    TARGET = "target"
    SUBSCRIPTION = "subscription"


class Preference(StrEnum):
    """The names that are stored. Values are text, checked by the command that sets them."""

    ROLE = "role"
    NIGHT = "night"
    TIME_ZONE = "time_zone"
    NIGHT_MODE = "night_mode"
    NIGHT_MENTION = "night_mention"
    AT_END = "at_end"
    CLIP_BY = "clip_by"
    NOTICES = "notices"
    UPDATES = "updates"
    PICTURE = "picture"

    @property
    def spec(self) -> PreferenceSpec:
        """Its entry."""
        return PREFERENCES[self]


class PreferenceKind(StrEnum):
    """What its values are, and so how they are read and shown."""

    CHOICE = "choice"
    """One of `choices`."""
    ROLE = "role"
    """A role's id on its platform; empty for nobody."""
    HOURS = "hours"
    """`22:00-08:00`, or off."""
    ZONE = "zone"
    """A name of the IANA list."""
    CHANNEL = "channel"
    """The id of a target; empty for none."""


NOBODY = ""
"""The value for no role and for no channel, where a wider scope may have one."""

OFF = "off"
"""The value for no hours."""

_YES_NO = ("yes", "no")
_ON_OFF = {"on": "yes", "off": "no"}


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """How it stands in Telegram's menus.

    key: what stands for it behind their buttons. It never changes: old messages keep their buttons.
    place: its place among the others. words: what the buttons say for a person; else the choices.
    """

    key: str
    place: int
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreferenceSpec:
    """What a preference is; its words are in `bot.texts.preferences`.

    word: what `/settings` calls it. also: other words for it. synonyms: other words for its
    choices. parts: what can be said along with it, and is taken back with it. is_part: it is said
    in no other way. scopes: who can choose it. needs_roles: it means nothing where the platform
    has no roles. menu: None for what can only be typed.
    """

    kind: PreferenceKind
    word: str
    default: str
    choices: tuple[str, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    parts: tuple[Preference, ...] = ()
    scopes: frozenset[Scope] = frozenset(Scope)
    is_part: bool = False
    needs_roles: bool = False
    menu: MenuEntry | None = None

    @property
    def option(self) -> str:
        """The name of its option on Discord."""
        return self.word.replace("-", "_")

    @property
    def offered(self) -> tuple[str, ...]:
        """The words behind the buttons of its menu."""
        words = self.menu.words if self.menu is not None else ()
        return (*(words or self.choices), "default")


PREFERENCES: Mapping[Preference, PreferenceSpec] = MappingProxyType(
    {
        Preference.ROLE: PreferenceSpec(
            PreferenceKind.ROLE, "role", default=NOBODY, also=("mention", "ping"), needs_roles=True
        ),
        Preference.NIGHT: PreferenceSpec(
            PreferenceKind.HOURS,
            "night",
            default=OFF,
            also=("quiet",),
            parts=(Preference.TIME_ZONE, Preference.NIGHT_MODE, Preference.NIGHT_MENTION),
            menu=MenuEntry("n", 3, ("22-8", "23-7", "0-9", OFF, "silent", "skip", "digest")),
        ),
        Preference.TIME_ZONE: PreferenceSpec(
            PreferenceKind.ZONE, "zone", default="UTC", also=("time-zone", "timezone", "tz")
        ),
        Preference.NIGHT_MODE: PreferenceSpec(
            PreferenceKind.CHOICE,
            "at-night",
            default="silent",
            choices=("silent", "skip", "digest"),
            is_part=True,
        ),
        Preference.NIGHT_MENTION: PreferenceSpec(
            PreferenceKind.CHOICE,
            "night-mention",
            default="no",
            choices=_YES_NO,
            synonyms=_ON_OFF,
            needs_roles=True,
        ),
        Preference.AT_END: PreferenceSpec(
            PreferenceKind.CHOICE,
            "at-end",
            default="edit",
            choices=("edit", "delete", "leave"),
            synonyms={"keep": "leave"},
            also=("end",),
            menu=MenuEntry("a", 1),
        ),
        Preference.CLIP_BY: PreferenceSpec(
            PreferenceKind.CHOICE,
            "clip-by",
            default="everyone",
            choices=("everyone", "managers"),
            synonyms={
                "everybody": "everyone",
                "all": "everyone",
                "manager": "managers",
                "moderators": "managers",
                "mods": "managers",
                "admins": "managers",
            },
            also=("clip", "clips"),
            menu=MenuEntry("c", 2),
        ),
        Preference.NOTICES: PreferenceSpec(
            PreferenceKind.CHANNEL,
            "notices",
            default=NOBODY,
            also=("notice",),
            scopes=frozenset({Scope.PLACE}),
            menu=MenuEntry("o", 5, ("here", "none")),
        ),
        Preference.UPDATES: PreferenceSpec(
            PreferenceKind.CHOICE,
            "updates",
            default="no",
            choices=_YES_NO,
            synonyms=_ON_OFF,
            also=("update",),
            menu=MenuEntry("u", 4),
        ),
        Preference.PICTURE: PreferenceSpec(
            PreferenceKind.CHOICE,
            "picture",
            default="auto",
            choices=("auto", "live", "spoiler", "coin", "none"),
            synonyms={"hidden": "spoiler", "off": "none", "no": "none"},
            also=("pictures", "thumbnail"),
            menu=MenuEntry("i", 6),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A preference in force, and who chose it."""

    value: str
    scope: Scope


Preferences = dict[Preference, Chosen]


def in_force(chosen: Preferences, name: Preference) -> str:
    """What was chosen, else the default."""
    return chosen[name].value if name in chosen else name.spec.default
