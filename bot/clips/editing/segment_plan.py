"""Which packets of a recording's segments make a clip, and when each is shown. Pure.

Times are ticks of 1/90,000 s. A packet's own count means nothing by itself: it wraps at 33 bits,
and begins anew where the site's encoder does. Each segment has its place on the recording's line of
time, so a packet is placed by how far it is from the first picture of its segment; segments that
count on from one another keep their places to one another, whatever the playlist says they last.

A clip is one run: no hole of more than a second, and one header for all, since no player can be
relied on to change it midway. Nothing is closed up, so all that is shown is shown when it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

TICKS = 90_000
HOLE = TICKS
"""A jump that is longer, either way, parts two runs."""
LATEST_SECONDS = 1
"""A clip begins so much later than it was asked for, at most, where the keyframe before is further
away."""
GAP_SECONDS = 0.25
"""Pictures that are further apart leave a gap, which is told."""

_WRAP = 1 << 33
_JITTER = TICKS // 500


@dataclass(frozen=True, slots=True)
class Row:
    """A packet of segment number `segment`, as it counts itself. `header`: None, as before."""

    is_video: bool
    segment: int
    pts: int
    dts: int
    lasts: int
    is_key: bool
    is_corrupt: bool = False
    header: bytes | None = None

    @property
    def name(self) -> tuple[bool, int, int]:
        """By which it is found again."""
        return self.is_video, self.segment, self.pts


@dataclass(frozen=True, slots=True)
class Place:
    """Where the playlist has a segment."""

    begins: int
    lasts: int
    group: int


@dataclass(frozen=True, slots=True)
class Timed:
    """A packet on the line of time: when it is shown, and when decoded."""

    row: Row
    shown: int
    decoded: int


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """`times` has for each packet of the clip, by its name, when it is shown and decoded, counted
    from its `zero`. `segments` are the first and the last that it is made of."""

    zero: int
    ends: int
    times: dict[tuple[bool, int, int], tuple[int, int]]
    segments: tuple[int, int]
    step: int
    """How long a picture lasts, mostly."""

    def lead(self, *, is_video: bool) -> list[float]:
        """When each picture, or each sound, is shown, in seconds of the clip."""
        return [shown / TICKS for name, (shown, _) in self.times.items() if name[0] is is_video]


@dataclass(frozen=True, slots=True)
class Gaps:
    """Where pictures are missing: how often, and the longest in seconds."""

    count: int = 0
    longest: float = 0.0


def plan(
    rows: Sequence[Row], places: Sequence[Place], begins: int, ends: int
) -> SegmentPlan | None:
    """What shows most of [begins, ends) in one run; None where nothing does."""
    timed = _timed(_whole(rows, places), places)
    has_picture = any(one.row.is_video for one in timed)
    lead = [run for run in _runs(timed, has_picture) if run]
    shares = [(_share(run, begins, ends), run) for run in lead]
    best = max(shares, key=lambda one: one[0], default=(0, list[Timed]()))
    if best[0] <= 0:
        return None
    return _plan(best[1], timed, begins, ends)


def gaps_of(shown: Iterable[float]) -> Gaps:
    """Of pictures that are shown at these seconds."""
    steps = [after - before for before, after in pairwise(sorted(shown))]
    return Gaps(sum(step > GAP_SECONDS for step in steps), max(steps, default=0.0))


def _whole(rows: Sequence[Row], places: Sequence[Place]) -> list[Row]:
    """Without the picture that a segment breaks off in: one that is damaged, and the last of a
    segment that is shorter than the playlist says."""
    last: dict[int, Row] = {}
    counts: dict[int, list[int]] = {}
    for row in rows:
        if row.is_video:
            last[row.segment] = row
            counts.setdefault(row.segment, []).append(row.pts)
    broken = {
        row.name
        for segment, row in last.items()
        if row.is_corrupt and _is_short(counts[segment], places[segment].lasts)
    }
    return [row for row in rows if row.name not in broken]


def _is_short(counts: list[int], lasts: int) -> bool:
    step = _step([_apart(pts, counts[0]) for pts in counts])
    return _span(counts).lasts < lasts - 1.5 * step


def _timed(rows: Sequence[Row], places: Sequence[Place]) -> list[Timed]:
    spans = _spans(rows)
    offsets = _offsets(spans, places)
    timed = []
    for row in rows:
        first, at = spans[row.segment].first, offsets[row.segment]
        timed.append(Timed(row, at + _apart(row.pts, first), at + _apart(row.dts, first)))
    return timed


@dataclass(frozen=True, slots=True)
class _Span:
    """The count of the first picture (or sound) of a segment, and how long those last that follow
    it without a hole. A count may jump in the middle: that says nothing of what comes after."""

    first: int
    lasts: int


def _spans(rows: Iterable[Row]) -> dict[int, _Span]:
    counts: dict[int, list[int]] = {}
    with_picture = {row.segment for row in rows if row.is_video}
    for row in rows:
        if row.is_video or row.segment not in with_picture:
            counts.setdefault(row.segment, []).append(row.pts)
    return {segment: _span(each) for segment, each in counts.items()}


def _span(counts: Sequence[int]) -> _Span:
    away = sorted(_apart(pts, counts[0]) for pts in counts)
    first, step = away[0], _step(away)
    last = next((one for one, after in pairwise(away) if after - one > HOLE), away[-1])
    return _Span((counts[0] + first) % _WRAP, last - first + step)


def _offsets(spans: dict[int, _Span], places: Sequence[Place]) -> dict[int, int]:
    """When the first picture of each segment is shown: never before the segment before it ends."""
    offsets: dict[int, int] = {}
    before: int | None = None
    for segment in sorted(spans):
        begins = places[segment].begins
        if before is not None:
            counted = offsets[before] + _apart(spans[segment].first, spans[before].first)
            wanted = offsets[before] + begins - places[before].begins
            same = places[segment].group == places[before].group
            begins = counted if same and abs(counted - wanted) <= HOLE else wanted
            ended = offsets[before] + spans[before].lasts
            begins = ended if begins < ended - _JITTER else begins
        offsets[segment], before = begins, segment
    return offsets


def _apart(count: int, other: int) -> int:
    """How far a count is after another, which may have wrapped between them."""
    return (count - other + _WRAP // 2) % _WRAP - _WRAP // 2


def _runs(timed: Sequence[Timed], has_picture: bool) -> list[list[Timed]]:
    """Of the pictures, or of the sound alone; each from a keyframe on."""
    runs, headers = [list[Timed]()], dict[bool, bytes]()
    for one in timed:
        header, known = one.row.header, headers.get(one.row.is_video)
        changed = header is not None and known is not None and header != known
        if header is not None:
            headers[one.row.is_video] = header
        if changed:
            runs.append([])
        if one.row.is_video != has_picture:
            continue
        if runs[-1] and abs(one.decoded - runs[-1][-1].decoded) > HOLE:
            runs.append([])
        if runs[-1] or one.row.is_key:
            runs[-1].append(one)
    return runs


def _share(run: Sequence[Timed], begins: int, ends: int) -> int:
    """How much of the window it shows."""
    first = min(one.shown for one in run if one.row.is_key)
    last = max(one.shown for one in run) + _step([one.shown for one in run])
    return min(last, ends) - max(first, begins)


def _plan(run: Sequence[Timed], timed: Sequence[Timed], begins: int, ends: int) -> SegmentPlan:
    first = _first(run, begins, ends)
    last = max(at for at, one in enumerate(run) if one.shown < ends)
    zero, step = run[first].shown, _step([one.shown for one in run])
    lead = [one for one in run[first : last + 1] if one.shown >= zero]
    end = max(one.shown for one in lead) + (step or lead[-1].row.lasts)
    sound = _sound(timed, zero, end, lead) if lead[0].row.is_video else []
    numbers = [one.row.segment for one in lead]
    return SegmentPlan(
        zero,
        end,
        _in_order(lead, zero) | _in_order(sound, zero),
        (min(numbers), max(numbers)),
        step,
    )


def _first(run: Sequence[Timed], begins: int, ends: int) -> int:
    keys = {one.shown: at for at, one in reversed([*enumerate(run)]) if one.row.is_key}
    return keys[nearest_keyframe(sorted(keys), begins, ends)]


def nearest_keyframe(keys: Sequence[int], begins: int, ends: int, second: int = TICKS) -> int:
    """Of `keys`, in order and at least one, that which is nearest to the beginning; none that takes
    much of the window away. A second has so many of their units."""
    latest = begins + min(LATEST_SECONDS * second, (ends - begins) // 6)
    in_time = [key for key in keys if key <= latest] or keys[:1]
    return min(in_time, key=lambda key: abs(key - begins))


def _sound(timed: Sequence[Timed], zero: int, end: int, lead: Sequence[Timed]) -> list[Timed]:
    """What is heard meanwhile. Where two groups overlap, what came first is heard to its end."""
    first, last, heard = lead[0].row.segment, lead[-1].row.segment, list[Timed]()
    for one in timed:
        in_run = not one.row.is_video and first <= one.row.segment <= last
        if not in_run or one.shown < zero or one.shown + one.row.lasts > end:
            continue
        if not heard or one.shown >= heard[-1].shown + heard[-1].row.lasts // 2:
            heard.append(one)
    return heard


def _in_order(packets: Sequence[Timed], zero: int) -> dict[tuple[bool, int, int], tuple[int, int]]:
    """Decoded one after another, none later than it is shown: others are left out."""
    times: dict[tuple[bool, int, int], tuple[int, int]] = {}
    before: int | None = None
    for one in packets:
        decoded = one.decoded if before is None else max(one.decoded, before + 1)
        if decoded <= one.shown and one.row.name not in times:
            times[one.row.name] = (one.shown - zero, decoded - zero)
            before = decoded
    return times


def _step(counts: Sequence[int]) -> int:
    """How far pictures are apart, mostly."""
    steps = [after - before for before, after in pairwise(sorted(set(counts)))]
    return round(median(steps)) if steps else 0
