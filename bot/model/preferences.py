"""What can be chosen in a chat. Each preference has one entry here, from which `/settings`, its
controls, the options of Discord and what is suggested are made; its words are in
`bot.texts.preferences`.
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
    REPLAY = "replay"

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
_ZONES = (
    "los_angeles",
    "denver",
    "chicago",
    "new_york",
    "sao_paulo",
    "utc",
    "london",
    "berlin",
    "lagos",
    "moscow",
    "dubai",
    "kolkata",
    "bangkok",
    "shanghai",
    "tokyo",
    "sydney",
)
"""From west to east, by the names that their cities go by."""


class ControlGroup(StrEnum):
    """The headings that controls stand under, in their order."""

    ALERTS = "alerts"
    NIGHT = "night"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Control:
    """How it is chosen by a press, beside the others of its group.

    key: what stands for it behind buttons. It never changes: old messages keep their buttons.
    words: what is offered, as it would be typed, in at most 12 bytes; else the choices are.
    """

    key: str
    group: ControlGroup
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreferenceSpec:
    """What a preference is; its words are in `bot.texts.preferences`.

    word: what `/settings` calls it. also: other words for it. synonyms: other words for its
    choices. parts: what can be said along with it, and is taken back with it. is_part: it is said
    in no other way. scopes: who can choose it. needs_roles: it means nothing where the platform
    has no roles.
    """

    kind: PreferenceKind
    word: str
    default: str
    control: Control
    choices: tuple[str, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    parts: tuple[Preference, ...] = ()
    scopes: frozenset[Scope] = frozenset(Scope)
    is_part: bool = False
    needs_roles: bool = False

    @property
    def option(self) -> str:
        """The name of its option on Discord."""
        return self.word.replace("-", "_")

    @property
    def offered(self) -> tuple[str, ...]:
        """The words that can be chosen by a press, as they would be typed."""
        return self.control.words or self.choices


PREFERENCES: Mapping[Preference, PreferenceSpec] = MappingProxyType(
    {
        Preference.ROLE: PreferenceSpec(
            PreferenceKind.ROLE,
            "role",
            default=NOBODY,
            control=Control("r", ControlGroup.ALERTS, ("none",)),
            also=("mention", "ping"),
            needs_roles=True,
        ),
        Preference.NIGHT: PreferenceSpec(
            PreferenceKind.HOURS,
            "night",
            default=OFF,
            control=Control("n", ControlGroup.NIGHT, ("22-8", "23-7", "0-9", OFF)),
            also=("quiet",),
            parts=(Preference.TIME_ZONE, Preference.NIGHT_MODE, Preference.NIGHT_MENTION),
        ),
        Preference.TIME_ZONE: PreferenceSpec(
            PreferenceKind.ZONE,
            "zone",
            default="UTC",
            control=Control("z", ControlGroup.NIGHT, _ZONES),
            also=("time-zone", "timezone", "tz"),
        ),
        Preference.NIGHT_MODE: PreferenceSpec(
            PreferenceKind.CHOICE,
            "at-night",
            default="silent",
            control=Control("m", ControlGroup.NIGHT),
            choices=("silent", "skip", "digest"),
            is_part=True,
        ),
        Preference.NIGHT_MENTION: PreferenceSpec(
            PreferenceKind.CHOICE,
            "night-mention",
            default="no",
            control=Control("p", ControlGroup.NIGHT),
            choices=_YES_NO,
            synonyms=_ON_OFF,
            needs_roles=True,
        ),
        Preference.AT_END: PreferenceSpec(
            PreferenceKind.CHOICE,
            "at-end",
            default="edit",
            control=Control("a", ControlGroup.ALERTS),
            choices=("edit", "delete", "leave"),
            synonyms={"keep": "leave"},
            also=("end",),
        ),
        Preference.CLIP_BY: PreferenceSpec(
            PreferenceKind.CHOICE,
            "clip-by",
            default="everyone",
            control=Control("c", ControlGroup.REST),
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
        ),
        Preference.NOTICES: PreferenceSpec(
            PreferenceKind.CHANNEL,
            "notices",
            default=NOBODY,
            control=Control("o", ControlGroup.REST, ("here",)),
            also=("notice",),
            scopes=frozenset({Scope.PLACE}),
        ),
        Preference.UPDATES: PreferenceSpec(
            PreferenceKind.CHOICE,
            "updates",
            default="no",
            control=Control("u", ControlGroup.ALERTS),
            choices=_YES_NO,
            synonyms=_ON_OFF,
            also=("update",),
        ),
        Preference.PICTURE: PreferenceSpec(
            PreferenceKind.CHOICE,
            "picture",
            default="auto",
            control=Control("i", ControlGroup.ALERTS),
            choices=("auto", "live", "moving", "spoiler", "coin", "none"),
            synonyms={"gif": "moving", "hidden": "spoiler", "off": "none", "no": "none"},
            also=("pictures", "thumbnail"),
        ),
        Preference.REPLAY: PreferenceSpec(
            PreferenceKind.CHOICE,
            "replay",
            default="auto",
            control=Control("y", ControlGroup.REST),
            choices=("auto", "on", OFF),
            synonyms={"automatic": "auto", "yes": "on", "always": "on", "no": OFF, "never": OFF},
            also=("replays", "instant-replay"),
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
