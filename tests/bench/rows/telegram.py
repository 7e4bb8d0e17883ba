"""Telegram: how much of what is allowed a fan-out uses, and how soon commands are answered."""

from __future__ import annotations

from dataclasses import dataclass

from bot.platforms.telegram.connection.limits import BURST, PER_SECOND
from tests.bench.figures import Effort, Figure, Section
from tests.bench.meters import percentile
from tests.e2e.seed import until
from tests.e2e.telegram.harness import TelegramHarness, alerts, crowd, telegram_harness
from tests.fakes.telegram import Slow

_ALLOWED = 30
_AWAY = 0.15
_HOW = f"""\
`mintcast run` with the real python-telegram-bot, between the site's look-alike and the stand-in of
the Bot API, which takes the times, runs in the benchmark's process, and answers 429 above 30
messages a second over all, 3 in 3 s to a chat or 20 a minute to a group. A coin with 1,000 groups
goes live. The rate is of all that is sent between the first alert and the last, beside the \
{PER_SECOND:g}
messages a second that Mintcast allows itself and the 30 that Telegram is said to allow. From afar:
every answer comes 0.15 s late, and meanwhile 50 people use `/help` in private. Then a clip of 8 s
is recorded for one chat (the real LiveKit server, 640×360) while 50 others use `/help` within 5 s.
*Answered* is from the person's message to the request that answers it.

What the stand-in cannot show of speed: how far Telegram is away (*from afar* delays its answers,
not the way of a person's message to the bot), how long it takes over a picture or a clip, and what
its true limits are, which it does not publish."""
_SHARE, _ANSWERED = 0.95, 1.0


@dataclass(frozen=True, slots=True)
class _FanOut:
    """`seconds` from the first alert to the last; `share` of what the rate limits allow went out in
    them, and never more than `peak` in one second. `waited` are seconds to the answers meanwhile.
    """

    seconds: float
    share: float
    peak: int
    floods: int
    uploads: int
    waited: list[float]


async def measure(effort: Effort) -> Section:
    """Two fan-outs, and questions during a clip."""
    targets = effort.times(1000, 100)
    near, far = await _fan_out(effort, targets, 0.0), await _fan_out(effort, targets, _AWAY)
    waited = await _during_a_clip(effort)
    floods, uploads = near.floods + far.floods, max(near.uploads, far.uploads)
    peak = max(near.peak, far.peak)
    return Section("Telegram", _HOW, [
        _share(f"{targets:,} alerts", near), _share(f"{targets:,} alerts, from afar", far),
        Figure("most messages in any one second", f"{peak}", f"≤ {_ALLOWED}", peak <= _ALLOWED),
        Figure("answers 429 in both", f"{floods}", "0", floods == 0),
        Figure("uploads of the picture in a fan-out", f"{uploads}", "1", uploads == 1),
        _answers("commands answered in the fan-out from afar, median", far.waited),
        _answers("commands answered while a clip is made, median", waited, _ANSWERED),
    ])  # fmt: skip


def _share(name: str, told: _FanOut) -> Figure:
    own, most = 100 * told.share, 100 * told.share * PER_SECOND / _ALLOWED
    return Figure(
        name,
        f"{told.seconds:.1f} s, {own:.1f} % of its own rate, {most:.0f} % of Telegram's",
        f"≥ {100 * _SHARE:.0f} %",
        told.share >= _SHARE,
    )


def _answers(name: str, seconds: list[float], most: float | None = None) -> Figure:
    worst = max(seconds)
    return Figure(
        name,
        f"{percentile(seconds, 0.5):.2f} s, worst of {len(seconds)}: {worst:.2f} s",
        "" if most is None else f"≤ {most:g} s",
        None if most is None else worst <= most,
    )


async def _fan_out(effort: Effort, targets: int, away: float) -> _FanOut:
    folder = effort.folder / f"fan-out-{away}"
    async with telegram_harness(folder, livekit=False, followers=targets) as harness:
        harness.telegram.limits.strict = True
        people = crowd(harness, targets // 20)
        harness.coin.go_live("For everybody")
        await until(lambda: harness.telegram.made("sendPhoto"), "the first alert")
        waited = []
        if away:
            harness.telegram.faults.add("*", Slow(away))
            await people.ask(0.8 * targets / PER_SECOND)
            waited = await people.answer_seconds()
        await until(lambda: all(map(alerts, harness.followers)), "everybody", 120)
        assert all(len(alerts(chat)) == 1 for chat in harness.followers)
        assert harness.telegram.rejected == []
        return _seen(harness, waited)


def _seen(harness: TelegramHarness, waited: list[float]) -> _FanOut:
    telegram = harness.telegram
    sent = [call.at for call in telegram.made("sendPhoto")]
    seconds = sent[-1] - sent[0]
    count = sum(sent[0] <= at <= sent[-1] for at, _, _ in telegram.limits.came)
    return _FanOut(
        seconds,
        (count - BURST) / PER_SECOND / seconds,
        telegram.limits.measured().overall,
        sum(call.code == 429 for call in telegram.calls),
        telegram.uploads["photo"],
        waited,
    )


async def _during_a_clip(effort: Effort) -> list[float]:
    people, seconds = effort.times(50, 10), effort.seconds(5.0, 2.0)
    async with telegram_harness(effort.folder / "clip") as harness:
        others = crowd(harness, people)
        await harness.world.broadcast(harness.coin, width=640, height=360)
        await harness.al.say(harness.al.chat, f"/clip 8s {harness.coin.mint}")
        await until(lambda: harness.al.chat.messages, "its progress")
        await others.ask(seconds)
        chat = harness.al.chat
        assert not any(one.video for one in chat.messages), "the clip is still being made"
        waited = await others.answer_seconds()
        await until(lambda: any(one.video for one in chat.messages), "the clip", 40)
        return waited
