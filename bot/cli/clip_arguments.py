"""What was asked of `mintcast clip`: its arguments, which window is meant, and its file's name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import texts
from bot.cli.common import Exit, Source
from bot.cli.outcome import Options, Refusal
from bot.clips import fewest_bytes
from bot.config import Settings
from bot.errors import ByteSizeError, DurationError, InstantError
from bot.kit.timing.durations import parse_bytes, parse_duration
from bot.kit.timing.instants import parse_instant
from bot.model import SHORTEST_CLIP_SECONDS, Coin, Window

DEFAULT_MAX_BYTES = 10 << 20
"""What Discord takes from everybody."""
FARTHEST_BACK = 86_400.0
"""Seconds. What lies further back is looked for in no recording."""
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class ClipArguments:
    """As they were typed. `begins` is `--from`; `out` a file, or a folder."""

    mint: str
    options: Options
    duration: str | None = None
    out: Path | None = None
    max_bytes: str | None = None
    ago: str | None = None
    begins: str | None = None
    source: Source = Source.AUTO
    watch: bool = False
    as_json: bool = False


def asked_window(asked: ClipArguments, seconds: float, now: datetime) -> Window:
    """What a clip of the past is to show; without `--ago` and `--from`, its last `seconds`.
    Raises Refusal."""
    if asked.begins is None:
        ago = parse_ago(asked.ago) if asked.ago is not None else 0.0
        return Window.before(now - timedelta(seconds=ago), seconds)
    begins_at = _parse_begin(asked.begins, now)
    if begins_at >= now:
        raise Refusal(Exit.USAGE, texts.clip_results.STILL_TO_COME)
    window = Window.after(begins_at, seconds)
    if window.ends_at > now:
        left = (window.ends_at - now).total_seconds()
        raise Refusal(Exit.USAGE, texts.clip_results.not_over_yet(left))
    return window


def parse_ago(text: str) -> float:
    """Seconds. Raises Refusal."""
    try:
        return parse_duration(text, FARTHEST_BACK)
    except DurationError as error:
        is_too_far = error.seconds is not None and error.seconds > FARTHEST_BACK
        longest = FARTHEST_BACK if is_too_far else None
        raise Refusal(Exit.USAGE, texts.clip_results.ago_refused(error.text, longest)) from None


def parse_length(text: str | None, settings: Settings) -> float:
    """Seconds. Raises Refusal."""
    if text is None:
        return settings.clips.default_seconds
    try:
        return parse_duration(text, settings.clips.max_seconds, SHORTEST_CLIP_SECONDS)
    except DurationError as error:
        sentence = texts.common.duration_refused(error.text, error.longest, error.seconds)
        raise Refusal(Exit.USAGE, sentence) from None


def parse_limit(text: str | None, seconds: float) -> int:
    """Bytes. Raises Refusal where no clip of `seconds` is so small."""
    least = fewest_bytes(seconds)
    try:
        return parse_bytes(text or str(DEFAULT_MAX_BYTES), least)
    except ByteSizeError as error:
        if error.count is None:
            raise Refusal(Exit.USAGE, texts.common.not_a_size(error.text)) from None
        raise Refusal(Exit.USAGE, texts.common.too_few_bytes(seconds, least)) from None


def default_name(mint: str, coin: Coin | None) -> str:
    """`<symbol>-<UTC>.mp4`. The symbol is an attacker's text: of it only plain letters stay."""
    symbol = _NOT_IN_A_NAME.sub("", coin.symbol if coin else "").strip("-_")[:24]
    return f"{symbol or mint[:8]}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.mp4"


def _parse_begin(text: str, now: datetime) -> datetime:
    try:
        return parse_instant(text, now)
    except InstantError as error:
        sentence = texts.clip_results.instant_refused(error.text, lacks_zone=error.lacks_zone)
        raise Refusal(Exit.USAGE, sentence) from None
