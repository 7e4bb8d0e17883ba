"""What can be chosen, as controls: one for each preference, made of its entry. Pure."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from bot import texts
from bot.alerts import parse_hours
from bot.commands.parsing.preferences import HERE, ParseContext, parse_change
from bot.commands.settings.level import DEFAULT, KEEP, Level, PanelPress
from bot.model import (
    Chosen,
    ControlGroup,
    Line,
    Option,
    Pick,
    Preference,
    PreferenceKind,
    Preferences,
    Select,
    in_force,
)

_PICKS = {PreferenceKind.ROLE: Pick.ROLE, PreferenceKind.CHANNEL: Pick.CHANNEL}


@dataclass(frozen=True, slots=True)
class Channel:
    """Where notices may go: what people call it, and its id on the platform."""

    name: str
    key: str
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class PanelState:
    """What the controls of a level show. `told`: each preference in words, and so which there are.
    `chosen` is in force there, `wider` what would be if that level had chosen nothing. `channels`
    by the values that name them. `opened` is the one that is shown where there is no room for all.
    """

    level: Level
    platform: str
    told: Mapping[Preference, Line]
    chosen: Preferences
    wider: Preferences
    zones: Collection[str]
    channels: Mapping[str, Channel] = field(default_factory=dict)
    opened: Preference | None = None

    def own(self, name: Preference) -> str | None:
        """What this level itself chose."""
        by = self.chosen.get(name)
        is_own = by is not None and by.scope is self.level.owner_of(name)
        return by.value if by is not None and is_own else None


def selects_of(state: PanelState) -> tuple[Select, ...]:
    """Those of one group beside each other, in the order of the entries."""
    groups = list(ControlGroup)
    names = sorted(state.told, key=lambda name: groups.index(name.spec.control.group))
    return tuple(_select(name, state) for name in names if state.level.offers(name))


def _select(name: Preference, state: PanelState) -> Select:
    spec, own = name.spec, state.own(name)
    channel = state.channels.get(own or "")
    return Select(
        action=PanelPress(state.level, name, "").action,
        label=texts.preferences.WORDS[name].control,
        group=texts.settings.GROUPS[spec.control.group],
        told=state.told[name],
        options=tuple(_options(name, state)),
        opens=PanelPress(state.level, name).action,
        closes=PanelPress(state.level).action,
        is_open=name is state.opened,
        picks=_PICKS.get(spec.kind),
        picked=(channel.key if channel is not None else own or "") if spec.kind in _PICKS else "",
    )


def _options(name: Preference, state: PanelState) -> Iterator[Option]:
    """What was typed and is not among those that are offered stands before them."""
    own = state.own(name)
    offered = [
        Option(word, _label(name, word, state), _is_chosen(name, word, own, state))
        for word in name.spec.offered
    ]
    if own is not None and not any(option.is_chosen for option in offered):
        yield Option(KEEP, _short(name, own, state), is_chosen=True)
    yield from offered
    yield Option(DEFAULT, _by_default(name, state), is_chosen=own is None)


def _label(name: Preference, word: str, state: PanelState) -> str:
    return _digest(name, word, state) or texts.settings.offer(name, word, state.platform)


def _digest(name: Preference, word: str, state: PanelState) -> str:
    """Empty for what is no digest, and where no night says when it comes."""
    is_digest = (name, word) == (Preference.NIGHT_MODE, "digest")
    hours = parse_hours(in_force(state.chosen, Preference.NIGHT)) if is_digest else None
    return texts.settings.digest_at(hours.end.hour, hours.end.minute) if hours is not None else ""


def _is_chosen(name: Preference, word: str, own: str | None, state: PanelState) -> bool:
    value = stored(name, word, frozenset(state.zones))
    if value == HERE and own is not None:
        channel = state.channels.get(own)
        return channel is not None and channel.is_here
    return value == own


@functools.lru_cache(maxsize=256)
def stored(name: Preference, word: str, zones: frozenset[str]) -> str | None:
    """What is kept when that word is said."""
    words = (Preference.NIGHT if name.spec.is_part else name).spec.word, word
    return parse_change(words, ParseContext(zones, everyone="")).values[name]


def _short(name: Preference, value: str, state: PanelState) -> str:
    """A value where there is little room."""
    channel = state.channels.get(value)
    if channel is not None:
        return channel.name
    return _digest(name, value, state) or texts.settings.short(name, value, state.platform)


def _by_default(name: Preference, state: PanelState) -> str:
    by: Chosen | None = state.wider.get(name)
    if by is not None and by.scope is state.level.owner_of(name):
        by = None
    value = by.value if by is not None else name.spec.default
    scope = by.scope if by is not None else None
    return texts.settings.by_default(_short(name, value, state), scope, state.platform)
