"""What the client makes of pressed buttons, selects and forms, and what it does not let one do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tests.fakes.discord.state import payloads

if TYPE_CHECKING:
    from tests.fakes.discord.people.actor import Actor
    from tests.fakes.discord.state.messages import Message

Json = dict[str, Any]

_TEXTS, _LABEL, _RADIO, _CHECKBOX = 3, 18, 21, 23


def find_button(message: Message, label: str | None, custom_id: str | None) -> Json:
    """The one button that is meant, which must be one that can be pressed."""
    found = [
        one
        for one in message.buttons
        if (label is None or one.get("label") == label)
        and (custom_id is None or one.get("custom_id") == custom_id)
    ]
    labels = [one.get("label") for one in message.buttons]
    assert len(found) == 1, f"{len(found)} such buttons among {labels}"
    assert found[0].get("custom_id"), "a link opens in the browser: the bot does not learn of it"
    assert not found[0].get("disabled"), "that button is greyed out"
    return found[0]


def find_select(message: Message, custom_id: str) -> Json:
    """The select of that id, which must not be greyed out."""
    ids = [one["custom_id"] for one in message.selects]
    assert custom_id in ids, f"no such select among {ids}"
    found = message.selects[ids.index(custom_id)]
    assert not found.get("disabled"), "that select is greyed out"
    return found


def chosen(actor: Actor, select: Json, values: Sequence[str]) -> Json:
    """What is told of a choice: texts are values of options, all else are ids."""
    low = 1 if select.get("min_values") is None else select["min_values"]
    most = select.get("max_values") or 1
    assert low <= len(values) <= most, f"choose {low} to {most}"
    told = {"custom_id": select["custom_id"], "component_type": select["type"]}
    told["values"] = list(values)
    if select["type"] == _TEXTS:
        offered = [one["value"] for one in select["options"]]
        assert set(values) <= set(offered), f"{values} are not all among {offered}"
        return told
    return told | {"resolved": _resolved(actor, map(int, values))}


def filled(form: Json, values: Mapping[str, Any]) -> Json:
    """What is told of a modal; a field that `values` does not name is as it was."""
    parts = [dict(_part(one, values)) for one in form["components"]]
    return {"custom_id": form["custom_id"], "components": parts}


def _part(part: Json, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "type", part["type"]
    if part.get("components"):
        yield "components", [dict(_part(one, values)) for one in part["components"]]
    elif part["type"] == _LABEL:
        yield "component", dict(_part(part["component"], values))
    elif part.get("custom_id"):
        yield "custom_id", part["custom_id"]
        yield from _value(part, values.get(part["custom_id"])).items()


def _value(part: Json, value: Any) -> Json:
    """Texts as they are; of boxes and selects, which are told as lists, whatever was chosen."""
    if isinstance(value, str):
        return {"value": value}
    if part["type"] == _CHECKBOX:
        return {"value": bool(value)}
    if part["type"] == _RADIO:
        return {"value": value[0] if value else None}
    return {"value": part.get("value") or ""} if value is None else {"values": list(value)}


def _resolved(actor: Actor, ids: Iterable[int]) -> Json:
    """People, roles and channels by their ids."""
    guild = actor.channel.guild
    assert guild is not None, "there is nobody to choose here"
    told: dict[str, Json] = {}
    for one in ids:
        if one in actor.world.users:
            user = actor.world.users[one]
            told.setdefault("users", {})[str(one)] = payloads.user(user)
            if one in guild.members:
                member = payloads.member(guild.members[one])
                told.setdefault("members", {})[str(one)] = member
        elif one in guild.roles:
            told.setdefault("roles", {})[str(one)] = payloads.role(guild.roles[one])
        else:
            held = str(actor.member.permissions_in(guild.channels[one]))
            channel = payloads.channel(guild.channels[one]) | {"permissions": held}
            told.setdefault("channels", {})[str(one)] = channel
    return told
