"""The buttons that cut a clip anew: what they ask for, who may press them, and what is said."""

from __future__ import annotations

import pytest

from bot.errors import PumpfunError
from bot.kit.notifier import job_topic
from bot.model import (
    FREE_RECUTS,
    FREE_RETRIES,
    ClipFailure,
    JobFault,
    JobState,
    MessageKind,
    Reason,
    Tone,
)
from tests.commands.handlers.clips.clip_shown import (
    PADDED_CLIP,
    ClipShown,
    count,
    with_padded_clip,
)
from tests.commands.harness import BEN, ELSEWHERE, FAR_AWAY
from tests.fakes.clock import settle
from tests.pumpfun.samples import MINT


@pytest.mark.parametrize(
    ("verb", "begins", "ends", "word"),
    [
        ("earlier", -40, -10, "Moved 10 s earlier."),
        ("later", -20, 10, "Moved 10 s later."),
        ("longer", -40, 0, "Now 40 s long."),
        ("shorter", -20, 0, "Now 20 s long."),
    ],
)
async def test_a_press_asks_for_another_window_and_says_so_when_it_is_shown(
    clip: ClipShown, verb: str, begins: float, ends: float, word: str
) -> None:
    await with_padded_clip(clip)
    async with clip.pressing(f"{verb}:1", upload_limit=8 << 20) as reply:
        job = await clip.harness.job(2)
        assert job.order.window == clip.span(begins, ends)
        assert job.order.parent_id == 1
        assert job.order.target_id == (await clip.harness.job(1)).order.target_id
        assert (job.order.seconds, job.order.max_bytes) == (ends - begins, 8 << 20)
        await clip.finish(2)
        assert not reply.shown, "the message does not show it yet"
        await clip.show()
    assert (reply.text, reply.last.kind) == (word, MessageKind.TOAST)


@pytest.mark.parametrize(
    ("ends", "word"),
    [(6.0, "Moved 6 s later."), (0.0, "Now 20 s long."), (9.6, "Moved 10 s later.")],
)
async def test_what_is_said_is_what_was_made(clip: ClipShown, ends: float, word: str) -> None:
    """The stream has ended while what was to come was waited for."""
    await clip.harness.clock.advance(7)
    async with clip.pressing("later:1") as reply:
        assert (await clip.harness.job(2)).order.window == clip.span(-20, 10)
        await clip.finish(2, shows=clip.span(-20, ends))
        await clip.show()
    assert reply.text == word


async def test_the_next_press_goes_on_from_what_is_shown(clip: ClipShown) -> None:
    await with_padded_clip(clip)
    await clip.recut("earlier:1", 2)
    reply = await clip.recut("longer:2", 3)
    assert (await clip.harness.job(3)).order.window == clip.span(-50, -10)
    assert (await clip.harness.job(3)).order.parent_id == 1
    assert reply.text == "Now 40 s long."


async def test_a_second_press_is_the_same_job(clip: ClipShown) -> None:
    await with_padded_clip(clip)
    async with clip.pressing("earlier:1") as first, clip.pressing("earlier:1") as second:
        assert await count(clip.harness) == 1
        await clip.finish(2)
        await clip.show()
    assert first.text == second.text == "Moved 10 s earlier."
    async with clip.pressing("earlier:1") as late:
        pass
    assert late.text == "Moved 10 s earlier.", "it is there already"
    assert await count(clip.harness) == 1


async def test_a_second_press_is_the_same_job_where_no_more_is_at_hand(clip: ClipShown) -> None:
    """What a ring has moves on between the two, and a cut begins at a group of pictures."""
    clip.harness.lookback.seconds[MINT] = 34.0
    async with clip.pressing("earlier:1") as first:
        job = await clip.harness.job(2)
        assert job.order.window == clip.span(-34, -4)
        await clip.harness.clock.advance(0.6)
        async with clip.pressing("earlier:1") as second:
            assert await count(clip.harness) == 1
            await clip.finish(2)
            await clip.show()
    assert first.text == second.text == "Moved 4 s earlier."


async def test_one_change_at_a_time(clip: ClipShown) -> None:
    await with_padded_clip(clip)
    async with clip.pressing("earlier:1"):
        other = await clip.harness.press("longer:1")
        assert other.text == "The last change is still being made. Try again in a moment."
        await clip.finish(2)
        await clip.show()
    assert await count(clip.harness) == 1


