"""What is shown, made of facts: alerts, the morning's digest, notices. Pure.

Clips are in `bot.alerts.planning.clip_messages`. Text from outside goes through `inert` in both, as
it does in `bot.commands.formatting` where it is for answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from bot import texts
from bot.alerts.planning.coin_labels import coin_labels
from bot.alerts.planning.picture_choice import (
    OF_THE_STREAM,
    PictureChoice,
    ban_lines,
)
from bot.kit.untrusted import inert
from bot.model import (
    DEFAULT_CLIP_SECONDS,
    RECUTS,
    Action,
    Broadcast,
    Button,
    Coin,
    Line,
    Message,
    MessageKind,
    Span,
    StoredPicture,
    StoredVideo,
    StreamState,
    Target,
    Tone,
    Verb,
)

_NAME = 48
_SYMBOL = 16
_TITLE = 160
_CHANNEL = 64
_MOST_IN_DIGEST = 20


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """All that an alert shows. `coin` is None while pump.fun has not told its name.

    `choice` is what `picture` was chosen by. `role` is who is to be mentioned. `test`: it is shown
    as it would be, and marked as a test. `clip_seconds` is how long a clip is if nothing else is
    asked for. `whole_stream` is the id of pump.fun's own clip of the whole stream, if there is one.
    """

    mint: str
    broadcast: Broadcast
    coin: Coin | None = None
    picture: StoredPicture | None = None
    moving: StoredVideo | None = None
    choice: PictureChoice = OF_THE_STREAM
    role: str | None = None
    silent: bool = False
    test: bool = False
    clip_seconds: float = DEFAULT_CLIP_SECONDS
    whole_stream: str | None = None


def alert(facts: AlertFacts, now: datetime) -> Message:
    """The card of a stream as it is now: live, paused or ended."""
    match facts.broadcast.state:
        case StreamState.STARTING | StreamState.LIVE:
            card = _live(facts, now)
        case StreamState.GRACE:
            card = _paused(facts, now)
        case StreamState.ENDED:
            card = _ended(facts, now)
    shown = replace(
        card,
        kind=MessageKind.ALERT,
        link=watch_url(facts.mint),
        preview=texts.alerts.went_live(coin_name(facts.coin, facts.mint)),
        picture=facts.picture,
        moving=facts.moving,
        spoiler=facts.choice.spoiler,
        keeps_picture=facts.choice.is_of_stream,
        role=facts.role,
        silent=facts.silent,
    )
    return _as_test(shown) if facts.test else shown


def coin_name(coin: Coin | None, mint: str) -> str:
    """How a coin is called in a chat: `Name ($SYM)`, or a short form of its address."""
    name = inert(coin.name, _NAME) if coin else ""
    return texts.alerts.coin(name, symbol_of(coin), mint)


def watch_url(mint: str) -> str:
    """The coin's page."""
    return f"https://pump.fun/coin/{mint}"


def site_clip_url(mint: str, clip_id: str) -> str:
    """The coin's page, where it plays that clip of the site's own."""
    return f"{watch_url(mint)}?{urlencode({'clip': clip_id})}"


def _live(facts: AlertFacts, now: datetime) -> Message:
    broadcast = facts.broadcast
    started = _when(texts.alerts.STARTED, broadcast.began_at, now)
    waiting = broadcast.state is StreamState.STARTING
    lines = (
        *_title_line(broadcast),
        *([(Span(texts.common.NO_VIDEO_YET),)] if waiting else []),
        *_count_line(texts.alerts.watching(broadcast.viewers) if broadcast.viewers else ""),
        *ban_lines(facts.coin, now),
        started,
        _address(facts.mint),
    )
    clip = Button(
        texts.alerts.clip_button(facts.clip_seconds), Action(Verb.CLIP, facts.mint).encode()
    )
    buttons = (_watch(facts.mint, texts.alerts.WATCH), clip, _copy(facts.mint))
    title = texts.alerts.is_live(coin_name(facts.coin, facts.mint))
    return Message(title=title, lines=lines, tone=Tone.LIVE, buttons=(buttons,))


def _paused(facts: AlertFacts, now: datetime) -> Message:
    broadcast = facts.broadcast
    lines = (
        *_title_line(broadcast),
        *(ban_lines(facts.coin, now) or [(Span(texts.alerts.PAUSED_NOTE),)]),
        _when(texts.alerts.STARTED, broadcast.began_at, now),
        _when(texts.alerts.LAST_SEEN, broadcast.last_seen_at, now),
        _address(facts.mint),
    )
    buttons = (_watch(facts.mint, texts.alerts.WATCH), _copy(facts.mint))
    title = texts.alerts.is_paused(coin_name(facts.coin, facts.mint))
    return Message(title=title, lines=lines, tone=Tone.PAUSED, buttons=(buttons,))


def _ended(facts: AlertFacts, now: datetime) -> Message:
    broadcast = facts.broadcast
    lasted = texts.alerts.streamed_for(_seconds(broadcast))
    lines = (
        *_title_line(broadcast),
        _when(lasted, broadcast.last_seen_at, now),
        *_count_line(texts.alerts.peak(broadcast.peak_viewers) if broadcast.peak_viewers else ""),
        *ban_lines(facts.coin, now),
        _address(facts.mint),
    )
    buttons = (_watch(facts.mint, texts.alerts.OPEN), _copy(facts.mint))
    title = texts.alerts.was_live(coin_name(facts.coin, facts.mint))
    rows = (*_whole_stream(facts), buttons)
    return Message(title=title, lines=lines, tone=Tone.ENDED, buttons=rows)


