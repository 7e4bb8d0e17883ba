"""The gateway: sessions that outlive their connections, as Discord keeps them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

Json = dict[str, Any]

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME = 0, 1, 2, 3, 6
RECONNECT, MEMBERS, INVALID, HELLO, ACK = 7, 8, 9, 10, 11

GUILDS = 1 << 0
DIRECT_MESSAGES = 1 << 12
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
"""Members, presences, the contents of messages: an application has them only when asked for."""
KNOWN_INTENTS = (1 << 26) - 1

UNKNOWN_OP, UNREADABLE, NOT_IDENTIFIED, NO_SUCH_TOKEN, TWICE = 4001, 4002, 4003, 4004, 4005
TOO_MANY, TIMED_OUT, BAD_SHARD, BAD_INTENTS, DISALLOWED_INTENTS = 4008, 4009, 4010, 4013, 4014

FRAMES_PER_MINUTE = 120
IDENTIFY_SECONDS = 5.0


@dataclass(slots=True, eq=False)
class Session:
    """What was told to one identified client, so that it can be told again. `socket` is None
    while it is not connected."""

    id: str
    intents: int
    shard: tuple[int, int] | None = None
    socket: web.WebSocketResponse | None = None
    events: list[Json] = field(default_factory=list)
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    def hears_of(self, guild_id: int | None) -> bool:
        """Whether what happens there is told to it; without a server, as in private, to the first
        shard alone."""
        number, count = self.shard or (0, 1)
        return number == (0 if guild_id is None else (guild_id >> 22) % count)

    def record(self, event: str, data: Any) -> Json:
        """Number it, and keep it."""
        frame = {"op": DISPATCH, "t": event, "s": len(self.events) + 1, "d": data}
        self.events.append(frame)
        return frame


@dataclass(slots=True)
class Gateway:
    """`identifies`, `resumes` and `heartbeats` count; with the codes in `closes` clients left.

    `heartbeat_interval` is in milliseconds. A test may set `privileged` to the intents that the
    application was granted, and `acks` to false for a connection that has died unnoticed. Of the
    shards in one bucket, which are as many as `max_concurrency`, one may identify in five seconds;
    `too_soon` counts those who did not wait, whose sessions are invalid where `is_strict`.
    Sessions are told to resume at `resume_url`, where it is set, of which nobody need listen;
    `refuses_resumes` is the code with which whoever would resume is closed.
    """

    token: str
    ready: Callable[[Session], list[tuple[str, Any]]]
    url: str = ""
    resume_url: str = ""
    refuses_resumes: int | None = None
    heartbeat_interval: int = 41_250
    privileged: int = 0
    acks: bool = True
    max_concurrency: int = 1
    is_strict: bool = False
    too_soon: int = 0
    identifies: int = 0
    resumes: int = 0
    heartbeats: int = 0
    closes: list[int | None] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict)
    connections: dict[web.WebSocketResponse, web.Request] = field(default_factory=dict)
    _identified_at: dict[int, float] = field(default_factory=dict)
    _refusals: list[int] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _ids: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def connected(self) -> list[Session]:
        """The sessions that somebody listens to."""
        return [one for one in self.sessions.values() if one.socket is not None]

    def dispatch(self, event: str, data: Any, *, intent: int = 0) -> int:
        """Tell every session of its shard that wants it, those that may resume too; how many."""
        guild_id = _guild_of(event, data)
        wanting = [
            one
            for one in self.sessions.values()
            if one.hears_of(guild_id) and (not intent or one.intents & intent)
        ]
        for session in wanting:
            frame = session.record(event, data)
            if session.socket is not None:
                self._send(session.socket, frame)
        return len(wanting)

    def reconnect(self) -> None:
        """Op 7: please connect anew and resume."""
        self._tell_all({"op": RECONNECT, "d": None})

    def invalidate(self, resumable: bool = False) -> None:
        """Op 9: the session is invalid; where it is not resumable it is forgotten."""
        self._tell_all({"op": INVALID, "d": resumable})
        if not resumable:
            self.sessions.clear()

    def close(self, code: int) -> None:
        """Close every connection with a code; sessions stay where Discord keeps them."""
        if code in (1000, 1001, NO_SUCH_TOKEN, 4007, TIMED_OUT):
            self.sessions.clear()
        for socket in list(self.connections):
            self._spawn(_close(socket, code))

    def refuse_identify(self, code: int, times: int = 1) -> None:
        """The next clients that identify are closed with a code, such as 4004 or 4014."""
        self._refusals.extend([code] * times)

    def drop(self) -> None:
        """Break every connection without a word."""
        for session in self.connected:
            session.socket = None
        for request in list(self.connections.values()):
            if request.transport is not None:
                request.transport.abort()

    def forget(self) -> None:
        """No session can be resumed any more."""
        self.sessions = {key: one for key, one in self.sessions.items() if one.socket}

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection of a client."""
        socket = web.WebSocketResponse(max_msg_size=0, autoclose=True)
        await socket.prepare(request)
        self.connections[socket] = request
        client = Connection(self, socket)
        try:
            await client.run()
        finally:
            del self.connections[socket]
            client.ended()
            self.closes.append(client.left_with)
        return socket

    async def settled(self) -> None:
        """Wait until all that is to be said has left."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """End all connections; nothing is left running."""
        self.drop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def next_refusal(self) -> int | None:
        """The code for the client that identifies now."""
        return self._refusals.pop(0) if self._refusals else None

    def is_in_turn(self, shard: tuple[int, int] | None) -> bool:
        """Whether nobody of its bucket has identified within five seconds. It does now."""
        bucket, now = (shard or (0, 1))[0] % self.max_concurrency, asyncio.get_running_loop().time()
        is_soon = now - self._identified_at.get(bucket, -IDENTIFY_SECONDS) < IDENTIFY_SECONDS
        self._identified_at[bucket] = now
        self.too_soon += is_soon
        return not is_soon or not self.is_strict

    def open(
        self, socket: web.WebSocketResponse, intents: int, shard: tuple[int, int] | None = None
    ) -> Session:
        """A new session, which has been told who it is and of its servers."""
        session = Session(secrets.token_hex(16), intents, shard, socket)
        self.sessions[session.id] = session
        for event, data in self.ready(session):
            self._send(socket, session.record(event, data))
        return session

    def resume(self, socket: web.WebSocketResponse, told: Json) -> Session | None:
        """The session of that id, told what it missed; None where there is none."""
        session = self.sessions.get(told.get("session_id", ""))
        seq = told.get("seq")
        if session is None or not isinstance(seq, int) or seq > len(session.events):
            return None
        session.socket = socket
        for frame in session.events[seq:]:
            self._send(socket, frame)
        self._send(socket, session.record("RESUMED", {"_trace": []}))
        return session

    def _tell_all(self, frame: Json) -> None:
        for socket in list(self.connections):
            self._send(socket, frame)

    def _send(self, socket: web.WebSocketResponse, frame: Json) -> None:
        self._spawn(_deliver(socket, frame))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"gateway {next(self._ids)}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _guild_of(event: str, data: Json) -> int | None:
    named = data.get("id" if event.startswith(("GUILD_CREATE", "GUILD_DELETE")) else "guild_id")
    return int(named) if named is not None else None


async def _close(socket: web.WebSocketResponse, code: int) -> None:
    await socket.close(code=code)


async def _deliver(socket: web.WebSocketResponse, frame: Json) -> None:
    # Frames leave in the order of their tasks: `send_str` writes before it first waits.
    with contextlib.suppress(ConnectionError):
        await socket.send_str(json.dumps(frame))


def _is_shard(told: Any) -> bool:
    """Its number and how many there are."""
    is_pair = isinstance(told, list) and len(told) == 2 and all(type(n) is int for n in told)
    return is_pair and 0 <= told[0] < told[1]


@dataclass(slots=True)
class Connection:
    """One socket: what a client says on it, and what it is told in return."""

    gateway: Gateway
    socket: web.WebSocketResponse
    session: Session | None = None
    left_with: int | None = None
    frames: list[float] = field(default_factory=list)

    async def run(self) -> None:
        """Until it is closed, or silent for too long."""
        interval = self.gateway.heartbeat_interval
        await _deliver(self.socket, {"op": HELLO, "d": {"heartbeat_interval": interval}})
        while not self.socket.closed:
            try:
                message = await self.socket.receive(timeout=interval / 1000 * 1.5)
            except TimeoutError:
                await self.socket.close(code=TIMED_OUT)
                return
            if message.type is WSMsgType.CLOSE:
                self.left_with = message.data
            if message.type is not WSMsgType.TEXT:
                return
            code = await self._hear(message.data)
            if code is not None:
                await self.socket.close(code=code)

    def ended(self) -> None:
        """A session that the client did not end itself may be resumed."""
        if self.session is None or self.session.socket is not self.socket:
            return
        self.session.socket = None
        if self.left_with in (1000, 1001):
            self.gateway.sessions.pop(self.session.id, None)

    async def _hear(self, text: str) -> int | None:
        """Act on one frame; the code to close with where it is wrong."""
        if self._too_many():
            return TOO_MANY
        try:
            frame = json.loads(text)
            op, told = frame["op"], frame["d"]
        except (ValueError, KeyError, TypeError):
            return UNREADABLE
        if op == HEARTBEAT:
            await self._beat()
            return None
        if op == IDENTIFY:
            return await self._identify(told)
        if op == RESUME:
            return await self._resume(told)
        if op not in (PRESENCE, 4, MEMBERS):
            return UNKNOWN_OP
        return None if self.session else NOT_IDENTIFIED

    async def _beat(self) -> None:
        self.gateway.heartbeats += 1
        if self.gateway.acks:
            await _deliver(self.socket, {"op": ACK, "d": None})

    async def _identify(self, told: Json) -> int | None:
        self.gateway.identifies += 1
        refusal = self._refusal(told)
        if refusal is not None:
            return refusal
        shard = tuple(told["shard"]) if "shard" in told else None
        if self.gateway.is_in_turn(shard):
            self.session = self.gateway.open(self.socket, told["intents"], shard)
        else:
            await _deliver(self.socket, {"op": INVALID, "d": False})
        return None

    def _refusal(self, told: Json) -> int | None:
        if self.session is not None:
            return TWICE
        chosen = self.gateway.next_refusal()
        if chosen is not None:
            return chosen
        if told.get("token") != self.gateway.token:
            return NO_SUCH_TOKEN
        if not _is_shard(told.get("shard", [0, 1])):
            return BAD_SHARD
        intents = told.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            return BAD_INTENTS
        if intents & PRIVILEGED & ~self.gateway.privileged:
            return DISALLOWED_INTENTS
        return None

    async def _resume(self, told: Json) -> int | None:
        self.gateway.resumes += 1
        if told.get("token") != self.gateway.token:
            return NO_SUCH_TOKEN
        if self.gateway.refuses_resumes is not None:
            return self.gateway.refuses_resumes
        self.session = self.gateway.resume(self.socket, told)
        if self.session is None:
            await _deliver(self.socket, {"op": INVALID, "d": False})
        return None

    def _too_many(self) -> bool:
        now = asyncio.get_running_loop().time()
        self.frames = [*(at for at in self.frames if at > now - 60), now]
        return len(self.frames) > FRAMES_PER_MINUTE
