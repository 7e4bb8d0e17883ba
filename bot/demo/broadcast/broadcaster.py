"""The parent's end of a broadcaster: its process, its commands, its sudden death."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Self

from bot.demo.broadcast.options import Options
from bot.errors import ChildError
from bot.kit.processes.child import Child, Message

Token = str | Callable[[], str]
"""A token, or who makes a new one: a token is good for one joining only when time has passed."""

_MODULE = "bot.demo.broadcast.broadcaster_process"
_ANSWER_SECONDS = 30.0


class Broadcaster:
    """`async with Broadcaster.start(url=…, token=…, codec="vp8") as caster:` publishes meanwhile.

    Every command waits until it is done and raises ChildError, without tokens, where it failed.
    Options are those of `bot.demo.broadcast.options.Options`.
    """

    def __init__(self, url: str, tokens: Sequence[Token], options: Options) -> None:
        self._url = url
        self._tokens = tuple(tokens)
        self._options = options
        self._child: Child | None = None
        self._speaking = asyncio.Lock()
        self.zero_ns = 0
        """When frame 0 is due, by CLOCK_MONOTONIC; frame n is due n / fps later."""
        self.clock_zero = 0.0
        """What its clock shows in frame 0, in seconds of the day."""

    @classmethod
    def start(
        cls, *, url: str, token: Token = "", tokens: Sequence[Token] = (), **options: Any
    ) -> Self:
        """A broadcaster for one room, or with `tokens` for one room each, from the same frames.

        Raises ValueError or TypeError where an option does not hold.
        """
        return cls(url, tokens or (token,), Options(**options))

    async def __aenter__(self) -> Self:
        await self.come_back()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def options(self) -> Options:
        """What it was started with."""
        return self._options

    @property
    def loop_frames(self) -> int:
        """After how many frames the numbers of a pre-encoded loop repeat; 0 when they never do.

        They repeat from `options.intro_frames` on.
        """
        return self._options.loop_frames

    @property
    def pid(self) -> int:
        """The id of its process. Raises ChildError when there is none."""
        return self._alive().pid

    @property
    def last_words(self) -> str:
        """What its process printed last, without tokens."""
        return self._child.last_words if self._child is not None else ""

    async def mute(self, kind: str) -> None:
        """Mute `video`, `audio` or `share`."""
        await self._tell("mute", kind=kind)

    async def unmute(self, kind: str) -> None:
        """Unmute it."""
        await self._tell("unmute", kind=kind)

    async def unpublish(self, kind: str) -> None:
        """Take a track back."""
        await self._tell("unpublish", kind=kind)

    async def republish(self, kind: str) -> None:
        """Publish `video` or `audio` again, as a new track."""
        await self._tell("republish", kind=kind)

    async def resize(self, width: int, height: int) -> None:
        """Change the picture's size in mid-stream; sides swapped is portrait."""
        await self._tell("resize", width=width, height=height)

    async def share(self, on: bool = True) -> None:
        """Add a screen share with a picture of its own, or take it back."""
        await self._tell("share", on=on)

    async def freeze(self, on: bool = True) -> None:
        """Send no more pictures, without muting; sound goes on."""
        await self._tell("freeze", on=on)

    async def leave(self) -> None:
        """Leave the room politely; the process stays."""
        await self._tell("leave")

    async def back(self) -> None:
        """Join again after `leave` and publish as at first."""
        await self._tell("back", tokens=self._fresh_tokens())

    async def stats(self) -> Message:
        """`frames` sent, `skipped` because it was late, `cpu_seconds` used; since its start."""
        return (await self._tell("stats"))["stats"]

    async def vanish(self) -> None:
        """Die without a word (SIGKILL)."""
        child = self._alive()
        child.kill()
        await self.stop()

    async def come_back(self) -> None:
        """Start a process (again), with the same options and new tokens."""
        if self._child is not None:
            raise ChildError("the broadcaster is there already")
        self._child = await Child.spawn(_MODULE)
        try:
            heard = await self._tell(
                "start", url=self._url, tokens=self._fresh_tokens(), **self._options.spoken()
            )
        except BaseException:
            await self.stop()
            raise
        self.zero_ns = heard["publishing"]["zero_ns"]
        self.clock_zero = heard["publishing"]["clock_zero"]

    async def stop(self) -> None:
        """End its process; safe to call again."""
        child, self._child = self._child, None
        if child is not None:
            await child.stop()

    async def _tell(self, command: str, **data: Any) -> dict[str, Message]:
        """Send a command and wait for its end; gives the last event of each name until then."""
        child = self._alive()
        try:
            async with self._speaking, asyncio.timeout(_ANSWER_SECONDS):
                await child.send(command, **data)
                return await self._answer(child, command)
        except TimeoutError:
            raise ChildError(f"the broadcaster does not answer {command}") from None

    async def _answer(self, child: Child, command: str) -> dict[str, Message]:
        heard: dict[str, Message] = {}
        async for event in child.events():
            heard[event["event"]] = event
            if event.get("command") != command:  # another's, whose caller did not wait for it
                continue
            if event["event"] == "failed":
                raise ChildError(f"broadcaster: {command}: {event['why']}")
            return heard
        raise ChildError(f"the broadcaster ended during {command}:\n{child.last_words}")

    def _fresh_tokens(self) -> list[str]:
        return [token if isinstance(token, str) else token() for token in self._tokens]

    def _alive(self) -> Child:
        if self._child is None:
            raise ChildError("the broadcaster does not run")
        return self._child
