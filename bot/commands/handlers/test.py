"""`/test`: exactly what an alert will look like here. Composed as the real one is; pings nobody."""

from __future__ import annotations

from dataclasses import replace

from bot import texts
from bot.alerts import AlertFacts, alert, picture_choice
from bot.commands.command import Command, Kind, Parameter
from bot.commands.context import CommandContext
from bot.commands.parsing.coin_lookup import answered, live_here, named
from bot.commands.parsing.parser import parse_mints
from bot.commands.ports import Request
from bot.errors import Refused
from bot.model import Broadcast, Message, Preference, Stream, StreamState, Target, in_force

COMMAND = Command(
    "test",
    texts.commands.SUMMARIES["test"],
    (Parameter("mint", texts.commands.PARAMETERS["mint"], Kind.MINT),),
    manages=True,
)

_VIEWERS = 128


async def run(context: CommandContext, request: Request, target: Target) -> Message:
    """Of the coin that is named or answered, else of one that is followed here."""
    mint = await named(context, request, target, COMMAND, parse_mints(request.words))
    mint = (
        mint
        or await answered(context, request, target)
        or await _followed(context, request, target)
    )
    coin = await context.coin(request, mint)
    async with context.store.read() as unit:
        stream = await unit.streams.open_of(mint) or await unit.streams.last_of(mint)
        coin_picture = await unit.coins.picture(mint)
        chosen = await unit.preferences.at(target, mint)
    choice = picture_choice(chosen, coin)
    facts = AlertFacts(
        mint=mint,
        broadcast=_going_live(context, stream),
        coin=coin,
        picture=await context.picture(choice, stream, coin_picture),
        moving=await context.moving(choice, stream),
        choice=choice,
        role=in_force(chosen, Preference.ROLE) or None,
        test=True,
        clip_seconds=context.limits.default_seconds,
    )
    return alert(facts, context.clock.now())


async def _followed(context: CommandContext, request: Request, target: Target) -> str:
    """One that is live goes first, then the newest of this target, then of the place."""
    live = await live_here(context, request, target)
    if live:
        return live[0].mint
    async with context.store.read() as unit:
        followed = await unit.subscriptions.of_target(target.id)
        followed = followed or await unit.subscriptions.of_place(target.place_id)
    if not followed:
        raise Refused(texts.commands.nothing_followed(COMMAND.usage))
    return max(followed, key=lambda one: (one.created_at, one.id)).mint


def _going_live(context: CommandContext, stream: Stream | None) -> Broadcast:
    """What is on, or what it would be if the coin went live now."""
    now = context.clock.now()
    if stream is not None and stream.broadcast.state is StreamState.LIVE:
        return stream.broadcast
    invented = Broadcast(
        StreamState.LIVE,
        first_seen_at=now,
        last_seen_at=now,
        site_id=0,
        started_at=now,
        announced_at=now,
        title=texts.commands.EXAMPLE_TITLE,
        viewers=_VIEWERS,
    )
    return replace(invented, title=stream.broadcast.title) if stream is not None else invented
