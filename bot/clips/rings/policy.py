"""Which coins get a ring. Pure: what is known goes in, the coins that are to have one come out.

A ring costs a third of a core for as long as it is kept, so there are few, and each has a reason.
The reasons have an order; among coins of the same one, a ring that is fresh stays where it is, so
that two streams do not take it from one another: what a ring remembers is lost when it moves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

UNUSED_SECONDS = 600.0
"""A ring of which nothing was cut for so long gives way, and so does one that nobody asked for."""

GIVE_WAY_SECONDS = 180.0
"""A room of which nothing comes for so long leaves its place to a coin that needs it."""

_SHARE = 0.6
MILLICORES_A_RING = 310
"""What a capture of 720p30 takes, measured (`docs/performance.md`, "Instant replay")."""


class RingChoice(StrEnum):
    """What those who follow a coin have chosen, as the preference `replay` has it."""

    ON = "on"
    OFF = "off"
    AUTO = "auto"

    @classmethod
    def of(cls, chosen: Collection[str]) -> RingChoice:
        """Of them all together: whoever wants it gets it, and who does not stops it only where
        nobody else follows the coin."""
        if cls.ON in chosen:
            return cls.ON
        return cls.OFF if set(chosen) == {cls.OFF.value} else cls.AUTO


@dataclass(frozen=True, slots=True)
class Candidate:
    """A coin that is live. Seconds: `live_for`, since it went on air; `asked_ago`, since somebody
    asked for a clip of it, None if nobody has. `is_clipped_here`: a place that follows it made
    clips of late. `is_failing`: nothing comes of its room."""

    mint: str
    live_for: float
    choice: RingChoice = RingChoice.AUTO
    asked_ago: float | None = None
    is_clipped_here: bool = False
    is_failing: bool = False


@dataclass(frozen=True, slots=True)
class HeldRing:
    """A ring that is kept. Seconds: `unused_for`, since something was last cut of it, or since it
    began; `over_for`, since its stream ended, None while that goes on."""

    mint: str
    unused_for: float
    over_for: float | None = None


class Reason(IntEnum):
    """Why a coin gets a ring: the least goes first."""

    WANTED = 1
    ASKED = 2
    CLIPPED_HERE = 3
    LIVE = 4
    OVER = 5
    FAILING = 6


def places_for(streams: int, cores: int) -> int:
    """How many captures there may be at once, rings among them: as many rings as the operator says;
    for 0, what the machine bears."""
    return streams or int(_SHARE * 1000 * cores / MILLICORES_A_RING)


def choose(
    candidates: Iterable[Candidate],
    rings: Collection[HeldRing],
    places: int,
    others: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """The coins that are to have a ring; whoever needs it most comes first.

    `others` are coins of which a capture is at work that is no ring: it takes a place as well, but
    for a coin that gets a ring, whose it becomes.
    """
    held = {ring.mint: ring for ring in rings}
    live = {each.mint: each for each in candidates}
    claims = [_claim(each, held.get(each.mint)) for each in live.values()]
    claims += [_last_claim(ring) for ring in rings if ring.mint not in live]
    chosen: list[str] = []
    for claim in sorted(claim for claim in claims if claim is not None):
        if len(chosen) + len(others.difference(chosen, {claim.mint})) >= places:
            break
        chosen.append(claim.mint)
    return tuple(chosen)


@dataclass(frozen=True, slots=True, order=True)
class _Claim:
    """By what claims are compared, in this order; `since` is how long ago its reason began."""

    reason: Reason
    is_movable: bool
    since: float
    mint: str


def _claim(coin: Candidate, ring: HeldRing | None) -> _Claim | None:
    is_fresh = ring is not None and ring.unused_for < UNUSED_SECONDS
    reason = _reason(coin, is_fresh=is_fresh)
    if reason is None:
        return None
    if coin.is_failing:
        reason = Reason.FAILING
    since = min(coin.live_for, coin.live_for if coin.asked_ago is None else coin.asked_ago)
    return _Claim(reason, not is_fresh, since, coin.mint)


def _reason(coin: Candidate, *, is_fresh: bool) -> Reason | None:
    if coin.choice is RingChoice.OFF:
        return None
    if coin.choice is RingChoice.ON:
        return Reason.WANTED
    if coin.asked_ago is not None and coin.asked_ago < UNUSED_SECONDS:
        return Reason.ASKED
    if coin.is_clipped_here:
        return Reason.CLIPPED_HERE
    return Reason.LIVE if is_fresh or coin.live_for < UNUSED_SECONDS else None


def _last_claim(ring: HeldRing) -> _Claim | None:
    """Of a coin that is not live, while it has something left."""
    if ring.over_for is None:
        return None
    return _Claim(Reason.OVER, True, ring.over_for, ring.mint)
