"""The requests that answer one interaction. They carry its own token, never the bot's, and are
counted in no limit but their own."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import discord
from discord.http import MultipartParameters
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.alerts import Fault, SendError
from bot.kit.files import Files
from bot.platforms.discord.connection.api_requests import ask
from bot.platforms.discord.connection.client_port import ClientPort, connected
from bot.platforms.discord.messages.render import Json, Rendered
from bot.platforms.discord.messages.uploads import parameters

Request = Callable[..., Coroutine[Any, Any, Any]]

ORIGINAL = "@original"
"""The message that the first answer made."""


class Webhook:
    """Of one interaction. Every method gives Discord's answer as JSON, or raises SendError."""

    def __init__(
        self, client_port: ClientPort, files: Files, interaction_id: str, token: str
    ) -> None:
        self._client_port = client_port
        self._files = files
        self._interaction_id = interaction_id
        self._token = token

    async def respond(self, kind: int, shown: Rendered) -> Json:
        """The first answer, of that type."""
        async with parameters(shown, self._files, callback=kind) as (form, size):
            request = _adapter().create_interaction_response
            result = await self._ask(request, int(self._interaction_id), size=size, params=form)
        return dict(result or {})

    async def change(self, message_id: str, shown: Rendered, keep: Sequence[str]) -> Json:
        """Put something in the place of a message; of its files only those of `keep` stay."""
        async with parameters(shown, self._files, keep=keep) as (form, size):
            request = _with_id(_adapter().edit_webhook_message, message_id)
            more = {**_parts(form), "with_components": True}
            return dict(await self._ask(request, self._own_id(), size=size, **more))

    async def look(self, message_id: str) -> Json:
        """A message as it is."""
        request = _with_id(_adapter().get_webhook_message, message_id)
        return dict(await self._ask(request, self._own_id()))

    async def follow_up(self, shown: Rendered) -> Json:
        """One more message."""
        async with parameters(shown, self._files) as (form, size):
            request = _adapter().execute_webhook
            more = {**_parts(form), "with_components": True, "wait": True}
            return dict(await self._ask(request, self._own_id(), size=size, **more))

    async def delete(self, message_id: str) -> None:
        """Take a message away."""
        await self._ask(_with_id(_adapter().delete_webhook_message, message_id), self._own_id())

    def _own_id(self) -> int:
        application_id = self._client_port.application_id
        if application_id is None:
            raise SendError(Fault.NOT_SENT, detail="not connected")
        return application_id

    async def _ask(self, request: Request, owner: int, *, size: int = 0, **more: Any) -> Any:
        known = discord.Webhook.partial(owner, self._token, client=connected(self._client_port))
        session = {
            "session": known.session,
            "proxy": known.proxy,
            "proxy_auth": known.proxy_auth,
        }
        return await ask(request(owner, self._token, **session, **more), size=size, is_webhook=True)


def _adapter() -> AsyncWebhookAdapter:
    return async_context.get()


def _parts(form: MultipartParameters) -> Json:
    return {"payload": form.payload, "multipart": form.multipart, "files": form.files}


def _with_id(request: Request, message_id: str) -> Request:
    """discord.py wants a number, and passes on what it is given, such as `@original`."""

    def named(owner: int, token: str, **more: Any) -> Coroutine[Any, Any, Any]:
        return request(owner, token, message_id, **more)

    return named