# Who may


async def test_only_who_asked_and_managers_may(clip: ClipShown) -> None:
    await with_padded_clip(clip)
    reply = await clip.harness.press("earlier:1", who=BEN, manages=False)
    assert reply.text == "Only managers and the person who asked for this clip can do that."
    await clip.recut("earlier:1", 2, who=BEN, manages=True, where=ELSEWHERE)
    reply = await clip.harness.press("longer:2", who=BEN, manages=False)
    assert reply.text.startswith("Only managers"), "it is still the clip of who asked for it"
    reply = await clip.recut("longer:2", 3, manages=False)
    assert reply.text == "Now 40 s long."


async def test_whoever_made_up_a_number_elsewhere_gets_nowhere(clip: ClipShown) -> None:
    for action in ("earlier:1", "later:999", "shorter:99999999999999999999"):
        reply = await clip.harness.press(action, where=FAR_AWAY)
        assert reply.last.tone is Tone.BAD
    assert await count(clip.harness) == 0


# What is at hand


async def test_what_the_ring_has_is_enough_while_there_is_no_padded_clip(clip: ClipShown) -> None:
    await clip.harness.clock.advance(5)
    async with clip.pressing("earlier:1"):
        assert (await clip.harness.job(2)).order.window == clip.span(-40, -10)
        await clip.finish(2)
        await clip.show()


@pytest.mark.parametrize("step", [-30, -120, -3600])
async def test_a_clock_that_is_set_back_hides_nothing_that_the_ring_has(
    clip: ClipShown, step: float
) -> None:
    """It is told by the clock of the clip."""
    await clip.harness.clock.advance(15)
    clip.harness.lookback.over[MINT] = clip.harness.clock.now()
    clip.harness.clock.set(step)
    async with clip.pressing("earlier:1"):
        assert (await clip.harness.job(2)).order.window == clip.span(-40, -10)
        await clip.finish(2)
        await clip.show()


async def test_what_is_still_to_come_is_waited_for(clip: ClipShown) -> None:
    """Where the stream goes on; whoever pressed is told that it takes a moment."""
    await clip.harness.clock.advance(3)
    async with clip.pressing("later:1") as reply:
        order = (await clip.harness.job(2)).order
        assert order.window == clip.span(-20, 10)
        assert not order.is_ahead
    assert reply.text == "Ready in a few seconds."
    await clip.finish(2)
    await clip.show()
    await settle()
    assert len(reply.shown) == 1


async def test_it_moves_as_far_as_it_can_and_says_how_far(clip: ClipShown) -> None:
    async with clip.harness.store.write() as unit:
        await unit.jobs.keep_padded_clip(PADDED_CLIP, clip.span(-34, 4))
    clip.harness.lookback.seconds.clear()
    reply = await clip.recut("earlier:1", 2)
    assert (await clip.harness.job(2)).order.window == clip.span(-34, -4)
    assert reply.text == "Moved 4 s earlier."


async def test_where_nothing_more_is_at_hand_it_says_so(clip: ClipShown) -> None:
    async with clip.harness.store.write() as unit:
        await unit.jobs.keep_padded_clip(PADDED_CLIP, clip.span(-30, 0))
    clip.harness.lookback.seconds.clear()
    for verb in ("earlier", "longer"):
        assert (await clip.harness.press(f"{verb}:1")).text == "Nothing earlier is kept."
    assert (await clip.harness.press("later:1")).text == "Nothing later is kept."
    assert await count(clip.harness) == 0


async def test_where_half_of_it_is_gone_it_is_not_made_shorter_and_says_why(
    clip: ClipShown,
) -> None:
    async with clip.harness.store.write() as unit:
        await unit.jobs.keep_padded_clip(PADDED_CLIP, clip.span(-40, -8))
    clip.harness.lookback.seconds.clear()
    reply = await clip.harness.press("shorter:1")
    assert reply.text == "Too little of this clip is kept to cut it shorter."


