"""What platforms need of the commands, and these of the platforms and of the packages beside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.commands.command import Command, Suggestion
from bot.kit.timing.ages import Moment
from bot.model import (
    Address,
    Asker,
    AskerKind,
    Coin,
    Message,
    Observation,
    Offer,
    Person,
    SiteClip,
    SiteClipKind,
    WatchFindings,
    Window,
)


class Reply(Protocol):
    """The answer to one request, seen by whoever asked: first shown, later changed.

    `pace` is the least number of seconds between two changes that are no news: how far something
    is.
    `request_id` is the platform's id of the request, unique for ever: a request counts once.
    `reply_to` is what a delivery that comes later answers, by the platform's id. `show` may raise
    MintcastError where the answer cannot be shown (any more). `change` shows it in the place of
    what was shown, and nowhere where somebody has taken that away; it may raise the same. `remove`
    takes it away when something else says it all, or has taken its place; it may raise the same
    where that cannot be. `message_id` is what was shown, by the platform's id, where another life
    of the service could change it and nothing takes its place; else None.
    """

    pace: float
    request_id: str
    reply_to: str | None

    @property
    def message_id(self) -> str | None: ...
    async def show(self, message: Message) -> None: ...
    async def change(self, message: Message) -> None: ...
    async def remove(self) -> None: ...


@runtime_checkable
class Replaceable(Protocol):
    """What a reply may also be: `is_replaceable` where a delivery that answers it takes its place,
    whichever node sends that."""

    @property
    def is_replaceable(self) -> bool: ...


Sees = Callable[[Address], bool]
"""Whether somebody may see the channel that an address names."""


class Caller(Protocol):
    """Who asks. `may_manage` is asked for commands and for button presses alike; it may raise
    MintcastError where the platform does not say."""

    person: Person

    async def may_manage(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Readiness:
    """What stands in the way of posting at an address. `missing`: names of permissions without
    which nothing can be posted. `notes`: sentences about what would be lacking. `refusal`: why
    nothing can be posted whatever the permissions; empty where that is not so."""

    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class PickedChannel:
    """A channel of the place that was picked from a list; `readiness` as in `Request`."""

    address: Address
    readiness: Callable[[], Awaitable[Readiness]] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A command as it was typed, or an action whose button was pressed.

    `words` are the arguments in any order. `message_id` is the message that was answered, or
    whose button was pressed, by the platform's id. `upload_limit` is in bytes. `role`: whom alerts
    are to mention, by the platform's id, where the platform knows the role; None: not said.
    `readiness` asks the platform whether it can be posted at `address`, and that role mentioned;
    None: it surely can. It may raise MintcastError where the platform does not say.
    `is_elsewhere`: the answer is read in another channel than `address`. `only_answers`: nothing
    can ever be posted at `address` but answers. `by_options`: commands are not typed there as
    words, but filled in as `option:value`; hints say so. `has_roles`: there are roles there that
    an alert can mention. `has_managers`: others read there too, and only some of them may
    manage. `can_press`: whoever may use a command may press its buttons, too. `has_channels`: the
    place has other channels than this one. `picked`: the channel that was picked in a control.
    `quoted`: the coin that the answered message names, whoever wrote it. `sees`: what whoever asks
    may see of the place's channels; None: all of them.
    `is_operator`: whoever runs Mintcast, for whom no limit holds that keeps one person from taking
    all.
    """

    address: Address
    sender: str
    caller: Caller
    reply: Reply
    words: tuple[str, ...] = ()
    message_id: str | None = None
    upload_limit: int = 10 << 20
    role: str | None = None
    readiness: Callable[[], Awaitable[Readiness]] | None = None
    is_elsewhere: bool = False
    only_answers: bool = False
    by_options: bool = False
    has_roles: bool = False
    has_managers: bool = False
    can_press: bool = True
    has_channels: bool = False
    picked: PickedChannel | None = None
    quoted: str | None = None
    is_operator: bool = False
    sees: Sees | None = None

    @property
    def asker(self) -> Asker:
        """For whom pump.fun is asked: the person, in whichever place. Those without a name are one
        together."""
        person = self.caller.person
        name = "" if person.is_anonymous else person.id
        return Asker(AskerKind.PERSON, f"{self.address.platform}:{name}")


class Commands(Protocol):
    """What platforms call; `bot.commands.CommandService` implements it.

    `run` takes a line as it was typed, `call` a command that the platform took apart by itself,
    `press` a button's action: each answers through `request.reply`. `suggest` is what could be
    typed next, `followed` the coins of an address by the pages of `/subscriptions`. `left` and
    `returned` are told when the bot leaves a place and when it may post there again, `places`
    names those that are known; these three may raise StoreError.
    """

    @property
    def catalogue(self) -> Sequence[Command]: ...
    async def run(self, request: Request, text: str) -> None: ...
    async def call(self, request: Request, name: str, words: Iterable[str]) -> None: ...
    async def press(self, request: Request, action: str) -> None: ...
    async def suggest(
        self, address: Address, text: str, limit: int, sees: Sees | None = None
    ) -> Sequence[Suggestion]: ...
    async def followed(self, address: Address) -> Sequence[Sequence[Suggestion]]: ...
    async def left(self, platform: str, place: str) -> None: ...
    async def returned(
        self, platform: str, place: str, can_post: Callable[[Address], bool | None]
    ) -> int: ...
    async def places(self, platform: str) -> Sequence[str]: ...


class Watch(Protocol):
    """What watches the coins. `look` asks pump.fun about one now and acts on the answer: whoever
    is subscribed is owed an alert. `seen_lately` is what a look told a few seconds ago, if there
    was one. `findings` are of the last poll, whichever node made it. `moment` is now, by pump.fun's
    clock, too."""

    def moment(self) -> Moment: ...
    async def look(self, mint: str, asker: Asker) -> Observation: ...
    def seen_lately(self, mint: str) -> Observation | None: ...
    async def findings(self) -> WatchFindings: ...


class Pumpfun(Protocol):
    """What names the coins, and has clips of them of its own, the newest first, `limit` at most.
    None is no coin. Both raise PumpfunError."""

    async def coin(self, mint: str, *, asker: Asker) -> Coin | None: ...
    async def clips(
        self, mint: str, kind: SiteClipKind, limit: int, *, asker: Asker
    ) -> tuple[SiteClip, ...]: ...


class Lookback(Protocol):
    """What has the past of streams. `offer`: what a clip of that window is best cut of, which may
    be less than all of it; None: too little of it is at hand. `at_hand`: what can be had at once,
    until now where the stream goes on; None: nothing. `reach`: from the oldest to the newest of a
    window that somebody has, holes included. `near`: the longest part of a window that is at hand;
    `far`: that the site's own recordings have, or will have soon. `offer`, `reach` and `far` raise
    PumpfunError where those recordings might have it, and cannot be asked."""

    async def offer(self, mint: str, window: Window) -> Offer | None: ...
    async def near(self, mint: str, window: Window) -> Window | None: ...
    async def far(self, mint: str, window: Window) -> Window | None: ...
    async def reach(self, mint: str, window: Window) -> Window | None: ...
    def at_hand(self, mint: str) -> Window | None: ...


class Clips(Protocol):
    """What keeps the clips. `delete` removes the file of a job that was deleted; False: there was
    nothing (any more) to remove."""

    async def delete(self, job_id: int) -> bool: ...
