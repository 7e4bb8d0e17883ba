"""`/clips`: pump.fun's own highlights of a coin, a page at a time; and what posts one of them.

A button names a highlight by a digest of its id, since the id itself does not fit there beside the
coin's address. So it outlives restarts: whoever presses it makes us look at the list once more.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import texts
from bot.alerts import watch_url
from bot.commands import formatting, paging
from bot.commands.allowances import check_cool_downs, last_asked
from bot.commands.clip_progress import ProgressFollower
from bot.commands.command import Command, Kind, Parameter
from bot.commands.context import CommandContext
from bot.commands.handlers.clips.clip import check_right
from bot.commands.highlight_lists import MOST_HIGHLIGHTS
from bot.commands.parsing.coin_lookup import answered, followed_here, live_here, named
from bot.commands.parsing.parser import parse_mints
from bot.commands.ports import Request
from bot.errors import Refused
from bot.kit.notifier import JOBS
from bot.model import (
    Button,
    ClipJob,
    ClipOrder,
    Coin,
    JobState,
    Line,
    Message,
    SiteClip,
    Span,
    Target,
    TimeStyle,
    Verb,
    Window,
)

COMMAND = Command(
    "clips",
    texts.commands.SUMMARIES["clips"],
    (Parameter("mint", texts.commands.PARAMETERS["mint"], Kind.MINT),),
)

PAGE = 8
"""Highlights on a page: each has a line and a button."""

_IN_A_ROW = 4
_MOST_CHOICES = 9
_SAME = timedelta(minutes=1)
"""Who presses the same button again so soon means the same post."""

_MARK = re.compile(r"~(?P<digest>[0-9a-f]{10})")


@dataclass(frozen=True, slots=True)
class _Query:
    """A page, counted from 0; or one highlight, to be posted."""

    page: int = 0
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A highlight that is to be posted. `window` is when it was on air."""

    mint: str
    id: str
    url: str
    seconds: float
    window: Window


async def run(context: CommandContext, request: Request, target: Target) -> Message | None:
    """A page of them; or one of them is posted, and then it is its own answer (None)."""
    words, query = _without_mark(request.words)
    mint = await named(context, request, target, COMMAND, parse_mints(words))
    mint = mint or await answered(context, request, target)
    if mint is None:
        mints = await _candidates(context, request, target)
        if not mints:
            raise Refused(_no_coin(request))
        if len(mints) > 1:
            return await _choice(context, mints)
        mint = mints[0]
    coin = await context.coin(request, mint)
    if query.digest is not None:
        return await _post_named(context, request, target, coin, mint, query.digest)
    found = await context.highlights_of(request, mint)
    return _listed(found, query.page, formatting.called(coin, mint), mint, context.clock.now())


async def post_again(
    context: CommandContext, request: Request, target: Target, job: ClipJob
) -> Message | None:
    """What a job was to post, once more: it is a new request."""
    order = job.order
    assert order.highlight_id is not None
    assert order.highlight_url is not None
    coin = await context.coin(request, order.mint)
    chosen = _Chosen(
        order.mint, order.highlight_id, order.highlight_url, order.seconds, order.window
    )
    return await _post(context, request, target, coin, chosen)


def digest_of(highlight_id: str) -> str:
    """What a button says of it."""
    return hashlib.blake2s(highlight_id.encode(), digest_size=5).hexdigest()


def _without_mark(words: Sequence[str]) -> tuple[tuple[str, ...], _Query]:
    """The words but for that of a button, and what this one asks for."""
    words, page = paging.without_mark(words)
    digests = [mark["digest"] for word in words if (mark := _MARK.fullmatch(word))]
    rest = tuple(word for word in words if _MARK.fullmatch(word) is None)
    return rest, _Query(page, digests[-1] if digests else None)


# Which coin


async def _candidates(context: CommandContext, request: Request, target: Target) -> tuple[str, ...]:
    """The place's live coins; where none is, those that it follows."""
    live = await live_here(context, request, target)
    return tuple(one.mint for one in live) or await followed_here(context, request, target)


def _no_coin(request: Request) -> str:
    refusal = texts.commands.name_one if request.only_answers else texts.commands.nothing_followed
    return refusal(COMMAND.usage)


async def _choice(context: CommandContext, mints: Sequence[str]) -> Message:
    async with context.store.read() as unit:
        names = formatting.tickers_of(await unit.coins.many(mints), mints)
    shown = mints[:_MOST_CHOICES]
    buttons = [formatting.press(names[mint], Verb.HIGHLIGHTS, mint) for mint in shown]
    more = len(mints) - len(shown)
    lines = (formatting.more_coins(more, COMMAND.usage),) if more else ()
    return Message(
        title=texts.clips.highlights_of_which(),
        lines=lines,
        buttons=formatting.rows(buttons),
        private=True,
    )


