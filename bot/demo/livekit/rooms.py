"""Who may enter a LiveKit server's rooms, and who is in them.

`livekit.api` (the extra `demo`) is imported where a token or a call is made, not before: the
server itself needs none of it.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livekit.api import LiveKitAPI


class Rooms:
    """The rooms of one server, opened by its key and secret."""

    def __init__(self, api_key: str, api_secret: str) -> None:
        self.api_key = api_key
        self.api_secret = api_secret
        self._port = 0

    @property
    def http_url(self) -> str:
        """Where its API answers."""
        return f"http://127.0.0.1:{self._port}"

    def token(
        self,
        room: str,
        identity: str,
        *,
        publish: bool = False,
        subscribe: bool = True,
        hidden: bool = False,
        metadata: str = "",
        ttl: float = 600.0,
    ) -> str:
        """A join token for `room`, good for `ttl` seconds (the server adds a minute of leeway)."""
        from livekit import api

        grants = api.VideoGrants(
            room_join=True, room=room, can_publish=publish, can_subscribe=subscribe, hidden=hidden
        )
        maker = api.AccessToken(self.api_key, self.api_secret).with_identity(identity)
        maker = maker.with_grants(grants).with_metadata(metadata)
        maker = maker.with_ttl(datetime.timedelta(seconds=ttl))
        token: str = maker.to_jwt()
        return token

    async def participants(self, room: str) -> list[str]:
        """The identities in `room`; empty when there is no such room."""
        from livekit import api

        async with self._api() as client:
            if not (await client.room.list_rooms(api.ListRoomsRequest(names=[room]))).rooms:
                return []
            found = await client.room.list_participants(api.ListParticipantsRequest(room=room))
        return [participant.identity for participant in found.participants]

    async def delete_room(self, room: str) -> None:
        """Close `room`: everybody in it is disconnected."""
        from livekit import api

        async with self._api() as client:
            await client.room.delete_room(api.DeleteRoomRequest(room=room))

    async def remove(self, room: str, identity: str) -> None:
        """Remove `identity` from the room."""
        from livekit import api

        async with self._api() as client:
            who = api.RoomParticipantIdentity(room=room, identity=identity)
            await client.room.remove_participant(who)

    @contextlib.asynccontextmanager
    async def _api(self) -> AsyncIterator[LiveKitAPI]:
        from livekit import api

        client = api.LiveKitAPI(self.http_url, self.api_key, self.api_secret, failover=False)
        try:
            yield client
        finally:
            await client.aclose()
