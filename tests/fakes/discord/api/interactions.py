"""Requests that answer interactions. They need no bot token: theirs is in the path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.discord.api.messages import told
from tests.fakes.discord.api.refusals import Invalid, Refused, gone
from tests.fakes.discord.people.interaction import (
    AUTOCOMPLETE,
    CHOICES,
    DEFER,
    DEFER_UPDATE,
    MODAL,
    REPLY,
    SUBMIT,
    UPDATE,
    Asked,
)
from tests.fakes.discord.state.drafts import Draft
from tests.fakes.discord.state.messages import EPHEMERAL, LOADING, Message

if TYPE_CHECKING:
    from tests.fakes.discord.api.requests import Query
    from tests.fakes.discord.state.world import World

Answer = tuple[int, Any]
Json = dict[str, Any]

FOLLOWUPS_ELSEWHERE = 5
"""So many may follow where the bot is not a member."""


def callback(world: World, query: Query) -> Answer:
    """POST /interactions/{i}/{token}/callback: within 3 seconds, and once."""
    asked = world.asked.get(query.id("interaction_id"))
    if asked is None or asked.token != query.route.ids["interaction_token"]:
        raise gone(10062)
    if asked.callback is not None:
        raise Refused(400, 40060)
    if asked.too_late:
        raise gone(10062)
    kind = query.json["type"]
    if kind not in _allowed(asked):
        raise Invalid({"type": f"{kind} does not answer an interaction of type {asked.kind}"})
    _acknowledge(world, asked, query, kind)
    asked.callback, asked.acknowledged_at = kind, world.now()
    if query.params.get("with_response", "0").lower() not in ("1", "true"):
        return 204, None
    return 200, _response(world, asked, kind)


def follow_up(world: World, query: Query) -> Answer:
    """POST /webhooks/{app}/{token}. The first one after a deferral fills it, and is as public or
    ephemeral as that was."""
    asked = _find(world, query)
    if asked.callback == DEFER and asked.original is not None and asked.original.loading:
        if asked.original.deleted:
            raise gone(10008)
        _draft(world, asked, query.json, query).fill(asked.original)
        return 200, told(world, asked.original)
    if not asked.member_there and len(asked.followups) >= FOLLOWUPS_ELSEWHERE:
        raise Refused(400, 40094)
    message = _post(world, asked, _forced(asked, query.json), query)
    asked.followups.append(message)
    return 200, told(world, message)


def get(world: World, query: Query) -> Answer:
    """GET /webhooks/{app}/{token}/messages/{m or @original}."""
    return 200, told(world, _message(_find(world, query), query))


def edit(world: World, query: Query) -> Answer:
    """PATCH of the same."""
    asked = _find(world, query)
    message = _message(asked, query)
    draft = _draft(world, asked, query.json, query)
    if message.loading:
        draft.fill(message)
    else:
        draft.change(message)
    return 200, told(world, message)


def delete(world: World, query: Query) -> Answer:
    """DELETE of the same; an ephemeral one too."""
    message = _message(_find(world, query), query)
    message.deleted = True
    message.flags &= ~LOADING
    return 204, None


def _allowed(asked: Asked) -> tuple[int, ...]:
    if asked.kind == AUTOCOMPLETE:
        return (CHOICES,)
    allowed = (REPLY, DEFER) if asked.kind == SUBMIT else (REPLY, DEFER, MODAL)
    return allowed if asked.source is None else (*allowed, DEFER_UPDATE, UPDATE)


def _acknowledge(world: World, asked: Asked, query: Query, kind: int) -> None:
    data = query.json.get("data") or {}
    if kind == CHOICES:
        asked.choices = list(data.get("choices") or [])
    elif kind == MODAL:
        asked.modal = data
    elif kind == DEFER:
        asked.original = _thinking(world, asked, _forced(asked, data).get("flags") or 0)
    elif kind == REPLY:
        asked.original = _post(world, asked, _forced(asked, data), query)
    else:
        asked.original = asked.source
        if kind == UPDATE and asked.source is not None:
            _draft(world, asked, data, query).change(asked.source)


def _thinking(world: World, asked: Asked, flags: int) -> Message:
    if flags & ~EPHEMERAL:
        raise Invalid({"data.flags": "a deferral is ephemeral or not, and nothing else"})
    message = Message(
        world.ids.next(), asked.channel, world.bot.id, world.now(), interaction_id=asked.id
    )
    message.flags = flags | LOADING
    message.seen_by = asked.user.id if flags else None
    asked.channel.posts.append(message)
    world.messages[message.id] = message
    return message


def _response(world: World, asked: Asked, kind: int) -> Json:
    interaction: Json = {"id": str(asked.id), "type": asked.kind}
    resource: Json = {"type": kind}
    if asked.original is not None:
        interaction |= {
            "response_message_id": str(asked.original.id),
            "response_message_loading": asked.original.loading,
            "response_message_ephemeral": asked.original.ephemeral,
        }
        if kind in (REPLY, UPDATE):
            resource["message"] = told(world, asked.original)
    return {"interaction": interaction, "resource": resource}


def _find(world: World, query: Query) -> Asked:
    """The interaction of a token that is still worth something."""
    token = query.route.ids["webhook_token"]
    for asked in reversed(world.asked.values()):
        if asked.token == token:
            break
    else:
        raise Refused(401, 50027)
    if query.id("webhook_id") != world.application_id or asked.callback in (None, CHOICES, MODAL):
        raise gone(10015)
    if asked.expired:
        raise Refused(401, 50027)
    return asked


def _message(asked: Asked, query: Query) -> Message:
    """The message of the path: of this interaction, and not deleted."""
    named = query.route.ids.get("message_id")
    mine = [one for one in (asked.original, *asked.followups) if one is not None]
    if named is None:
        mine = mine[:1] if asked.original is not None else []
    else:
        mine = [one for one in mine if str(one.id) == named]
    if not mine or mine[0].deleted:
        raise gone(10008)
    return mine[0]


def _forced(asked: Asked, body: Json) -> Json:
    """Ephemeral, where people may not show others what an app of their own says."""
    guild = asked.channel.guild
    if guild is None or asked.member_there or guild.external_apps:
        return body
    return {**body, "flags": (body.get("flags") or 0) | EPHEMERAL}


def _post(world: World, asked: Asked, body: Json, query: Query) -> Message:
    draft = _draft(world, asked, body, query)
    return draft.post(asked.channel, asked=asked.id, seen_by=asked.user.id)


def _draft(world: World, asked: Asked, body: Json, query: Query) -> Draft:
    limit = asked.takes(len(one.data) for one in query.uploads)
    return Draft(world, body, query.uploads, limit, private=True)
