"""What the command line shows: a progress bar, a report for people, or one JSON object."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from bot import texts
from bot.kit.terminal import can_redraw
from bot.model import (
    ClipProgress,
    ClipResult,
    ClipStatus,
    Coin,
    Live,
    NoteKind,
    Observation,
    Offline,
    Phase,
    RecordingFacts,
    SourceName,
    Starting,
    StreamSnapshot,
    Unknown,
    Window,
)

if TYPE_CHECKING:
    from rich.progress import Progress

_WIPE = "\r\x1b[2K"
"""The line that stands there goes."""


class Screen:
    """Progress on stderr: a bar in a terminal, else one line for each thing that happens."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._bar: Progress | None = None
        self._draws = can_redraw(sys.stderr)
        self.phase: Phase | None = None
        """What was shown last."""

    async def __aenter__(self) -> Self:
        self.show(ClipProgress(Phase.ASKING))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif self._draws:
            _write(_WIPE)

    def show(self, now: ClipProgress) -> None:
        """Show what is happening now. The bar comes with the second phase: until pump.fun has
        answered, nobody waits for rich to be imported."""
        words = texts.clip_results.progress(now, self._seconds)
        if self._draws and self.phase is not None:
            self._bar = self._bar or _start_bar(words, self._seconds)
            self._bar.update(self._bar.task_ids[0], description=words, completed=now.done_seconds)
        elif now.phase is not self.phase:
            _write(f"{words} …" if self._draws else f"{words} …\n")
        self.phase = now.phase


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _start_bar(words: str, seconds: float) -> Progress:
    """It heeds NO_COLOR by itself."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    bar.add_task(words, total=seconds)
    _write(_WIPE)
    bar.start()
    return bar


@dataclass(frozen=True, slots=True)
class Named:
    """What pump.fun calls a mint. `is_none`: it says that there is no such coin."""

    coin: Coin | None = None
    is_none: bool = False


def live_report(mint: str, observation: Observation, named: Named) -> dict[str, Any]:
    """The JSON of `live`."""
    stream, coin = _stream_of(observation), named.coin
    report: dict[str, Any] = {
        "mint": mint,
        "state": observation.kind,
        "stream_id": stream.site_id if stream else None,
        "title": stream.title if stream else None,
        "viewers": stream.viewers if stream else None,
        "started_at": _instant(stream.started_at) if stream else None,
        "thumbnail": stream.thumbnail if stream else None,
        "coin": {"symbol": coin.symbol, "name": coin.name, "image": coin.image} if coin else None,
        "checked_at": _instant(datetime.now(UTC)),
    }
    if isinstance(observation, Unknown):
        report |= {"status": "failed", "reason": _reason(observation)}
    return report


def not_on_air(mint: str, observation: Offline | Unknown, named: Named) -> str:
    """Why there is no stream to speak of. A wallet looks like a mint, and is never live."""
    if isinstance(observation, Unknown):
        return _reason(observation)
    return (
        texts.common.not_a_coin(mint)
        if named.is_none
        else texts.common.offline(_name(mint, named.coin))
    )


def print_live(mint: str, observation: Observation, named: Named) -> None:
    """The report of `live` for people."""
    match observation:
        case Offline():
            _say(not_on_air(mint, observation, named))
        case Unknown():
            print(_reason(observation), file=sys.stderr)  # noqa: T201
        case Live(stream) | Starting(stream):
            _say(texts.common.state_of(observation, _name(mint, named.coin)))
            for label, value in _details(stream):
                _say(f"  {label:<9} {value}")


@dataclass(frozen=True, slots=True)
class ClipAbout:
    """What was asked for: `seconds` of the broadcast `site_id`, from that source; the `window` is
    None where it was the next ones."""

    mint: str
    site_id: int
    seconds: float
    source: SourceName
    window: Window | None = None


def clip_report(result: ClipResult, about: ClipAbout) -> dict[str, Any]:
    """The JSON of `clip`."""
    return {
        "status": result.status.value,
        "path": str(result.path),
        "mint": about.mint,
        "stream_id": about.site_id,
        "seconds": result.seconds,
        "width": result.width,
        "height": result.height,
        "fps": result.fps,
        "bytes": result.bytes,
        "video_codec": "h264" if result.has_video else None,
        "audio_codec": "aac" if result.has_audio else None,
        "has_video": result.has_video,
        "has_audio": result.has_audio,
        "source": about.source.value,
        **_of_recording(result.recording),
        "window": {"asked": _ends(about.window), "shown": _ends(_shown(result))},
        "started_at": _instant(result.started_at),
        "join_ms": result.join_ms,
        "dropped_frames": result.dropped_frames,
        "notes": _notes(result),
    }


def _of_recording(facts: RecordingFacts | None) -> dict[str, Any]:
    """Nothing is known of this where it comes from elsewhere."""
    if facts is None:
        return {"delay_seconds": None, "delay_is_measured": None, "gaps": None}
    return {
        "delay_seconds": facts.delay_seconds,
        "delay_is_measured": facts.delay_is_measured,
        "gaps": {"count": facts.gaps, "longest_seconds": facts.longest_gap},
    }


def _ends(window: Window | None) -> dict[str, Any] | None:
    if window is None:
        return None
    return {"from": _instant(window.begins_at), "to": _instant(window.ends_at)}


def _shown(result: ClipResult) -> Window | None:
    if result.started_at is None or result.seconds <= 0:
        return None
    return Window.after(result.started_at, result.seconds)


def print_clip(result: ClipResult, wanted: float) -> None:
    """The report of `clip` for people: the file, then what a viewer may notice."""
    picture = f"{result.width}×{result.height}, " if result.has_video else ""
    _say(f"{result.path}  ({picture}{result.seconds:.1f} s, {texts.units.size(result.bytes)})")
    facts, shown = result.recording, _shown(result)
    if facts is not None and shown is not None:
        guessed = None if facts.delay_is_measured else facts.delay_seconds
        _say(texts.clip_results.shown(shown, datetime.now(UTC), guessed))
    if result.status is ClipStatus.PARTIAL:
        _say(texts.clip_results.partial(result, wanted))
    for note in result.notes:
        if note.kind is not NoteKind.ABOUT:  # that is said where its times are
            _say(f"  note: {texts.clip_results.clip_note(note)}")


def _notes(result: ClipResult) -> list[str]:
    ended = [texts.clip_results.ended(result.end)] if result.end is not None else []
    return [*ended, *(texts.clip_results.clip_note(note) for note in result.notes)]


def _details(stream: StreamSnapshot) -> list[tuple[str, str]]:
    rows = [("title", texts.common.shown(stream.title))] if stream.title else []
    if stream.started_at is not None:
        age = texts.units.span(
            max(0.0, (datetime.now(UTC) - stream.started_at).total_seconds()) // 1
        )
        rows.append(("since", f"{stream.started_at:%Y-%m-%d %H:%M:%S} UTC ({age} ago)"))
    if stream.viewers is not None:
        rows.append(("viewers", str(stream.viewers)))
    if stream.thumbnail is not None:
        rows.append(("thumbnail", texts.common.shown_url(stream.thumbnail)))
    return rows


def _stream_of(observation: Observation) -> StreamSnapshot | None:
    return observation.stream if isinstance(observation, Live | Starting) else None


def _reason(observation: Unknown) -> str:
    return texts.common.pumpfun_failed(
        observation.reason, observation.status, observation.retry_after
    )


def _name(mint: str, coin: Coin | None) -> str:
    if coin is None or not (coin.symbol or coin.name):
        return texts.common.shown(mint)
    symbol = f" (${texts.common.shown(coin.symbol)})" if coin.symbol and coin.name else ""
    return f"{texts.common.shown(coin.name or coin.symbol)}{symbol}"


def _instant(at: datetime | None) -> str | None:
    return (
        at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
    )


def _say(line: str) -> None:
    print(line)  # noqa: T201 - this is the screen
