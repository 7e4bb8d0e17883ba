"""Takes commands and presses as Discord delivers them, and sees to it that each gets an answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

import discord

from bot import texts
from bot.commands import PickedChannel, Readiness, Reply, Request
from bot.kit.leadership import current_lease, without_lease
from bot.model import Message, Span, Tone
from bot.platforms.discord.addresses import (
    NAME,
    Interaction,
    address_at,
    address_in,
    address_of,
    guild_of,
    is_outside,
)
from bot.platforms.discord.membership.permissions import ChannelContext, readiness, refusal
from bot.platforms.discord.requests.caller import DiscordCaller, sees_of
from bot.platforms.shared.request_runner import RequestRunner, Sentences, say, show

_log = logging.getLogger(__name__)

_GRACE_SECONDS = 0.5

Act = Callable[[Request], Coroutine[Any, Any, None]]


class Answer(Reply, Protocol):
    """A reply that can keep Discord waiting: `hold` is run beside the command, and sees to it
    that Discord has heard of us within its three seconds."""

    async def hold(self) -> None: ...


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """What a request has beside its words. `public`: everybody there sees the answer. `posts`: it
    is about what the bot posts by itself, so it has to be a member. `in_place`: the answer stands
    where the message was that has the button. `seen`: what is done is seen there, so that whoever
    pressed is not told to wait. `channel` is another channel than the one where it
    was asked, `picked` one that was picked there; `role` is whom alerts are to mention."""

    public: bool = False
    posts: bool = False
    in_place: bool = False
    seen: bool = False
    channel: Any = None
    picked: Any = None
    role: discord.Role | None = None


class RequestDispatcher:
    """Every request runs in a task of its own, so that none waits for another.

    `answers` makes the reply of an interaction, `upload_limit` says in bytes what
    may be uploaded for it in that place, `invite` is where the bot can be invited, and `press`
    does what an action means.
    """

    def __init__(
        self,
        *,
        answers: Callable[[Interaction, RequestOptions], Answer],
        upload_limit: Callable[[Interaction, str], Awaitable[int]],
        invite: Callable[[], str],
        press: Callable[[Request, str], Coroutine[Any, Any, None]],
    ) -> None:
        self._answers = answers
        self._upload_limit = upload_limit
        self._invite = invite
        self._press = press
        self._runner = RequestRunner(
            Sentences(went_wrong=texts.discord.went_wrong(), restarting=texts.discord.restarting()),
            grace=_GRACE_SECONDS,
        )

    def take(
        self, interaction: Interaction, act: Act, options: RequestOptions | None = None
    ) -> None:
        """Do `act` with the request that the interaction is; whatever comes of it is answered."""
        work = self._serve(interaction, act, options or RequestOptions())
        self._start(work, f"interaction {interaction.id}")

    def press(self, interaction: Interaction, action: str, options: RequestOptions) -> None:
        """Do what a button means."""
        self.take(interaction, lambda request: self._press(request, action), options)

    def serve(self, work: Coroutine[Any, Any, None], reply: Reply) -> None:
        """Do what was asked without an interaction; whatever comes of it is answered."""
        if not self._start(self._runner.serve(work, reply), f"request {reply.request_id}"):
            work.close()

    def refuse(self, interaction: Interaction, sentence: str) -> None:
        """Answer with a sentence alone, which nobody else sees."""
        answer = self._answers(interaction, RequestOptions())
        self._start(say(answer, sentence), f"refusal of {interaction.id}")

    async def close(self) -> None:
        """Take no more. What is nearly done may end; who then still waits is told that we
        restart. Harmless when done twice."""
        await self._runner.close()

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> bool:
        """It is answered, whoever has the gateway by then. False: it is heard only now by a node
        that stood still past its term. Another one has heard it, too."""
        held = current_lease()
        if held is not None and not held.is_ours:
            _log.info("%s is left to whoever has %s now", name, held.lease.name)
            work.close()
            return False
        with without_lease():
            self._runner.tasks.start(work, name)
        return True

    async def _serve(self, interaction: Interaction, act: Act, options: RequestOptions) -> None:
        answer = self._answers(interaction, options)
        if self._runner.is_open:
            self._runner.tasks.start(answer.hold(), f"hold of {interaction.id}")
        await self._runner.serve(self._work(interaction, act, options, answer), answer)

    async def _work(
        self, interaction: Interaction, act: Act, options: RequestOptions, answer: Answer
    ) -> None:
        request = await self._request(interaction, options, answer)
        if isinstance(request, Message):
            await show(answer, request)
        else:
            await act(request)

    async def _request(
        self, interaction: Interaction, options: RequestOptions, answer: Answer
    ) -> Request | Message:
        """What was asked; or why it cannot be done."""
        address = address_of(interaction)
        if address is None:
            return _refused(texts.discord.not_a_channel())
        if options.posts and is_outside(address):
            return _refused(
                texts.discord.not_a_member(), Span(texts.discord.INVITE, url=self._invite())
            )
        if options.role is not None and options.role.is_default():
            return _refused(texts.settings.everyone_is_no_role())
        channel, granted = _channel_context(interaction, options)
        if channel is not None and options.posts:
            sentence = refusal(channel, granted)
            if sentence is not None:
                return _refused(sentence)
        message, caller = interaction.message, DiscordCaller(interaction)
        return Request(
            address=address_in(channel.guild, channel) if channel is not None else address,
            sender=NAME,
            caller=caller,
            reply=answer,
            message_id=str(message.id) if message is not None else None,
            upload_limit=await self._upload_limit(interaction, address.place),
            role=str(options.role.id) if options.role is not None else None,
            readiness=_ask_readiness(channel, options.role, granted),
            is_elsewhere=channel is not None and str(channel.id) != address.channel,
            only_answers=is_outside(address),
            by_options=True,
            has_roles=True,
            has_managers=guild_of(interaction) is not None,
            can_press=caller.can_press,
            has_channels=guild_of(interaction) is not None,
            picked=_picked(interaction, options.picked),
            sees=sees_of(interaction),
        )


def _picked(interaction: Interaction, channel: Any) -> PickedChannel | None:
    address = address_at(interaction, channel) if channel is not None else None
    if address is None:
        return None
    return PickedChannel(address, readiness_at(interaction, channel))


def readiness_at(
    interaction: Interaction, channel: Any
) -> Callable[[], Awaitable[Readiness]] | None:
    """Asks whether it can be posted in another channel of the server; None outside of servers."""
    found, granted = _channel_context(interaction, RequestOptions(channel=channel))
    return _ask_readiness(found, None, granted)


def _channel_context(
    interaction: Interaction, options: RequestOptions
) -> tuple[ChannelContext | None, discord.Permissions]:
    """The channel that it is about, where that is in a server of ours, and what we may do there.
    Of the place where it was asked Discord itself tells that."""
    guild = guild_of(interaction)
    about = options.channel if options.channel is not None else interaction.channel
    if guild is None or about is None:
        return None, interaction.app_permissions
    channel = ChannelContext.of(guild, about)
    is_here = interaction.channel is not None and channel.id == interaction.channel.id
    return channel, interaction.app_permissions if is_here else channel.granted()


def _ask_readiness(
    channel: ChannelContext | None, role: discord.Role | None, granted: discord.Permissions
) -> Callable[[], Awaitable[Readiness]] | None:
    if channel is None:
        return None

    async def ask() -> Readiness:
        sentence = refusal(channel, granted)
        if sentence is not None:
            return Readiness(refusal=sentence)
        return readiness(channel, role, granted)

    return ask


def _refused(sentence: str, *more: Span) -> Message:
    """Why it is not done; `more` are lines below."""
    return Message(lines=((Span(sentence),), *((span,) for span in more)), tone=Tone.BAD)


def dispatcher_of(interaction: Interaction) -> RequestDispatcher:
    """The dispatcher that takes it: a cog has no other way to reach it."""
    dispatcher = interaction.client.dispatcher
    assert isinstance(dispatcher, RequestDispatcher)
    return dispatcher
