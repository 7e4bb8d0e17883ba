"""Which coins get a ring. Pure: what is known goes in, the coins that are to have one come out.

A ring costs a third of a core for as long as it is kept, so there are few, and each has a reason.
Chats and servers take turns: each gets its first ring before any gets its second, so that none has
them all.
Within a turn the reasons have an order; among coins of the same one, a ring that is fresh stays
where it is, so that two streams do not take it from one another: what a ring remembers is lost
when it moves.
"""

from __future__ import annotations

from collections import defaultdict
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
    """What may be chosen for a coin, as the preference `replay` has it."""

    ON = "on"
    OFF = "off"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Wish:
    """A place, which is a chat or a server, that may want a coin's ring, and why: what it chose;
    how many seconds ago it asked for a clip of the coin, None if it has not; whether it made clips
    of late, of whatever coin. A place may have several of one coin."""

    place_id: int
    choice: str = RingChoice.AUTO
    asked_ago: float | None = None
    makes_clips: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A coin that is live, since `live_for` seconds, and who may want its ring. `is_failing`:
    nothing comes of its room."""

    mint: str
    live_for: float
    wishes: tuple[Wish, ...]
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
    elsewhere: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """The coins that are to have a ring; whoever needs it most comes first.

    `others` are coins of which a capture is at work that is no ring: it takes a place as well, but
    for a coin that gets a ring, whose it becomes. `elsewhere` are coins whose ring is another
    node's: none is needed here, and it counts as one that those who want it have.
    """
    fresh = {ring.mint for ring in rings if ring.unused_for < UNUSED_SECONDS} | elsewhere
    live = {each.mint: each for each in candidates}
    claims = [
        _claim(each, wish, is_fresh=each.mint in fresh)
        for each in live.values()
        for wish in each.wishes
    ]
    claims += [_last_claim(ring) for ring in rings if ring.mint not in live]
    chosen: list[str] = []
    for mint in _in_turns(claim for claim in claims if claim is not None):
        if mint in elsewhere:
            continue
        if len(chosen) + len(others.difference(chosen, {mint})) >= places:
            break
        chosen.append(mint)
    return tuple(chosen)


@dataclass(frozen=True, slots=True, order=True)
class _Claim:
    """By what claims are compared, in this order; `since` is how long ago its reason began."""

    reason: Reason
    is_movable: bool
    since: float
    mint: str
    place_id: int | None


def _in_turns(claims: Iterable[_Claim]) -> Iterable[str]:
    """Coins: the first of each place, then the second of each, and so on. A coin of several places
    has the best of its turns. What nobody needs comes after all of them."""
    turns = defaultdict[int | None, dict[str, int]](dict)
    ordered = []
    for claim in sorted(claims):
        own = turns[claim.place_id]
        turn = own.setdefault(claim.mint, len(own) + 1)
        ordered.append((max(claim.reason, Reason.LIVE), turn, claim))
    return dict.fromkeys(claim.mint for _, turn, claim in sorted(ordered))


def _claim(coin: Candidate, wish: Wish, *, is_fresh: bool) -> _Claim | None:
    reason = _reason(coin, wish, is_fresh=is_fresh)
    if reason is None:
        return None
    if coin.is_failing:
        reason = Reason.FAILING
    since = min(coin.live_for, coin.live_for if wish.asked_ago is None else wish.asked_ago)
    return _Claim(reason, not is_fresh, since, coin.mint, wish.place_id)


def _reason(coin: Candidate, wish: Wish, *, is_fresh: bool) -> Reason | None:
    if wish.choice == RingChoice.OFF:
        return None
    if wish.choice == RingChoice.ON:
        return Reason.WANTED
    if wish.asked_ago is not None and wish.asked_ago < UNUSED_SECONDS:
        return Reason.ASKED
    if wish.makes_clips:
        return Reason.CLIPPED_HERE
    return Reason.LIVE if is_fresh or coin.live_for < UNUSED_SECONDS else None


def _last_claim(ring: HeldRing) -> _Claim | None:
    """Of a coin that is not live, while it has something left."""
    if ring.over_for is None:
        return None
    return _Claim(Reason.OVER, True, ring.over_for, ring.mint, None)