# The list


def _listed(found: Sequence[SiteClip], page: int, name: str, mint: str, now: datetime) -> Message:
    if not found:
        return Message(
            lines=(formatting.with_commands(texts.clips.no_highlights()),),
            title=texts.clips.no_highlights_title(name),
            buttons=((Button(texts.alerts.OPEN, url=watch_url(mint)),),),
            private=True,
        )
    pages = paging.number_of_pages(len(found), PAGE)
    page = min(page, pages - 1)
    shown = list(enumerate(found, 1))[page * PAGE : (page + 1) * PAGE]
    lines = [_line(number, one, now) for number, one in shown]
    if page == pages - 1 and len(found) >= MOST_HIGHLIGHTS:
        lines.append(formatting.line(texts.clips.OLDER_ON_SITE))
    buttons = [_button(number, one, mint) for number, one in shown]
    turning = paging.turning(
        page, pages, f"{COMMAND.name} {mint}", texts.clips.NEWER, texts.clips.OLDER
    )
    return Message(
        title=texts.clips.highlights_title(name),
        link=watch_url(mint),
        lines=tuple(lines),
        buttons=(*formatting.rows(buttons, _IN_A_ROW), *turning),
        private=True,
    )


def _line(number: int, one: SiteClip, now: datetime) -> Line:
    length = formatting.bold(texts.clips.highlight_length(one.seconds))
    ago = texts.units.ago((now - one.begins_at).total_seconds())
    when = formatting.clock(one.begins_at, now)
    away = replace(Span.instant(ago, one.begins_at, now), style=TimeStyle.AWAY)
    return formatting.line(f"{number}. ", length, texts.clips.APART, when, " (", away, ")")


def _button(number: int, one: SiteClip, mint: str) -> Button:
    label = texts.clips.post_highlight(number)
    return formatting.press(label, Verb.HIGHLIGHT, f"{mint} ~{digest_of(one.id)}")


# Posting one of them


async def _post_named(
    context: CommandContext,
    request: Request,
    target: Target,
    coin: Coin | None,
    mint: str,
    digest: str,
) -> Message | None:
    found = await context.highlights_of(request, mint)
    one = next((one for one in found if digest_of(one.id) == digest), None)
    if one is None or one.video is None:
        raise Refused(texts.clips.highlight_is_gone())
    window = Window.after(one.begins_at, one.seconds)
    chosen = _Chosen(mint, one.id, one.video, one.seconds, window)
    return await _post(context, request, target, coin, chosen)


async def _post(
    context: CommandContext,
    request: Request,
    target: Target,
    coin: Coin | None,
    chosen: _Chosen,
) -> Message | None:
    """None: it is its own answer. Raises Refused."""
    if target.disabled is not None:
        raise Refused(texts.commands.no_clip_here())
    await check_right(context, request, target, chosen.mint)
    job, is_new = await _add(context, request, coin, chosen)
    if not is_new:
        words = texts.clips.highlight_is_there(is_posted=job.state is JobState.DONE)
        return replace(formatting.sentence(words), private=True)
    context.notifier.notify(JOBS)
    name = formatting.ticker(coin, chosen.mint)
    await ProgressFollower(context, request.reply, job.id, name).begin(is_soon=True)
    return None


async def _add(
    context: CommandContext, request: Request, coin: Coin | None, chosen: _Chosen
) -> tuple[ClipJob, bool]:
    """Its row, and whether it is new: one that brings the same to that channel already is it."""
    now = context.clock.now()
    async with context.store.write() as unit:
        target = await context.kept(unit, request)
        since = context.clock.before(_SAME)
        same = await unit.jobs.highlight_lately(target.id, chosen.id, since)
        if same is not None:
            return same, False
        last = await last_asked(unit, target.place_id, request.caller.person)
        job, is_new = await unit.jobs.add(_order(request, target, chosen, now), now)
        if is_new:
            check_cool_downs(context.clock, last, context.limits)
            await context.keep_coin(unit, coin)
    return job, is_new


def _order(request: Request, target: Target, chosen: _Chosen, now: datetime) -> ClipOrder:
    return ClipOrder(
        request_key=f"{target.sender}:{request.reply.request_id}",
        place_id=target.place_id,
        target_id=target.id,
        mint=chosen.mint,
        person=request.caller.person,
        seconds=chosen.seconds,
        window=chosen.window,
        max_bytes=request.upload_limit,
        asked_at=now,
        reply_to=request.reply.reply_to,
        highlight_id=chosen.id,
        highlight_url=chosen.url,
    )
