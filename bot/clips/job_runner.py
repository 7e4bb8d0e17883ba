"""One claimed clip job: from its claim to the rows that say what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from bot import texts
from bot.clips.outcomes import CANCELLED, Outcome, count, failure, finish, notify_all
from bot.clips.results import load_result, write_failure
from bot.errors import FilesUnreachable, PumpfunError, StoreError
from bot.kit.error_text import reason
from bot.kit.files import poster_of
from bot.kit.notifier import DELIVERIES, JOBS, job_topic
from bot.kit.tasks import background
from bot.model import (
    LARGEST_HIGHLIGHT,
    CaptureEnd,
    ClipFailure,
    ClipJob,
    ClipNote,
    ClipProgress,
    ClipRequest,
    ClipResult,
    ClipStatus,
    JobFault,
    JobState,
    Offer,
    Offline,
    Phase,
    PlacedBy,
    SourceName,
    Unknown,
    Window,
)

if TYPE_CHECKING:
    from bot.clips.job_context import ClipContext
    from bot.clips.padding import PaddedClipPlan
    from bot.store import Unit

_log = logging.getLogger(__name__)
T = TypeVar("T")

_PROGRESS_SECONDS = 1.0
_RETRY_SECONDS = 2.0
_SHARE_TRIES = 30
_JUST_NOW = timedelta(seconds=1)
MOMENT_SECONDS = 10.0

_GONE = frozenset(
    {
        ClipFailure.NOT_AT_HAND,
        ClipFailure.RECORDING_UNREACHABLE,
        ClipFailure.NO_MEDIA,
        ClipFailure.WORKER_DIED,
        ClipFailure.WORKER_SILENT,
        ClipFailure.WORKER_MEMORY,
        ClipFailure.WORKER_PROCESSOR,
        ClipFailure.CANNOT_JOIN,
        ClipFailure.ROOM_CLOSED,
        ClipFailure.REMOVED,
        ClipFailure.REPLACED,
    }
)
"""What a source that had something at hand has lost with its process, or by the time; or never had,
since it was not in the room meanwhile."""

_WORTH_ANOTHER = 1.0
"""So many more seconds another source must have."""


class ClipJobRunner:
    """Makes the clip of `job` and of all that share its window; who cancelled is left out of it.

    It alone writes the rows of a claimed job, but for `cancel_requested`, which anybody may set.
    `name` is for the file, and an attacker's text.
    """

    def __init__(self, job: ClipJob, name: str, context: ClipContext) -> None:
        self.takes_room = job.order.is_ahead
        """It records, for as long as its clip is; else it cuts, which is done in a moment."""
        self.job_id = job.id
        self._begun = context.clock.monotonic()
        self.has_given_up = False
        self.notes: tuple[ClipNote, ...] = ()
        """What came with the clip, once it is made."""
        self._job = job
        self._name = name
        self._context = context
        self._key = context.files.new_key(name, "mp4")
        self._placed_by: PlacedBy | None = None
        self._finish = asyncio.Event()
        self._news = asyncio.Event()
        self._unsaved: ClipProgress | None = None
        self._last_progress: tuple[Phase | None, float] = (None, 0.0)

    def stop(self) -> None:
        """End it soon, with what there is."""
        self._finish.set()

    @property
    def is_cutting(self) -> bool:
        """It cuts what is at hand, and has not taken longer than that does."""
        age = self._context.clock.monotonic() - self._begun
        return not self.takes_room and age < MOMENT_SECONDS

    async def run(self) -> None:
        """To the end: the rows say how it went, or that it waits for another turn, or there was
        nobody left who wanted it.

        Where it is stopped or cancelled with nothing to keep, the rows wait for `recover`. Those of
        one that another has claimed since are left alone.
        """
        with self._context.notifier.listening(job_topic(self._job.id)) as self._news:
            self._on_progress(ClipProgress(Phase.ASKING))
            outcome = await self._make_while_wanted()
        if outcome is None or self._is_for_later(outcome):
            await self._remove_file()
        else:
            await self._surely_finish(outcome)

    async def give_up(self) -> None:
        """It broke off: nobody waits for it any longer."""
        self.has_given_up = True
        await self._remove_file()
        await self._surely_finish(failure(JobFault.BROKEN_OFF))

    async def _make_while_wanted(self) -> Outcome | None:
        if not await self._save_progress():
            return None
        async with background(self._make(), f"clip-{self._job.id}-making") as making:
            making.add_done_callback(lambda _: self._news.set())
            while not making.done():
                await self._news.wait()
                self._news.clear()
                if not making.done() and not await self._save_progress():
                    return None
            return making.result()

    def _is_for_later(self, outcome: Outcome) -> bool:
        nothing = outcome.error == ClipFailure.STOPPED.value
        return nothing and self._finish.is_set()

    async def _make(self) -> Outcome | None:
        """None: it waits for another turn."""
        if self._job.order.is_empty:
            return failure(JobFault.EMPTY)
        if (refused := await self._disk_is_full()) is not None:
            return refused
        if self._job.order.highlight_url is not None:
            return await self._fetch()
        return await self._record() if self.takes_room else await self._cut()

    async def _fetch(self) -> Outcome:
        """Somebody else has cut it."""
        await self._note(SourceName.SITE)
        return await self._made_of(SourceName.SITE)

    async def _cut(self) -> Outcome | None:
        """Its window is past: of who has most of it; of the next best, where that one has lost it;
        else of the room, which is another turn's."""
        failed: list[SourceName] = []
        is_unreachable = False
        self._placed_by = await self._first_placed_by()
        try:
            while (offer := await self._offer(failed)) is not None:
                await self._note(offer.source)
                outcome = await self._made_of(offer.source)
                if outcome.result is None or outcome.result.failure not in _GONE:
                    return await self._or_of_another(outcome, offer.source, failed)
                _log.info("clip %d: what was at hand is gone", self._job.id)
                failed.append(offer.source)
                is_unreachable |= outcome.result.failure is ClipFailure.RECORDING_UNREACHABLE
        except PumpfunError as error:
            _log.info("clip %d: %s", self._job.id, error)
            is_unreachable = True
        if not self._is_of_just_now:
            why = ClipFailure.RECORDING_UNREACHABLE if is_unreachable else ClipFailure.NOT_AT_HAND
            return failure(why)
        await self._queue_for_the_room()
        return None

    async def _or_of_another(
        self, made: Outcome, source: SourceName, failed: Sequence[SourceName]
    ) -> Outcome:
        """It, or a longer one: of a ring, our own connection may have missed what the recording
        has. Each has a file of its own, and the other one's goes."""
        offer = await self._offer_of_what_was_missed(made, source, failed)
        if offer is None or made.result is None:
            return made
        first, self._key = self._key, self._context.files.new_key(self._name, "mp4")
        await self._note(offer.source)
        other = await self._made_of(offer.source)
        if other.error is None and other.result and other.result.seconds > made.result.seconds:
            await self._remove(first)
            return other
        await self._remove_file()
        self._key, self.notes = first, made.result.notes
        await self._note(source)
        return made

    async def _offer_of_what_was_missed(
        self, made: Outcome, source: SourceName, failed: Sequence[SourceName]
    ) -> Offer | None:
        result = made.result
        if source is not SourceName.RING or result is None:
            return None
        if result.end is not CaptureEnd.CONNECTION_LOST:
            return None
        with contextlib.suppress(PumpfunError):
            offer = await self._offer([*failed, source])
            if offer is not None and offer.window.seconds > result.seconds + _WORTH_ANOTHER:
                return offer
        return None

    @property
    def _is_of_just_now(self) -> bool:
        """It shows what went before it was asked for, up to then: the next seconds do instead, but
        not in place of a clip that is cut anew."""
        order = self._job.order
        since = self._context.clock.between(order.window.ends_at, order.asked_at)
        return order.parent_id is None and since <= _JUST_NOW

    async def _offer(self, without: Sequence[SourceName]) -> Offer | None:
        """Raises PumpfunError, where that cannot be found out. A ring has other times than a
        recording whose delay was guessed: it is for where nothing else has what is wanted."""
        by = self._placed_by
        if by is not None and not by.is_measured:
            with contextlib.suppress(PumpfunError):
                best = await self._offer_without([*without, SourceName.RING])
                if best is not None:
                    return best
        return await self._offer_without(without)

    async def _offer_without(self, without: Sequence[SourceName]) -> Offer | None:
        order = self._job.order
        return await self._context.sources.offer(
            order.mint, order.window, is_recut=order.parent_id is not None, without=without
        )

    async def _first_placed_by(self) -> PlacedBy | None:
        """Of what is cut anew: how the recording was placed of which its first clip was cut, since
        its window is of that line of time."""
        parent_id = self._job.order.parent_id
        if parent_id is None:
            return None
        with contextlib.suppress(StoreError, KeyError, TypeError, ValueError):
            async with self._context.store.read() as unit:
                first = await unit.jobs.get(parent_id)
            if first is not None and first.result is not None:
                facts = load_result(first.result).recording
                return facts.placed_by if facts is not None else None
        return None

    async def _record(self) -> Outcome:
        """The next seconds, whoever asked for them and when."""
        if (refused := await self._not_on_air()) is not None:
            return refused
        if self._finish.is_set():
            return failure(ClipFailure.STOPPED)
        seconds = self._job.order.seconds
        await self._note(SourceName.ROOM, Window.after(self._context.clock.now(), seconds))
        return await self._made_of(SourceName.ROOM)

    async def _made_of(self, source: SourceName) -> Outcome:
        order, context = self._job.order, self._context
        request = ClipRequest(
            mint=order.mint,
            seconds=order.seconds,
            path=context.files.path(self._key),
            max_bytes=order.max_bytes,
            max_height=context.max_height,
            window=order.window,
            poster=context.files.path(poster_of(self._key)),
            url=order.highlight_url,
            placed_by=self._placed_by,
        )
        try:
            result = await context.sources.cut(source, request, self._on_progress, self._finish)
        except PumpfunError as error:
            return failure(error.reason)
        if result.failure is not None:
            return failure(result.failure, result)
        if (refused := await self._share()) is not None:
            return refused
        self._keep_notes(result)
        waited = context.clock.age(order.asked_at).least.total_seconds()
        context.metrics.clip_file_delay.labels(source.value).observe(waited)
        expires_at = context.clock.now() + context.clip_retention.rules.keep
        shows = _shown(result)
        padded_clip = await self._planned_padded_clip(result, shows)
        return Outcome(JobState.DONE, None, result, self._key, expires_at, shows, padded_clip)

    async def _share(self) -> Outcome | None:
        """All nodes can have the file, from before any row names it; else why not."""
        try:
            await self._surely_share()
        except OSError as error:
            await self._remove_file()
            return failure(write_failure(error))
        return None

    async def _surely_share(self) -> None:
        """However often it takes, within reason. Raises OSError."""
        for _ in range(_SHARE_TRIES):
            with contextlib.suppress(FilesUnreachable):
                await self._try_to_share()
                return
            await self._context.clock.sleep(_RETRY_SECONDS)
        await self._try_to_share()

    async def _try_to_share(self) -> None:
        """Raises OSError."""
        try:
            await self._context.files.share(self._key)
        except FilesUnreachable as error:
            self._context.sharing.failed(reason(error), self._context.clock.monotonic())
            self._context.part.bad(reason(error))
            raise
        self._context.sharing.worked()

    async def _planned_padded_clip(
        self, result: ClipResult, shows: Window | None
    ) -> PaddedClipPlan | None:
        """The first clip of a message has one, for all that are cut of it anew; a highlight is not
        cut."""
        order = self._job.order
        if order.parent_id is not None or order.highlight_url is not None or shows is None:
            return None
        return await self._context.padded_clips.plan(self._name, order.mint, shows, result)

    def _keep_notes(self, result: ClipResult) -> None:
        """A chat is told only what its viewers may notice, and no numbers."""
        self.notes = result.notes
        told = [texts.clip_results.clip_note(note) for note in result.notes]
        if result.status is ClipStatus.PARTIAL:
            why = result.end.value if result.end is not None else "for no known reason"
            told.insert(0, f"{result.seconds:g} of {self._job.order.seconds:g} s, {why}")
        if told:
            _log.info("clip %d is made: %s", self._job.id, "; ".join(told))

    async def _not_on_air(self) -> Outcome | None:
        """Why no process is to be started for it."""
        observation = await self._context.site.livestream(self._job.order.mint)
        if isinstance(observation, Offline):
            return failure(JobFault.OFFLINE)
        return failure(observation.reason) if isinstance(observation, Unknown) else None

    async def _disk_is_full(self) -> Outcome | None:
        """Why it cannot be written; else there is room for the file."""
        try:
            # Twice: where a clip turns out too large, its second encode lies beside the first.
            has_room = await self._context.clip_retention.make_room(
                2 * self._most_bytes, spared=await self._own_files()
            )
        except OSError as error:
            return failure(write_failure(error))
        return None if has_room else failure(ClipFailure.DISK_FULL)

    async def _own_files(self) -> frozenset[str]:
        """What is cut anew takes no room from the clip that stands there, nor from what it is
        going to be cut of."""
        parent_id = self._job.order.parent_id
        if parent_id is None:
            return frozenset()
        with contextlib.suppress(StoreError):
            async with self._context.store.read() as unit:
                first = await unit.jobs.get(parent_id)
                shown = await unit.jobs.shown(parent_id)
            keys = (first and first.padded_clip_key, shown and shown.file_key)
            return frozenset(key for key in keys if key)
        return frozenset()

    @property
    def _most_bytes(self) -> int:
        order = self._job.order
        is_fetched = order.highlight_url is not None
        return max(order.max_bytes, LARGEST_HIGHLIGHT) if is_fetched else order.max_bytes

    def _on_progress(self, progress: ClipProgress) -> None:
        """A change of phase is saved at once, the rest once a second."""
        phase, at = self._last_progress
        now = self._context.clock.monotonic()
        if progress.phase is not phase or now - at >= _PROGRESS_SECONDS:
            self._last_progress = (progress.phase, now)
            self._unsaved = progress
            self._news.set()

    async def _save_progress(self) -> bool:
        """Write it to the rows. False: all have cancelled, and their rows say so now; or another
        has claimed it since."""
        progress, self._unsaved = self._unsaved, None
        try:
            async with self._context.store.write() as unit:
                if progress is not None and not await unit.jobs.progress(
                    self._job, progress.phase.value, progress.done_seconds
                ):
                    _log.warning("clip %d is another node's by now", self._job.id)
                    return False
                sharing = await unit.jobs.sharers(self._job.id)
                wanted = any(not job.cancel_requested for job in sharing)
                if not wanted:
                    sharing = await finish(unit, self._job, CANCELLED, self._context.clock.now())
        except StoreError as error:
            self._report_store_failure(error)
            return True
        if progress is not None or not wanted:
            notify_all(self._context.notifier, sharing)
        if not wanted:
            count(self._context.metrics, CANCELLED, sharing)
        return wanted

    async def _note(self, source: SourceName, window: Window | None = None) -> None:
        """Tell what it is made of; whoever shows it looks when the next progress is saved."""
        await self._surely(lambda unit: unit.jobs.note_source(self._job, source, window))

    async def _queue_for_the_room(self) -> None:
        """It wanted what is gone, and gets what comes, when it is its turn to record that."""
        seconds, clock = self._job.order.seconds, self._context.clock
        waiting = await self._surely(
            lambda unit: unit.jobs.queue_for_the_next(
                self._job, Window.after(clock.now(), seconds), clock.now()
            )
        )
        notify_all(self._context.notifier, waiting)

    async def _surely_finish(self, outcome: Outcome) -> None:
        ended, is_kept = await self._surely(lambda unit: self._end(unit, outcome))
        notify_all(self._context.notifier, ended)
        self._context.notifier.notify(DELIVERIES)
        count(self._context.metrics, outcome, ended)
        if outcome.file_key and not is_kept:
            await self._remove_file()
        if outcome.padded_clip and is_kept:
            self._context.padded_clips.make(outcome.padded_clip)

    async def _end(self, unit: Unit, outcome: Outcome) -> tuple[tuple[ClipJob, ...], bool]:
        """Those that are finished by that, and whether its file is some clip's. That may be so
        where nothing is finished any more: it was saved before, and the answer was lost."""
        ended = await finish(unit, self._job, outcome, self._context.clock.now())
        key = outcome.file_key
        return ended, key is not None and await unit.jobs.sharing(key) > 0

    async def _surely(self, write: Callable[[Unit], Awaitable[T]]) -> T:
        """What a transaction gives, however long the database takes."""
        while True:
            try:
                async with self._context.store.write() as unit:
                    return await write(unit)
            except StoreError as error:
                self._report_store_failure(error)
                await self._context.clock.sleep(_RETRY_SECONDS)

    def _report_store_failure(self, error: StoreError) -> None:
        self._context.part.bad(reason(error))
        self._context.notifier.notify(JOBS)  # `ClipService` looks until it works, and says so

    async def _remove_file(self) -> None:
        await self._remove(self._key)

    async def _remove(self, key: str) -> None:
        try:
            await self._context.files.delete(key)
        except OSError as error:  # it is a stray now: `ClipRetention.tidy` tries again
            _log.warning("a clip that nobody wants stays for now: %s", error.strerror)


def _shown(result: ClipResult) -> Window | None:
    """What of the stream it shows, however much was wanted. None: nobody knows."""
    if result.started_at is None or result.seconds <= 0:
        return None
    return Window.after(result.started_at, result.seconds)
