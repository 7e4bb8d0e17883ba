"""Many channels of Discord that follow one coin, some of them in trouble. Tests and the bench."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.e2e.discord.harness import DiscordHarness, alerts
from tests.e2e.seed import until
from tests.fakes.discord import Channel, RateLimit, Slow


@dataclass(frozen=True, slots=True)
class Crowd:
    """`gone` are deleted, or may not be written to; `held` answer the first post with a 429 of
    5 s; `late` carry every post out 4 s late."""

    healthy: list[Channel]
    gone: list[Channel]
    held: list[Channel]
    late: list[Channel]

    @property
    def reached(self) -> list[Channel]:
        """All who get the alert sooner or later."""
        return [*self.healthy, *self.held, *self.late]

    async def are_told(self) -> float:
        """Wait for every alert; the seconds from the first healthy one to the last."""
        await until(lambda: all(map(alerts, self.healthy)), "the healthy ones")
        times = [one.created for channel in self.healthy for one in alerts(channel)]
        await until(lambda: all(map(alerts, (*self.held, *self.late))), "the others")
        return (max(times) - min(times)).total_seconds()


def crowd_of(harness: DiscordHarness, *, dead: int, limited: int, slow: int) -> Crowd:
    """Put so many of the followers in trouble, the same ones each time."""
    count = len(harness.followers)
    order = random.Random(count).sample(harness.followers, count)
    gone, held, late = order[:dead], order[dead : dead + limited], order[-slow:]
    for channel in gone[: dead // 2]:
        harness.guild.delete_channel(channel)
    for channel in gone[dead // 2 :]:
        channel.deny("send_messages")
    for channel in held:
        harness.discord.faults.add(("POST", channel), RateLimit(5.0), times=1)
    for channel in late:
        harness.discord.faults.add(("POST", channel), Slow(4.0))
    return Crowd(order[dead + limited : -slow], gone, held, late)
