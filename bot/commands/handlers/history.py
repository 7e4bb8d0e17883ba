"""`/history`: the last posts about a coin, how fast they were, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping

from bot import texts
from bot.commands import formatting
from bot.commands.channels import hidden_from
from bot.commands.command import Command, Kind, Parameter
from bot.commands.context import CommandContext
from bot.commands.parsing.coin_lookup import answered, named
from bot.commands.parsing.parser import parse_mints
from bot.commands.ports import Request
from bot.kit.timing.ages import Moment
from bot.model import HistoryRow, Line, Message, Target

COMMAND = Command(
    "history",
    texts.commands.SUMMARIES["history"],
    (Parameter("mint", texts.commands.PARAMETERS["mint"], Kind.MINT),),
)

_MOST_POSTS = 20


async def run(context: CommandContext, request: Request, target: Target) -> Message:
    """Of the coin that is named or answered, else of all; in this place, and no other."""
    mint = await named(context, request, target, COMMAND, parse_mints(request.words))
    mint = mint or await answered(context, request, target)
    async with context.store.read() as unit:
        hidden = await hidden_from(unit, request.address, request.sees)
        rows = await unit.deliveries.history(target.place_id, mint, _MOST_POSTS, hidden)
        mints = {row.mint for row in rows if row.mint is not None} | ({mint} if mint else set())
        names = formatting.names_of(await unit.coins.many(mints), mints)
    name = names[mint] if mint else None
    if not rows:
        return formatting.sentence(texts.subscriptions.no_history(name))
    now = context.clock.moment()
    lines = tuple(_line(row, names, target, now, is_named=mint is not None) for row in rows)
    return Message(title=texts.subscriptions.history_title(name), lines=lines)


def _line(
    row: HistoryRow, names: Mapping[str, str], target: Target, now: Moment, *, is_named: bool
) -> Line:
    what = [texts.subscriptions.history_kind(row.kind)]
    if not is_named and row.mint is not None:
        what.append(names[row.mint])
    if row.target.id != target.id:
        what.append(texts.subscriptions.in_target(formatting.channel(row.target, is_here=False)))
    delay = now.between(row.since, row.sent_at) if row.sent_at is not None else None
    outcome = texts.subscriptions.history_outcome(
        row, delay, texts.alerts.why(row.error) if row.error else ""
    )
    when = formatting.clock(row.created_at, now.at)
    return formatting.line(when, f"{texts.clips.APART}{' '.join(what)}: {outcome}")