def _as_test(message: Message) -> Message:
    note = (Span(texts.alerts.test_note(mentions=message.role is not None)),)
    return replace(
        message,
        title=texts.alerts.test_title(message.title),
        lines=(*message.lines, note),
        role=None,
        silent=True,
    )


def plainer(message: Message, *, too_large: bool) -> Message | None:
    """The message without its file, which the platform did not take; None if it has none.

    A clip that cannot be posted says so, and there is nothing that could be cut anew; an alert
    needs no word for its missing picture. A still one stands in for one that moves.
    """
    if message.video is not None:
        lines = (*message.lines, (Span(_why_plainer(message, message.video, too_large)),))
        return replace(
            message,
            kind=MessageKind.REPLY,
            lines=lines,
            tone=Tone.BAD,
            video=None,
            buttons=_with_link(_without_recuts(message.buttons), message.link),
        )
    if message.moving is not None:
        return replace(message, moving=None)
    return replace(message, picture=None) if message.picture is not None else None


def _why_plainer(message: Message, video: StoredVideo, too_large: bool) -> str:
    if not too_large:
        return texts.alerts.CLIP_REFUSED
    if message.link is not None:
        return texts.alerts.highlight_too_large(video.bytes)
    return texts.alerts.clip_too_large(video.bytes)


def _with_link(
    rows: tuple[tuple[Button, ...], ...], link: str | None
) -> tuple[tuple[Button, ...], ...]:
    """What cannot be posted may be there to open."""
    return rows if link is None else ((Button(texts.alerts.OPEN, url=link),), *rows)


def _without_recuts(rows: Sequence[Sequence[Button]]) -> tuple[tuple[Button, ...], ...]:
    left = (tuple(button for button in row if not _is_recut(button)) for row in rows)
    return tuple(row for row in left if row)


def _is_recut(button: Button) -> bool:
    action = Action.decode(button.action or "")
    return action is not None and action.verb in RECUTS


# Digests and notices


@dataclass(frozen=True, slots=True)
class NightRow:
    """A stream that was held back in the night."""

    mint: str
    broadcast: Broadcast
    coin: Coin | None


def digest(rows: Sequence[NightRow]) -> Message:
    """Who was live in the night, how long, before how many; and who still is."""
    coins = {row.mint: row.coin for row in rows if row.coin is not None}
    names = coin_labels({row.mint: coin_name(row.coin, row.mint) for row in rows}, coins)
    lines = [_digest_line(row, names[row.mint]) for row in rows[:_MOST_IN_DIGEST]]
    if len(rows) > _MOST_IN_DIGEST:
        lines.append((Span(texts.alerts.digest_more(len(rows) - _MOST_IN_DIGEST)),))
    title = texts.alerts.digest_title(len(rows))
    return Message(kind=MessageKind.ALERT, title=title, lines=tuple(lines))


def _digest_line(row: NightRow, called: str) -> Line:
    broadcast = row.broadcast
    name = Span(called, bold=True, url=watch_url(row.mint))
    facts = Span(
        texts.alerts.digest_row(texts.units.lasting(_seconds(broadcast)), broadcast.peak_viewers)
    )
    if broadcast.state is StreamState.ENDED:
        return (name, facts)
    is_paused = broadcast.state is StreamState.GRACE
    now = texts.alerts.PAUSED if is_paused else texts.alerts.STILL_LIVE
    return (name, facts, Span(f" ({now})", bold=True))


def disabled_notice(target: Target, reason: str) -> Message:
    """Told where notices go: nothing can be posted to `target` any more."""
    address = target.address
    channel = inert(address.channel_name or address.place_name, _CHANNEL) or address.channel
    remedy = texts.alerts.remedy(reason, address.platform, is_part=address.is_part)
    return Message(
        title=texts.alerts.CANNOT_POST,
        lines=((Span(texts.alerts.cannot_post(channel, reason, remedy)),),),
        tone=Tone.BAD,
    )


def no_coin_notice(mint: str) -> Message:
    """Told to who subscribed to an address before pump.fun could be asked what it names."""
    return Message(
        title=texts.alerts.NO_COIN, lines=((Span(texts.common.not_a_coin(mint)),),), tone=Tone.BAD
    )


# Parts


def symbol_of(coin: Coin | None) -> str:
    """A coin's symbol without its dollar, made harmless; empty where it is not known."""
    return inert(coin.symbol, _SYMBOL + 1).lstrip("$")[:_SYMBOL] if coin else ""


def _title_line(broadcast: Broadcast) -> tuple[Line, ...]:
    title = inert(broadcast.title, _TITLE)
    return ((Span(title, bold=True),),) if title else ()


def _count_line(text: str) -> tuple[Line, ...]:
    return ((Span(text),),) if text else ()


def _when(label: str, at: datetime, now: datetime) -> Line:
    return (Span(label), Span.instant(texts.units.moment(at, now), at, now))


def _address(mint: str) -> Line:
    return (Span(mint, code=True),)


def _seconds(broadcast: Broadcast) -> float:
    """Two clocks told these, of which one may be wrong."""
    return max(0.0, (broadcast.last_seen_at - broadcast.began_at).total_seconds())


def _watch(mint: str, label: str) -> Button:
    return Button(label, url=watch_url(mint))


def _whole_stream(facts: AlertFacts) -> tuple[tuple[Button, ...], ...]:
    """The site's own player, for who wants to see it whole; in a row of its own, since three
    buttons beside one another are cut on a phone."""
    if facts.whole_stream is None:
        return ()
    return (
        (Button(texts.alerts.WHOLE_STREAM, url=site_clip_url(facts.mint, facts.whole_stream)),),
    )


def _copy(mint: str) -> Button:
    return Button(texts.alerts.COPY, copy=mint)
