"""`/subscribe`: follow coins here. One answer says what became of each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot import texts
from bot.alerts import Why, held_back_by
from bot.commands import formatting
from bot.commands.channels import check_readiness
from bot.commands.command import Command, Kind, Parameter
from bot.commands.context import CommandContext
from bot.commands.late_alerts import owe_late_alert
from bot.commands.parsing.parser import parse_mints
from bot.commands.ports import Request
from bot.errors import MintError, PumpfunError, Refused, StoreError
from bot.kit.notifier import DELIVERIES
from bot.model import (
    Coin,
    Delivery,
    DeliveryState,
    Line,
    Live,
    Message,
    MintFault,
    Offline,
    Preference,
    Priority,
    Reason,
    Scope,
    Starting,
    Stream,
    StreamState,
    Target,
    Tone,
    Unknown,
    Verb,
)
from bot.pumpfun import parse_mint
from bot.store import Unit

COMMAND = Command(
    "subscribe",
    texts.commands.SUMMARIES["subscribe"],
    (Parameter("mint", texts.commands.PARAMETERS["mints"], Kind.NEW_MINTS, required=True),),
    manages=True,
)

_COMES = frozenset({DeliveryState.DUE, DeliveryState.CLAIMED, DeliveryState.SENDING})
_LEAST_PATIENCE = 1.0
"""Seconds for a look, where asking for names has taken all that we wait."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    """`coin` is None where pump.fun knows no such coin, or (not `is_answer`) did not answer."""

    mint: str
    coin: Coin | None
    is_answer: bool = True


@dataclass(frozen=True, slots=True)
class _Saved:
    """`stream`: what was open when it was saved. `is_new`: it was not followed here before.
    `alert`: that of the stream, if it is announced; `night_mode`: what quiet hours make of one
    now, if they do not let it through."""

    asked: _Asked
    stream: Stream | None
    is_new: bool
    alert: Delivery | None
    night_mode: str | None


async def run(context: CommandContext, request: Request, target: Target) -> Message:
    """Save first, then look: whatever happens in between, the subscription is there."""
    mints, wrong = read_mints(request.words or ([request.quoted] if request.quoted else ()))
    if len(mints) + len(wrong) > context.limits.most_mints:
        raise Refused(texts.commands.too_many_mints(context.limits.most_mints))
    if request.role == request.address.place:  # Discord: a server's own id is the role of everyone
        raise Refused(texts.settings.everyone_is_no_role())
    notes = await check_readiness(request, COMMAND.name) if mints else ()
    began = context.clock.monotonic()
    asked = await _ask_all(context, request, target, mints)
    wrong += [texts.common.not_a_coin(one.mint) for one in asked if one.is_answer and not one.coin]
    good = [one for one in asked if one.coin or not one.is_answer]
    saved, left_out = await _save_all(context, request, good) if good else ([], [])
    left = context.limits.answer_seconds - (context.clock.monotonic() - began)
    patience = max(_LEAST_PATIENCE, left)
    outcomes = await asyncio.gather(*(_outcome(context, request, one, patience) for one in saved))
    answer = _answer(saved, outcomes, left_out, wrong, is_elsewhere=request.is_elsewhere)
    about = _about_all(request, saved)
    if left_out:
        about.append(
            formatting.line(texts.subscriptions.place_is_full(context.limits.most_in_place))
        )
    return replace(answer, lines=(*answer.lines, *about, *notes))


def read_mints(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The mints among `words`, and a sentence about each word that is none."""
    parsed = parse_mints(words)
    errors = list(parsed.refused)
    for word in parsed.rest:
        try:
            parse_mint(word)
        except MintError as error:
            errors.append(error)
    if not parsed.mints and not errors:
        errors = [MintError("", MintFault.EMPTY)]
    return list(parsed.mints), [texts.common.mint_refused(e.text, e.fault) for e in errors]


async def _ask_all(
    context: CommandContext, request: Request, target: Target, mints: Sequence[str]
) -> list[_Asked]:
    """Those that are followed here already are not asked about again."""
    async with context.store.read() as unit:
        here = {one.mint for one in await unit.subscriptions.of_target(target.id)}
        known = await unit.coins.many([mint for mint in mints if mint in here])
    new = [mint for mint in mints if mint not in here]
    context.may_ask_coins(request, new)
    found = await asyncio.gather(*(_ask(context, request, mint) for mint in new))
    answers = dict(zip(new, found, strict=True))
    return [answers.get(mint) or _Asked(mint, known.get(mint), is_answer=False) for mint in mints]


async def _ask(context: CommandContext, request: Request, mint: str) -> _Asked:
    try:
        return _Asked(mint, await context.ask_coin(request, mint))
    except PumpfunError as error:
        _log.info("a coin is saved unchecked: %s", error)
        return _Asked(mint, None, is_answer=False)


async def _save_all(
    context: CommandContext, request: Request, asked: Sequence[_Asked]
) -> tuple[list[_Saved], list[_Asked]]:
    """All of them, and the alerts of those that are live, or nothing; but those for which the
    place has no room, which are told apart."""
    saved, left_out = [], []
    async with context.store.write() as unit:
        target = await context.kept(unit, request)
        room = context.limits.most_in_place - await unit.subscriptions.count_in(target.place_id)
        for one in asked:
            if room <= 0 and await unit.subscriptions.get(target.id, one.mint) is None:
                left_out.append(one)
                continue
            saved.append(await _save(context, unit, request, target, one))
            room -= saved[-1].is_new
    context.notifier.notify(DELIVERIES)
    return saved, left_out


