"""How the body of a request becomes a message, or changes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.discord.api.refusals import Invalid, Refused
from tests.fakes.discord.state import components as parts
from tests.fakes.discord.state import mentions, message_rules
from tests.fakes.discord.state.messages import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    PICTURES,
    SILENT,
    SUPPRESS_EMBEDS,
    Attachment,
    Message,
)

if TYPE_CHECKING:
    from tests.fakes.discord.api.requests import Upload
    from tests.fakes.discord.state.places import Channel
    from tests.fakes.discord.state.world import World

Json = dict[str, Any]

_SETTABLE = SUPPRESS_EMBEDS | SILENT | COMPONENTS_V2
_CHANGEABLE = SUPPRESS_EMBEDS | COMPONENTS_V2


@dataclass(frozen=True, slots=True)
class Draft:
    """What one request wants shown. `limit` is in bytes for each file. `private` may be
    ephemeral, as answers to interactions may."""

    world: World
    body: Json
    uploads: tuple[Upload, ...]
    limit: int
    private: bool = False

    def post(self, channel: Channel, *, asked: int | None = None, seen_by: int = 0) -> Message:
        """A new message. Raises `Refused`."""
        message = Message(self.world.ids.next(), channel, self.world.bot.id, self.world.now())
        message.interaction_id = asked
        message.flags = self._flags(_SETTABLE | (EPHEMERAL if self.private else 0))
        message.seen_by = seen_by if message.ephemeral else None
        nonce = self.body.get("nonce")
        message.nonce = None if nonce is None else str(nonce)
        self._show(message)
        mentions.ping(message, self.body.get("allowed_mentions"))
        channel.posts.append(message)
        self.world.messages[message.id] = message
        return message

    def change(self, message: Message) -> None:
        """Edit: what the request does not name stays. Raises `Refused`, and then all stays."""
        mentions.Allowed.of(self.body.get("allowed_mentions"))
        changing = _CHANGEABLE | (EPHEMERAL if self.private else 0)
        flags = self._flags(changing) if self.body.get("flags") is not None else 0
        self._show(message)
        message.flags |= flags & COMPONENTS_V2
        message.edited += 1
        message.edited_at = self.world.now()

    def fill(self, message: Message) -> None:
        """The message that said "is thinking…" shows its answer: no edit for those who see it.
        Whether it is ephemeral was settled by the deferral."""
        flags = self._flags(_SETTABLE | EPHEMERAL)
        self._show(message)
        message.flags = (message.flags | flags & COMPONENTS_V2) & ~LOADING
        mentions.ping(message, self.body.get("allowed_mentions"))

    def _show(self, message: Message) -> None:
        """Put it all in, once it is known to be right."""
        content = message.content
        if "content" in self.body:
            content = (self.body["content"] or "").strip()
        embeds = self._part("embeds", message.embeds)
        components = self._part("components", message.components)
        files = self._files(message)
        new_kind = self._is_new_kind(message)
        names = {one.name for one in files}
        message_rules.check(content, embeds, components, names, new_kind=new_kind)
        if message_rules.is_empty(content, embeds, components, bool(files)):
            raise Refused(400, 50006)
        if new_kind and (content or embeds):
            raise Invalid({"flags": "the new components go with no content and no embeds"})
        message.content, message.attachments = content, files
        message.components = [parts.resolved(one, files) for one in components]
        message.embeds = [_resolved(embed, files) for embed in embeds]
        message.remember()

    def _is_new_kind(self, message: Message) -> bool:
        """Whether it is made of Components V2; once it is, no edit changes that."""
        return bool(((self.body.get("flags") or 0) | message.flags) & COMPONENTS_V2)

    def _part(self, name: str, before: list[Json]) -> list[Json]:
        return self.body[name] or [] if name in self.body else before

    def _flags(self, settable: int) -> int:
        flags = self.body.get("flags") or 0
        if flags & ~settable:
            raise Invalid({"flags": f"{flags & ~settable} cannot be set here"})
        return int(flags)

    def _files(self, message: Message) -> list[Attachment]:
        """Those to keep, and those that came along."""
        for upload in self.uploads:
            if len(upload.data) > self.limit:
                raise Refused(413, 40005)
        listed = self.body.get("attachments")
        told = {str(one["id"]): one for one in listed or ()}
        known = {str(one.id) for one in message.attachments}
        new = {str(one.index) for one in self.uploads}
        unknown = set(told) - known - new
        if unknown:
            raise Invalid({"attachments": f"{sorted(unknown)} are neither there nor uploaded"})
        kept = [one for one in message.attachments if listed is None or str(one.id) in told]
        return kept + [self._store(message, one, told) for one in self.uploads]

    def _store(self, message: Message, upload: Upload, told: dict[str, Json]) -> Attachment:
        said = told.get(str(upload.index), {})
        name = said.get("filename") or upload.name
        own_id = self.world.ids.next()
        url = f"{self.world.cdn}/attachments/{message.channel.id}/{own_id}/{name}?ex=1&is=1&hm=1"
        attachment = Attachment(own_id, name, upload.data, url, said.get("description"))
        self.world.files[own_id] = attachment
        return attachment


def _resolved(embed: Json, files: list[Attachment]) -> Json:
    """With `attachment://` turned into the address of the file."""
    urls = {f"attachment://{one.name}": one.url for one in files}
    pictures = {
        kind: {**embed[kind], "url": urls.get(embed[kind]["url"], embed[kind]["url"])}
        for kind in PICTURES
        if (embed.get(kind) or {}).get("url")
    }
    return {"type": "rich", **embed, **pictures}
