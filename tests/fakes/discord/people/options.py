"""What the client makes of the options of a command, and what it refuses to send."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fakes.discord.people.users import Member, User
from tests.fakes.discord.state import payloads
from tests.fakes.discord.state.places import Channel, Role

if TYPE_CHECKING:
    from tests.fakes.discord.people.actor import Actor

Json = dict[str, Any]

SUB, SUB_GROUP, TEXT, WHOLE, YES_NO, PERSON, PLACE, ROLE, ANY, NUMBER = range(1, 11)
_PYTHON = {TEXT: str, WHOLE: int, YES_NO: bool, NUMBER: float}


@dataclass(slots=True)
class Typed:
    """The `options` and `resolved` of an interaction."""

    options: list[Json] = field(default_factory=list)
    resolved: dict[str, Json] = field(default_factory=dict)
    leaf: list[Json] = field(default_factory=list)


def find_command(synced: dict[str, Json], name: str) -> Json:
    """By the first word of its name."""
    first = name.split()[0]
    assert first in synced, f"/{first} was not synced; there are {sorted(synced)}"
    return synced[first]


def read_options(
    actor: Actor, command: Json, name: str, values: dict[str, Any], *, partial: bool = False
) -> Typed:
    """Check them as the client does, and write them as it does. `partial`: while typing."""
    typed = Typed()
    described, place = command.get("options") or [], typed.options
    for word in name.split()[1:]:
        (inner,) = (one for one in described if one["name"] == word and one["type"] <= SUB_GROUP)
        place.append({"name": word, "type": inner["type"], "options": []})
        described, place = inner.get("options") or [], place[-1]["options"]
    known = {one["name"]: one for one in described}
    unknown = set(values) - set(known)
    assert not unknown, f"/{name} has no {sorted(unknown)}, but {sorted(known)}"
    for option in described:
        if option["name"] in values:
            place.append(_one(actor, typed, option, values[option["name"]], partial))
        else:
            assert partial or not option.get("required"), f"/{name} needs {option['name']}"
    typed.leaf = place
    return typed


def focus(typed: Typed, option: str) -> None:
    """Mark the option that is being typed."""
    for one in typed.leaf:
        if one["name"] == option:
            one["focused"] = True


def _one(actor: Actor, typed: Typed, option: Json, value: Any, partial: bool) -> Json:
    kind = option["type"]
    written: Json = {"name": option["name"], "type": kind}
    if kind in _PYTHON:
        if not partial:
            _check_plain(option, value)
        else:
            assert isinstance(value, str) is False or kind == TEXT or option.get("autocomplete")
        return written | {"value": value}
    return written | {"value": _resolve(actor, typed, option, value)}


def _check_plain(option: Json, value: Any) -> None:
    name, kind = option["name"], option["type"]
    assert isinstance(value, _PYTHON[kind] if kind != NUMBER else (int, float)), f"{name}: {value}"
    choices = option.get("choices")
    assert not choices or value in [one["value"] for one in choices], f"{name}: not a choice"
    size = len(str(value)) if kind == TEXT else value
    low = option.get("min_length") if kind == TEXT else option.get("min_value")
    high = option.get("max_length", 6000) if kind == TEXT else option.get("max_value")
    assert low is None or size >= low, f"{name}: the client asks for {low} or more"
    assert high is None or size <= high, f"{name}: the client allows {high} at most"


def _resolve(actor: Actor, typed: Typed, option: Json, value: Any) -> str:
    kind = option["type"]
    if kind in (PERSON, ANY) and isinstance(value, Member | User):
        user = value.user if isinstance(value, Member) else value
        typed.resolved.setdefault("users", {})[str(user.id)] = payloads.user(user)
        return str(user.id)
    if kind in (ROLE, ANY) and isinstance(value, Role):
        typed.resolved.setdefault("roles", {})[str(value.id)] = payloads.role(value)
        return str(value.id)
    assert kind == PLACE, f"{option['name']}: {value!r} is of another kind"
    assert isinstance(value, Channel), f"{option['name']}: {value!r} is no channel"
    kinds = option.get("channel_types")
    assert not kinds or value.kind in kinds, f"{option['name']}: not that kind of channel"
    seen = actor.member.permissions_in(value)
    told = payloads.channel(value) | {"permissions": str(seen)}
    typed.resolved.setdefault("channels", {})[str(value.id)] = told
    return str(value.id)