async def _save(
    context: CommandContext, unit: Unit, request: Request, target: Target, asked: _Asked
) -> _Saved:
    now, mint = context.watch.moment(), asked.mint
    if asked.coin is not None and await unit.coins.put(asked.coin):
        await unit.deliveries.raise_of_coin(mint, now.at, Priority.CHANGE)
    added = await unit.subscriptions.add(target.id, mint, request.caller.person, now.at)
    if asked.coin is not None:
        await unit.subscriptions.confirm(mint, now.at)
    if request.role is not None:
        one = added or await unit.subscriptions.get(target.id, mint)
        if one is not None:
            await unit.preferences.set(Scope.SUBSCRIPTION, one.id, Preference.ROLE, request.role)
    stream = await unit.streams.open_of(mint)
    await owe_late_alert(unit, target, stream, now)
    alert = None if stream is None else await unit.deliveries.alert_of(target.id, stream.id)
    night_mode = held_back_by(await unit.preferences.at(target, mint), now.at)
    return _Saved(asked, stream, added is not None, alert, night_mode)


async def _outcome(
    context: CommandContext, request: Request, saved: _Saved, patience: float
) -> str:
    """What became of one. A coin with an open stream is being watched; others are looked at."""
    state = saved.stream.broadcast.state if saved.stream is not None else None
    if not saved.is_new:
        return texts.subscriptions.already(texts.subscriptions.state(state))
    if state is not None:
        return _outcome_of_open(saved, state)
    try:
        seen = await context.look(request, saved.asked.mint, patience)
    except (StoreError, Refused) as error:  # it is saved: the next poll looks at it
        _log.info("a new subscription was not looked at: %s", error)
        seen = Unknown(Reason.RATE_LIMITED)
    match seen:
        case Live():
            return texts.subscriptions.added_open(StreamState.LIVE, saved.night_mode)
        case Starting():
            return texts.subscriptions.added_open(StreamState.STARTING, saved.night_mode)
        case Offline() if saved.asked.is_answer:
            findings = await context.watch.findings()
            return texts.subscriptions.added_offline(
                context.limits.poll_seconds, findings.rotation_seconds
            )
        case _:
            return (
                texts.subscriptions.added_unknown()
                if saved.asked.is_answer
                else texts.subscriptions.added_unchecked()
            )


def _outcome_of_open(saved: _Saved, state: StreamState) -> str:
    """Its alert comes yet, or the list of this night names it, which it was left to; or nothing
    more comes of that stream."""
    alert, night_mode = saved.alert, saved.night_mode
    if alert is None or alert.state in _COMES:
        return texts.subscriptions.added_open(state, night_mode)
    if alert.error == Why.NIGHT_DIGEST and night_mode is not None:
        return texts.subscriptions.added_open(state, night_mode)
    is_unknown = alert.state is DeliveryState.UNCERTAIN
    is_shown = None if is_unknown else alert.message_id is not None
    return texts.subscriptions.added_again(state, is_shown=is_shown)


def _about_all(request: Request, saved: Sequence[_Saved]) -> list[Line]:
    """What holds for every coin of the command."""
    sentences = []
    if saved and request.is_elsewhere:
        sentences.append(texts.subscriptions.posted_in(formatting.channel_of(request.address)))
    if saved and request.role is not None:
        sentences.append(texts.subscriptions.role_mentioned())
    return [formatting.line(sentence) for sentence in sentences]


def _answer(
    saved: Sequence[_Saved],
    outcomes: Sequence[str],
    left_out: Sequence[_Asked],
    wrong: Sequence[str],
    *,
    is_elsewhere: bool,
) -> Message:
    """`is_elsewhere`: a press of its buttons would be about another channel."""
    told_of = [*(one.asked for one in saved), *left_out]
    coins = {one.mint: one.coin for one in told_of if one.coin is not None}
    names = formatting.names_of(coins, [one.mint for one in told_of])
    outcomes = [*outcomes, *(texts.subscriptions.no_room() for _ in left_out)]
    lines: list[Line] = [
        formatting.line(formatting.bold(names[one.mint]), f": {outcome}")
        for one, outcome in zip(told_of, outcomes, strict=True)
    ]
    if len(told_of) == 1 and saved:  # the title names it
        lines = [formatting.line(texts.subscriptions.of_one(outcomes[0]))]
    lines += [formatting.line(sentence) for sentence in wrong]
    new = _new(saved)
    buttons = []
    if len(new) == 1 and not is_elsewhere:
        buttons = [
            formatting.press(texts.commands.TEST, Verb.TEST, new[0]),
            formatting.press(texts.commands.SETTINGS, Verb.SETTINGS, new[0]),
        ]
    return Message(
        title=_title(saved, names),
        lines=tuple(lines),
        tone=Tone.GOOD if new else Tone.BAD if wrong or left_out else Tone.PLAIN,
        buttons=formatting.rows(buttons),
    )


def _title(saved: Sequence[_Saved], names: Mapping[str, str]) -> str:
    """Nothing where none is followed: then the lines say why."""
    new = _new(saved)
    mints = new or [one.asked.mint for one in saved]
    if not mints:
        return ""
    return texts.subscriptions.following([names[mint] for mint in mints], is_new=bool(new))


def _new(saved: Sequence[_Saved]) -> list[str]:
    """The mints that were not followed here before."""
    return [one.asked.mint for one in saved if one.is_new]
