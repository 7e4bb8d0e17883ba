"""Requests about messages in channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.discord.api.refusals import Invalid, Refused, forbidden, gone
from tests.fakes.discord.state import payloads
from tests.fakes.discord.state.drafts import Draft
from tests.fakes.discord.state.messages import CROSSPOSTED, Message
from tests.fakes.discord.state.permissions import bits
from tests.fakes.discord.state.places import DM, FORUM, NEWS, VOICE, Channel

if TYPE_CHECKING:
    from tests.fakes.discord.api.requests import Query
    from tests.fakes.discord.state.world import World

Answer = tuple[int, Any]

VIEW, SEND, CONNECT = bits(["view_channel"]), bits(["send_messages"]), bits(["connect"])
SEND_IN_THREADS, MANAGE_THREADS = bits(["send_messages_in_threads"]), bits(["manage_threads"])
EMBED, ATTACH = bits(["embed_links"]), bits(["attach_files"])
HISTORY, MANAGE = bits(["read_message_history"]), bits(["manage_messages"])


def create(world: World, query: Query) -> Answer:
    """POST /channels/{c}/messages."""
    channel = find_channel(world, query)
    body = query.json
    _may_send(channel)
    _may_show(channel, query)
    known = _by_nonce(world, body)
    if known is not None:
        return 200, told(world, known, nonce=True)
    message = Draft(world, body, query.uploads, _limit(channel)).post(channel)
    if channel.archived:
        channel.set_thread(archived=False)
    if message.nonce is not None and body.get("enforce_nonce"):
        world.nonces[message.nonce] = (message, world.now())
    return 200, told(world, message, nonce=True)


def edit(world: World, query: Query) -> Answer:
    """PATCH /channels/{c}/messages/{m}. Nothing is edited in an archived thread, which an edit
    does not reopen either, nor, without the right to manage threads, in a locked one."""
    channel = find_channel(world, query)
    message = _find_message(world, query, channel)
    if message.author_id != world.bot.id:
        raise forbidden(50005)
    _may_change(channel)
    _may_show(channel, query)
    _count_old_edit(world, message)
    Draft(world, query.json, query.uploads, _limit(channel)).change(message)
    return 200, told(world, message)


def delete(world: World, query: Query) -> Answer:
    """DELETE /channels/{c}/messages/{m}: not in an archived thread, whatever Discord's own
    documentation says (victornpb/undiscord#399), but in a locked one."""
    channel = find_channel(world, query)
    message = _find_message(world, query, channel)
    if message.author_id != world.bot.id and not channel.bot_permissions() & MANAGE:
        raise forbidden(50013)
    if channel.archived:
        raise Refused(400, 50083)
    message.deleted = True
    return 204, None


def get(world: World, query: Query) -> Answer:
    """GET /channels/{c}/messages/{m}."""
    channel = find_channel(world, query)
    if not channel.bot_permissions() & HISTORY:
        raise forbidden(50013)
    return 200, told(world, _find_message(world, query, channel))


def history(world: World, query: Query) -> Answer:
    """GET /channels/{c}/messages, the newest first. Without the right to read the history the
    answer is an empty list, not an error."""
    channel = find_channel(world, query)
    if not channel.bot_permissions() & HISTORY:
        return 200, []
    limit = int(query.params.get("limit", 50))
    if not 1 <= limit <= 100:
        raise Invalid({"limit": "must be between 1 and 100"})
    found = list(channel.messages)
    if "after" in query.params:
        found = [one for one in found if one.id > int(query.params["after"])][:limit]
    if "before" in query.params:
        found = [one for one in found if one.id < int(query.params["before"])]
    return 200, [told(world, one) for one in reversed(found[-limit:])]


def crosspost(world: World, query: Query) -> Answer:
    """POST /channels/{c}/messages/{m}/crosspost."""
    channel = find_channel(world, query)
    message = _find_message(world, query, channel)
    if channel.kind != NEWS:
        raise Refused(400, 50024)
    _may_send(channel)
    message.flags |= CROSSPOSTED
    return 200, told(world, message)


def typing(world: World, query: Query) -> Answer:
    """POST /channels/{c}/typing."""
    _may_send(find_channel(world, query))
    return 204, None


def change_thread(world: World, query: Query) -> Answer:
    """PATCH /channels/{c}, of a thread: who may write in threads may reopen it; a locked one, only
    who may manage threads as well."""
    channel = find_channel(world, query)
    if not channel.is_thread or set(query.json) != {"archived"}:
        raise Refused(400, 50024)
    held = channel.bot_permissions()
    if not held & SEND_IN_THREADS or (channel.locked and not held & MANAGE_THREADS):
        raise forbidden(50013)
    channel.set_thread(archived=query.json["archived"])
    return 200, payloads.channel(channel)


def find_channel(world: World, query: Query) -> Channel:
    """The channel of the path, which the bot can see."""
    channel = world.channels.get(query.id("channel_id"))
    if channel is None:
        raise gone(10003)
    if not channel.bot_permissions() & VIEW or channel.kind == 3:
        raise forbidden(50001)
    return channel


def told(world: World, message: Message, *, nonce: bool = False) -> dict[str, Any]:
    """Its JSON."""
    author = world.users[message.author_id]
    return payloads.message(message, author, application=world.application_id, nonce=nonce)


def _find_message(world: World, query: Query, channel: Channel) -> Message:
    message = world.messages.get(query.id("message_id"))
    there = message is not None and message.channel is channel
    if message is None or not there or message.deleted or message.ephemeral:
        raise gone(10008)
    return message


def _may_send(channel: Channel) -> None:
    held = channel.bot_permissions()
    if channel.kind == FORUM:
        raise Refused(400, 50008)
    if channel.kind == DM and channel.recipients[0].blocks:
        raise forbidden(50007)
    if channel.kind == VOICE and not held & CONNECT:
        raise forbidden(50001)
    if not held & (SEND_IN_THREADS if channel.is_thread else SEND):
        raise forbidden(50013)
    if channel.locked and channel.archived:
        raise Refused(400, 50083)  # for everybody: a message does not reopen it
    if channel.locked and not held & MANAGE_THREADS:
        raise Refused(400, 160005)


def _may_change(channel: Channel) -> None:
    if channel.archived:
        raise Refused(400, 50083)
    if channel.locked and not channel.bot_permissions() & MANAGE_THREADS:
        raise Refused(400, 160005)


def _may_show(channel: Channel, query: Query) -> None:
    held = channel.bot_permissions()
    if (query.json.get("embeds") and not held & EMBED) or (query.uploads and not held & ATTACH):
        raise forbidden(50013)


def _limit(channel: Channel) -> int:
    return channel.guild.file_limit if channel.guild is not None else 10 << 20


def _by_nonce(world: World, body: dict[str, Any]) -> Message | None:
    """The message that this author sent with this nonce in the last minutes, wherever."""
    if body.get("nonce") is None or not body.get("enforce_nonce"):
        return None
    message, since = world.nonces.get(str(body["nonce"]), (None, world.now()))
    if message is None or (world.now() - since).total_seconds() > world.nonce_lives:
        return None
    if message.deleted:
        raise gone(10008)
    return message


def _count_old_edit(world: World, message: Message) -> None:
    """Refuses with 429 and 30046 where too many old messages of a channel are edited."""
    now = world.now()
    if (now - message.created).total_seconds() <= world.old_after:
        return
    count, seconds = world.old_edits
    recent = [at for at in message.channel.old_edits if now.timestamp() - at < seconds]
    if len(recent) >= count:
        refused = Refused(429, 30046)
        wait = seconds - (now.timestamp() - recent[0])
        refused.body |= {"retry_after": wait, "global": False}
        raise refused
    message.channel.old_edits[:] = [*recent, now.timestamp()]