async def test_what_is_gone_takes_the_buttons_along(clip: ClipShown) -> None:
    clip.harness.lookback.seconds.clear()
    async with clip.harness.store.write() as unit:
        await unit.jobs.drop_padded_clip(PADDED_CLIP)
    with clip.harness.notifier.listening("deliveries") as hint:
        reply = await clip.harness.press("earlier:1")
    assert reply.text == "This clip can no longer be changed."
    assert hint.is_set()
    async with clip.harness.store.write() as unit:
        (d,) = await unit.deliveries.claim("fake", "test", 10, clip.harness.clock.now())
    assert d.job_id == 1


async def test_what_cannot_be_reached_takes_no_buttons_along(clip: ClipShown) -> None:
    clip.harness.lookback.seconds.clear()
    clip.harness.lookback.outage = PumpfunError(Reason.SERVER_ERROR, status=503)
    async with clip.harness.store.write() as unit:
        await unit.jobs.drop_padded_clip(PADDED_CLIP)
    reply = await clip.harness.press("earlier:1")
    assert reply.text.startswith("pump.fun's recordings can't be reached right now.")
    clip.harness.lookback.outage, clip.harness.lookback.seconds[MINT] = None, 60.0
    assert (await clip.recut("earlier:1", 2)).text == "Moved 10 s earlier."


async def test_a_clip_that_has_moved_beyond_what_is_kept_loses_its_buttons(
    clip: ClipShown,
) -> None:
    """The ring had it once. Where one button still does something, all of them stay."""
    await clip.harness.clock.advance(20)
    await clip.recut("later:1", 2)
    await clip.harness.clock.advance(10)
    await clip.recut("later:2", 3)
    async with clip.harness.store.write() as unit:
        assert await unit.jobs.keep_padded_clip(PADDED_CLIP, clip.span(-60, 20))
    clip.harness.lookback.seconds.clear()
    assert (await clip.harness.press("later:3")).text == "Nothing later is kept."
    assert (await clip.harness.job(1)).padded_clip_key == PADDED_CLIP
    async with clip.harness.store.write() as unit:
        assert await unit.jobs.keep_padded_clip(PADDED_CLIP, clip.span(-60, 5))
    assert (await clip.harness.press("later:3")).text == "This clip can no longer be changed."
    assert (await clip.harness.job(1)).padded_clip_key is None
    async with clip.harness.store.write() as unit:
        (d,) = await unit.deliveries.claim("fake", "test", 10, clip.harness.clock.now())
        assert await unit.jobs.padded_clips() == ()
    assert d.job_id == 1


async def test_a_clip_has_its_bounds(clip: ClipShown) -> None:
    await with_padded_clip(clip)
    limits = clip.harness.limits
    assert limits.max_seconds == 120
    job_id = 1
    for seconds in (20, 10, 5):
        reply = await clip.recut(f"shorter:{job_id}", job_id + 1)
        job_id += 1
        assert reply.text == f"Now {seconds} s long."
        await clip.harness.clock.advance(61)
    reply = await clip.harness.press(f"shorter:{job_id}")
    assert reply.text == "This clip is as short as it gets."


async def test_a_clip_of_another_time_has_none_of_the_ring_of_now(clip: ClipShown) -> None:
    await clip.harness.clock.advance(600)
    reply = await clip.harness.press("earlier:1")
    assert reply.text == "This clip can no longer be changed."


# How it goes


async def test_what_fails_is_said_to_whoever_pressed_and_nothing_changes(clip: ClipShown) -> None:
    await with_padded_clip(clip)
    async with clip.pressing("earlier:1") as reply:
        await clip.finish(2, JobState.FAILED, error=ClipFailure.DISK_FULL.value)
    assert reply.last.tone is Tone.BAD
    assert reply.text == "There's no room left for clips. Tell the bot's operator."
    async with clip.pressing("earlier:1") as reply:
        await clip.finish(3, JobState.FAILED, error=ClipFailure.NOT_AT_HAND.value)
    assert reply.text == "This clip can no longer be changed."
    async with clip.pressing("earlier:1") as reply:
        await clip.finish(4, JobState.FAILED, error=JobFault.REFUSED.value)
    assert reply.text == "The change couldn't be posted here, so the clip stays as it is."


