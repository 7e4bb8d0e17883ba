"""Discord: a fan-out with troubled channels, how soon commands are answered, suggestions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.platforms.discord.connection.limits import BURST, PER_SECOND
from tests.bench.figures import Effort, Figure, Section
from tests.bench.meters import percentile
from tests.e2e.discord.crowd import crowd_of
from tests.e2e.discord.harness import DiscordHarness, alerts, discord_harness
from tests.fakes.discord import Asked, Slow

_DEAD, _LIMITED, _SLOW = 10, 5, 3
_AWAY = 0.15
_HOW = f"""\
`mintcast run` with the real discord.py, between the site's look-alike and the stand-in of Discord,
which takes the times, holds the bot to 50 requests a second over all and 5 messages in 5 s to a
channel, and runs in the benchmark's process. Of 300 channels that follow a coin 10 are deleted or
closed, 5 answer 429 (5 s) at first and 3 take 4 s for each message. *Healthy* are the others: from
the first of their alerts to the last, beside the least that they alone can take in Mintcast's own
lanes, which let {BURST} requests go at once and {PER_SECOND:g} a second; \
the 18 others take turns of the same lanes.
From afar: every answer comes 0.15 s late, and meanwhile somebody uses `/subscriptions` over and
over.

Commands and suggestions are from a server in which 10,000 subscriptions are looked through, while
the watcher polls every second: `/subscribe` (which asks the site), `/live`, `/settings`,
`/subscriptions` and `/unsubscribe` in turn, and texts that fit all, many, one and none of the
coins. *Acknowledged* is from the interaction's leaving the stand-in to the first response: the
answer itself where there is one within 1.2 s, else the word that it is on its way. *Answered* is
until there is something to read.

What the stand-in cannot show of speed: how far Discord is away (*from afar* delays the answers of
its REST, not what its gateway tells), how long it takes over a picture, what its true limits are,
and a gateway or a REST that is busy."""
_WITHIN, _ACKNOWLEDGED, _OFFERED = 8.0, 3.0, 0.1
_NAMES = ("subscribe", "live", "settings", "subscriptions", "unsubscribe")
_TYPED = ("", "c", "c99", "number 77", "coin number 4321", "nothing of the kind")


@dataclass(frozen=True, slots=True)
class _FanOut:
    """`floods` are answers 429 beside those that were arranged; `acknowledged` is of the commands
    meanwhile."""

    healthy: int
    seconds: float
    floods: int
    acknowledged: list[float]

    @property
    def least(self) -> float:
        """What the lanes take for the healthy ones alone."""
        return (self.healthy - BURST) / PER_SECOND


async def measure(effort: Effort) -> Section:
    """Two fan-outs; then commands and suggestions where there is much to look through."""
    near, far = await _fan_out(effort, 0.0), await _fan_out(effort, _AWAY)
    coins = effort.times(10_000, 500)
    asked, answered, offered = await _asking(effort, coins)
    return Section("Discord", _HOW, [
        _healthy("", near), _healthy(", from afar", far),
        Figure("answers 429 in both, beside the arranged ones", f"{near.floods + far.floods}"),
        _waits(f"commands acknowledged at {coins:,} subscriptions", asked, _ACKNOWLEDGED),
        _waits("commands acknowledged in the fan-out from afar", far.acknowledged, _ACKNOWLEDGED),
        _waits(f"commands answered at {coins:,} subscriptions", answered),
        _waits(f"suggestions at {coins:,} subscriptions", offered, _OFFERED),
    ])  # fmt: skip


def _healthy(how: str, told: _FanOut) -> Figure:
    return Figure(
        f"{told.healthy} healthy of {told.healthy + _DEAD + _LIMITED + _SLOW} channels{how}",
        f"{told.seconds:.2f} s, {told.seconds / told.least:.2f} of the lanes' {told.least:.2f} s",
        f"≤ {_WITHIN:g} s",
        told.seconds <= _WITHIN,
    )


def _waits(name: str, seconds: Sequence[float], most: float | None = None) -> Figure:
    value = f"{1000 * percentile(seconds, 0.5):.0f} ms, worst of {len(seconds)}: "
    worst = max(seconds)
    demand = "" if most is None else f"≤ {1000 * most:.0f} ms"
    holds = None if most is None else worst <= most
    return Figure(f"{name}, median", f"{value}{1000 * worst:.0f} ms", demand, holds)


async def _fan_out(effort: Effort, away: float) -> _FanOut:
    followers = effort.times(300, 60)
    folder = effort.folder / f"fan-out-{away}"
    async with discord_harness(folder, livekit=False, followers=followers) as harness:
        crowd = crowd_of(harness, dead=_DEAD, limited=_LIMITED, slow=_SLOW)
        if away:
            harness.discord.faults.add(("*", "*"), Slow(away))
        harness.coin.go_live("For everybody")
        asked: list[Asked] = []
        async with asyncio.TaskGroup() as group:
            telling = group.create_task(crowd.are_told(), name="fan-out")
            while away and not telling.done():
                asked += [await harness.owner.slash(harness.channel, "subscriptions")]
                await asyncio.wait({telling}, timeout=0.25)
        assert all(len(alerts(channel)) == 1 for channel in crowd.reached)
        assert harness.discord.rejected == []
        return _FanOut(
            len(crowd.healthy),
            telling.result(),
            sum(call.status == 429 for call in harness.discord.calls) - _LIMITED,
            [_acknowledged(one) for one in asked],
        )


async def _asking(effort: Effort, coins: int) -> tuple[list[float], list[float], list[float]]:
    """Seconds to acknowledgements, answers and suggestions."""
    acknowledged: list[float] = []
    answered: list[float] = []
    offered: list[float] = []
    async with discord_harness(effort.folder / "asking", livekit=False, coins=coins) as harness:
        for number in range(effort.times(10, 2)):
            mint = harness.world.add_coin(f"NEW{number}", f"Novelty {number}").mint
            for name in _NAMES:
                asked, waited = await _ask(harness, name, mint)
                acknowledged.append(_acknowledged(asked))
                answered.append(waited)
            offered += [await _type(harness, text) for text in (*_TYPED, mint[:5])]
        assert harness.discord.rejected == []
    return acknowledged, answered, offered


async def _ask(harness: DiscordHarness, name: str, mint: str) -> tuple[Asked, float]:
    """One command; and the seconds until there was something to read."""
    told = {"subscribe": {"mint": mint}, "unsubscribe": {"mint": mint}, "live": {"mint": mint}}
    asked = await harness.owner.slash(harness.channel, name, wait=False, **told.get(name, {}))
    await asked.answered(15)
    return asked, (harness.discord.now() - asked.created).total_seconds()


async def _type(harness: DiscordHarness, text: str) -> float:
    """Type so far; the seconds until coins were offered."""
    await harness.owner.autocomplete(harness.channel, "live", "mint", text)
    return _acknowledged(list(harness.discord.asked.values())[-1])


def _acknowledged(asked: Asked) -> float:
    assert asked.acknowledged_after is not None, f"never acknowledged: {asked.told}"
    return asked.acknowledged_after