async def test_what_fails_later_is_told_later(clip: ClipShown) -> None:
    await with_padded_clip(clip)
    async with clip.pressing("earlier:1") as reply:
        pass
    assert reply.text == "Ready in a few seconds."
    await clip.finish(2, JobState.FAILED, error="too-few-bytes")
    await settle()
    assert reply.last.tone is Tone.BAD
    assert "too large" in reply.text


async def test_where_the_message_can_no_longer_be_changed_that_is_said(clip: ClipShown) -> None:
    """Not that it was. The next press makes nothing."""
    await with_padded_clip(clip)
    async with clip.pressing("earlier:1") as reply:
        await clip.finish(2)
        async with clip.harness.store.write() as unit:
            (d,) = await unit.deliveries.claim("fake", "test", 10, clip.harness.clock.now())
            await unit.deliveries.forget_message(d, "message-gone", clip.harness.clock.now())
        clip.harness.notifier.notify(job_topic(1))
    assert reply.text == "This clip can no longer be changed."
    reply = await clip.harness.press("later:1")
    assert reply.text == "This clip can no longer be changed."
    assert await count(clip.harness) == 1


async def test_three_are_free_of_the_cool_down_and_then_it_counts(clip: ClipShown) -> None:
    await with_padded_clip(clip)
    for number in range(FREE_RECUTS):
        verb = ("earlier", "later")[number % 2]
        await clip.recut(f"{verb}:{number + 1}", number + 2)
    await clip.harness.clock.advance(61)
    reply = await clip.recut(f"earlier:{FREE_RECUTS + 1}", FREE_RECUTS + 2)
    assert reply.text.startswith("Moved")
    reply = await clip.harness.press(f"later:{FREE_RECUTS + 2}")
    assert reply.text == "You asked for a clip a moment ago. Try again in 1 min."
    reply = await clip.harness.say("/clip 30s")
    assert reply.text == "You asked for a clip a moment ago. Try again in 1 min."


async def test_what_failed_by_our_fault_uses_none_of_the_free_ones_up(clip: ClipShown) -> None:
    """As often as a clip can be asked for again: then they count."""
    await with_padded_clip(clip, later=0.0)
    for number in range(FREE_RETRIES):
        async with clip.pressing("earlier:1"):
            await clip.finish(number + 2, JobState.FAILED, error=JobFault.BROKEN_OFF.value)
    first = FREE_RETRIES + 2
    for number in range(FREE_RECUTS):
        verb, shown = ("earlier", "later")[number % 2], first + number - 1 if number else 1
        assert (await clip.recut(f"{verb}:{shown}", first + number)).text.startswith("Moved")
    last = await clip.harness.press(f"later:{first + FREE_RECUTS - 1}")
    assert last.text.startswith("You asked for a clip a moment ago.")


# The other buttons


async def test_delete_means_what_is_shown(clip: ClipShown) -> None:
    await with_padded_clip(clip)
    await clip.recut("earlier:1", 2)
    reply = await clip.harness.press("delete:1")
    assert (reply.text, reply.last.kind) == ("Clip deleted.", MessageKind.TOAST)
    assert (await clip.harness.job(2)).state is JobState.DELETED
    reply = await clip.harness.press("earlier:2")
    assert reply.text == "That clip is no longer kept here. Run /clip for a new one."


async def test_what_is_being_cut_while_its_clip_is_deleted_is_cancelled(clip: ClipShown) -> None:
    await with_padded_clip(clip)
    async with clip.pressing("earlier:1") as reply:
        with clip.harness.notifier.listening(job_topic(2)) as hint:
            await clip.harness.press("delete:1")
        assert hint.is_set(), "whoever makes it looks at once"
        assert (await clip.harness.job(2)).cancel_requested
        await clip.finish(2, file_key=None)
    assert reply.text == "Someone deleted the clip before it was changed."
    assert (await clip.harness.job(2)).state is JobState.CANCELLED
    assert (await clip.harness.job(1)).state is JobState.DELETED


async def test_again_asks_for_as_much_as_is_shown(clip: ClipShown) -> None:
    await with_padded_clip(clip)
    await clip.recut("longer:1", 2)
    await clip.harness.clock.advance(61)
    clip.harness.lookback.seconds[MINT] = 60.0
    await clip.harness.press("again:2")
    order = (await clip.harness.job(3)).order
    assert (order.seconds, order.parent_id) == (40.0, None)
