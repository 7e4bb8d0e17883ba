"""Clips of the look-alike's recording, cut by the real process: what they show was on air then."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clips.editing import CutSegments, SegmentsCut
from bot.clips.results import failed
from bot.demo.recording.faults import ListFault, SegmentFault
from bot.demo.site.faults import Fault
from bot.errors import PumpfunError
from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipStatus,
    NoteKind,
    Phase,
    Reason,
    Recording,
    SourceName,
    Window,
)
from tests.clips.sources.recording.harness import Recorded, off
from tests.e2e.seed import until


async def test_what_was_on_air_two_minutes_ago(recorded: Recorded) -> None:
    window = recorded.ago(150, 120)
    offer = await recorded.source.offer(recorded.coin.mint, window)
    assert offer is not None
    assert offer.source is SourceName.RECORDING
    assert offer.window == window
    assert offer.in_seconds <= 2.0
    result, verdict = await recorded.cut(window)
    assert verdict is not None
    assert result.status is ClipStatus.COMPLETE
    begins, _ = off(recorded.shown(verdict), window)
    assert abs(begins) <= 3.0, "the delay is a guess, and segments come every two seconds"
    assert NoteKind.ABOUT in {note.kind for note in result.notes}
    assert recorded.is_true(result, verdict, within=2.0)
    assert verdict.skew_median == pytest.approx(0.0, abs=0.015)
    assert verdict.missing == verdict.repeated == 0


async def test_who_looks_into_it_first_knows_its_times_to_half_a_second(recorded: Recorded) -> None:
    window = recorded.ago(150, 140)
    found = await recorded.source.survey(recorded.known[0], window)
    assert found.part == window
    assert found.whole is not None
    assert 560.0 <= found.whole.seconds <= 600.0
    result, verdict = await recorded.cut(window)
    assert verdict is not None
    assert recorded.is_true(result, verdict, within=0.75)
    assert result.recording is not None
    assert result.recording.delay_seconds == recorded.recorder.options.delay
    assert not result.recording.delay_is_measured
    assert result.recording.gaps == 0


async def test_what_lies_before_is_no_part_and_what_is_there_is_told(recorded: Recorded) -> None:
    found = await recorded.source.survey(recorded.known[0], recorded.ago(900, 870))
    assert found.part is None
    assert found.whole is not None
    a_bit = Window.after(found.whole.begins_at - timedelta(seconds=28), 30.0)
    assert (await recorded.source.survey(recorded.known[0], a_bit)).part is None


async def test_with_a_measured_delay_both_ends_are_right_to_a_second(recorded: Recorded) -> None:
    recorded.known.clear()
    recorded.note(late=recorded.recorder.options.dating)
    for begins in (150.0, 149.4, 148.8, 148.2):
        window = recorded.ago(begins, begins - 10)
        result, verdict = await recorded.cut(window)
        assert verdict is not None
        assert max(map(abs, off(recorded.shown(verdict), window))) <= 1.05
        assert recorded.is_true(result, verdict, within=0.1)
        assert NoteKind.ABOUT not in {note.kind for note in result.notes}
        assert result.status is ClipStatus.COMPLETE
        assert result.recording is not None
        assert result.recording.delay_is_measured


async def test_what_is_cut_anew_once_the_delay_was_measured_is_where_it_was(
    recorded: Recorded,
) -> None:
    window = recorded.ago(150, 140)
    first, verdict = await recorded.cut(window)
    assert verdict is not None
    assert first.recording is not None
    recorded.lists.measured(recorded.known[-1], recorded.recorder.options.dating - 3.0)
    by = first.recording.placed_by
    again, same = await recorded.cut(window, placed_by=by)
    other, moved = await recorded.cut(window)
    assert same is not None
    assert moved is not None
    assert (same.numbers, again.started_at) == (verdict.numbers, first.started_at)
    assert NoteKind.ABOUT in {note.kind for note in again.notes}
    assert moved.numbers != verdict.numbers
    assert other.recording is not None
    assert other.recording.delay_is_measured


async def test_the_last_seconds_are_waited_for(recorded: Recorded) -> None:
    window = recorded.ago(30, 0)
    offer = await recorded.source.offer(recorded.coin.mint, window)
    assert offer is not None
    assert offer.window == window
    assert 10.0 <= offer.in_seconds <= 17.0
    began = recorded.clock.monotonic()
    result, verdict = await recorded.cut(window)
    took = recorded.clock.monotonic() - began
    assert verdict is not None
    assert result.status is ClipStatus.COMPLETE
    assert took >= recorded.recorder.options.delay - 2.0
    waits = [one for one in recorded.told if one.phase is Phase.CATCHING_UP]
    assert waits
    assert max(map(abs, off(recorded.shown(verdict), window))) <= 3.0


@pytest.mark.soak
async def test_an_edge_that_stays_away_ends_the_clip_where_it_is(recorded: Recorded) -> None:
    recorded.recorder.close()  # and nobody has seen yet that the stream is over
    window = recorded.ago(20, 0).moved(10)
    result, verdict = await recorded.cut(window)
    assert verdict is not None
    assert result.status is ClipStatus.PARTIAL
    assert result.end is CaptureEnd.RECORDING_BEHIND
    assert result.seconds < 20
    assert recorded.is_true(result, verdict, within=3.0)


async def test_whoever_stops_it_has_what_is_listed(recorded: Recorded) -> None:
    await recorded.recorder.prepare(20.0, rung=1)
    finish = asyncio.Event()
    finish.set()
    result, verdict = await recorded.cut(recorded.ago(30, 0), finish=finish)
    assert verdict is not None
    assert result.status is ClipStatus.PARTIAL
    assert 10 < result.seconds < 20


async def test_what_is_lost_is_taken_of_another_rung_or_left_out_and_told(
    recorded: Recorded,
) -> None:
    recorded.recorder.fail(SegmentFault.LOST, [223], rung=1)
    window = await recorded.of_segment(222, 4.0)
    result, verdict = await recorded.cut(window)
    assert verdict is not None
    assert verdict.fps == pytest.approx(20.0, abs=0.1), "the lower one has it"
    assert result.status is ClipStatus.COMPLETE
    recorded.recorder.fail(SegmentFault.PAGE, [227])
    window = await recorded.of_segment(226, 8.0)
    result, verdict = await recorded.cut(window)
    assert verdict is not None
    assert result.status is ClipStatus.PARTIAL
    assert result.end is CaptureEnd.SEGMENTS_LOST
    assert recorded.is_true(result, verdict, within=3.0)


async def test_nothing_of_a_window_before_the_recording(recorded: Recorded) -> None:
    window = recorded.ago(900, 870)
    assert await recorded.source.offer(recorded.coin.mint, window) is None
    result, verdict = await recorded.cut(window)
    assert result.failure is ClipFailure.NOT_AT_HAND
    assert verdict is None
    reach = await recorded.source.reach(recorded.coin.mint, recorded.ago(3600, 0))
    assert reach is not None
    assert 560.0 <= (recorded.clock.now() - reach.begins_at).total_seconds() <= 600.0


async def test_an_ended_stream_is_there_while_its_recording_is_served(recorded: Recorded) -> None:
    window = recorded.ago(150, 120)
    recorded.recorder.close()
    result, verdict = await recorded.cut(window)
    assert verdict is not None
    assert result.status is ClipStatus.COMPLETE
    assert recorded.is_true(result, verdict, within=3.0)


REFUSED = (
    SegmentFault.LOST,
    SegmentFault.FORBIDDEN,
    SegmentFault.PAGE,
    SegmentFault.EMPTY,
    SegmentFault.NOISE,
    SegmentFault.MP4,
)


@pytest.mark.soak
@pytest.mark.parametrize("fault", REFUSED)
async def test_what_one_rung_has_lost_another_one_has(
    recorded: Recorded, fault: SegmentFault
) -> None:
    recorded.recorder.fail(fault, range(200, 210), rung=1)
    window = await recorded.of_segment(205, 6.0)
    result, verdict = await recorded.cut(window)
    assert verdict is not None
    assert result.status is ClipStatus.COMPLETE
    assert verdict.fps == pytest.approx(20.0, abs=0.1)


@pytest.mark.soak
@pytest.mark.parametrize("fault", [SegmentFault.LOST, SegmentFault.PAGE, SegmentFault.TRUNCATED])
async def test_what_all_have_lost_is_left_out_and_told(
    recorded: Recorded, fault: SegmentFault
) -> None:
    recorded.recorder.fail(fault, [203])
    window = await recorded.of_segment(202, 24.0)
    result, verdict = await recorded.cut(window)
    assert verdict is not None
    assert recorded.is_true(result, verdict, within=3.0)
    assert result.seconds == pytest.approx(verdict.duration, abs=0.1)
    if result.status is ClipStatus.PARTIAL:
        assert result.end in (CaptureEnd.SEGMENTS_LOST, CaptureEnd.RECORDING_HOLE)
        assert verdict.longest_gap < 1.0
    else:
        assert NoteKind.PICTURE_GAPS in {note.kind for note in result.notes}


@pytest.mark.soak
@pytest.mark.parametrize("fault", [SegmentFault.DISCONTINUITY, SegmentFault.TIME_JUMP,
                                   SegmentFault.TIME_BACK, SegmentFault.TIME_WRAP])  # fmt: skip
async def test_a_time_that_jumps_moves_no_picture(recorded: Recorded, fault: SegmentFault) -> None:
    recorded.recorder.fail(fault, [205])
    window = await recorded.of_segment(202, 16.0)
    result, verdict = await recorded.cut(window)
    assert verdict is not None
    assert result.status is ClipStatus.COMPLETE
    assert recorded.is_true(result, verdict, within=3.0)
    assert verdict.missing == verdict.repeated == 0


async def test_a_segment_without_a_keyframe_needs_the_one_before(recorded: Recorded) -> None:
    recorded.recorder.fail(SegmentFault.NO_KEYFRAME, [224])
    window = await recorded.of_segment(224, 8.0)
    result, verdict = await recorded.cut(window)
    assert verdict is not None
    assert verdict.keyframe_first
    assert recorded.is_true(result, verdict, within=3.0)
    assert result.seconds >= 7.0
    assert result.path is not None
    assert [one.name for one in result.path.parent.glob("*.mp4")] == [result.path.name]
    assert "-2" not in result.path.stem


@pytest.mark.soak
async def test_another_size_is_another_clip(recorded: Recorded) -> None:
    recorded.recorder.fail(SegmentFault.OTHER_SIZE, [204])
    window = await recorded.of_segment(202, 16.0)
    result, verdict = await recorded.cut(window)
    assert verdict is not None
    assert result.status is ClipStatus.PARTIAL
    assert recorded.is_true(result, verdict, within=3.0)


@pytest.mark.soak
async def test_what_fits_in_no_rung_is_encoded_anew(recorded: Recorded) -> None:
    window = recorded.ago(150, 130)
    result, verdict = await recorded.cut(window, max_bytes=400_000)
    assert verdict is not None
    assert verdict.bytes <= 400_000
    assert NoteKind.SECOND_ENCODE in {note.kind for note in result.notes}
    assert result.status is ClipStatus.COMPLETE


async def test_a_list_that_stands_still_is_believed_as_far_as_it_goes(recorded: Recorded) -> None:
    recorded.recorder.fail(ListFault.FROZEN, count=250)
    part = await recorded.source.reach(recorded.coin.mint, recorded.ago(3600, 0))
    assert part is not None
    assert await recorded.source.offer(recorded.coin.mint, recorded.ago(30, 0)) is None
    result, verdict = await recorded.cut(recorded.ago(150, 130))
    assert verdict is not None
    assert recorded.is_true(result, verdict, within=7.0)


@pytest.mark.soak
async def test_across_a_rotation_the_longer_side_is_cut(recorded: Recorded) -> None:
    """The old directory loses its last seconds, and the new one begins later: a hole of 21 s."""
    await asyncio.sleep(2)
    recorded.coin.rotate_media()
    recorded.note()
    options = recorded.recorder.options
    await asyncio.sleep(options.first_media + options.delay + 12)
    at = recorded.known[-1].first_seen_at
    for before, after in ((30.0, 30.0), (8.0, 40.0)):
        window = Window(at - timedelta(seconds=before), at + timedelta(seconds=after))
        window = window.within(recorded.ago(3600, options.delay + 2)) or window
        result, verdict = await recorded.cut(window)
        assert verdict is not None
        assert result.status is ClipStatus.PARTIAL
        assert result.end in (CaptureEnd.RECORDING_HOLE, CaptureEnd.RECORDING_BEHIND)
        assert recorded.is_true(result, verdict, within=3.0)
        assert verdict.longest_gap < 0.5, "what lies apart is never joined"
    in_the_hole = Window.after(at, 4)
    assert await recorded.source.offer(recorded.coin.mint, in_the_hole) is None


@pytest.mark.soak
async def test_a_list_that_slides_has_what_it_lists(recorded: Recorded) -> None:
    recorded.recorder.fail(ListFault.SLIDING, count=20)
    assert await recorded.source.offer(recorded.coin.mint, recorded.ago(300, 270)) is None
    result, verdict = await recorded.cut(recorded.ago(45, 20))
    assert verdict is not None
    assert result.status is ClipStatus.COMPLETE
    assert recorded.is_true(result, verdict, within=3.0)


@pytest.mark.parametrize("fault", [ListFault.PAGE, ListFault.KEY, ListFault.MAP, ListFault.NESTED,
                                   ListFault.TOO_MANY, ListFault.FOREIGN_HOST])  # fmt: skip
async def test_a_list_that_is_not_taken_is_said_in_health(
    recorded: Recorded, fault: ListFault
) -> None:
    recorded.recorder.fail(fault)
    result, _ = await recorded.cut(recorded.ago(150, 120))
    assert result.failure is ClipFailure.NOT_AT_HAND
    assert not recorded.part.ok
    assert recorded.part.detail
    assert await recorded.source.offer(recorded.coin.mint, recorded.ago(30, 0)) is None or (
        fault is ListFault.FOREIGN_HOST  # which only its segments show
    )
    recorded.recorder.heal()


async def test_a_recording_that_is_gone_is_nobodys_fault(recorded: Recorded) -> None:
    recorded.coin.end()
    recorded.recorder.directories.clear()
    assert await recorded.source.offer(recorded.coin.mint, recorded.ago(150, 120)) is None
    assert recorded.part.ok


async def test_a_foreign_address_is_never_asked_for(recorded: Recorded) -> None:
    recorded.known[0] = replace(recorded.known[0], master="https://192.0.2.1/a/b/master.m3u8")
    assert await recorded.source.offer(recorded.coin.mint, recorded.ago(150, 120)) is None
    assert not recorded.part.ok


async def test_one_look_that_fails_ends_no_waiting(recorded: Recorded) -> None:
    site, told = recorded.world.site, recorded.told
    window = recorded.ago(10, 2)
    making = asyncio.create_task(recorded.made(window))
    await until(lambda: [one for one in told if one.phase is Phase.CATCHING_UP], "it waits")
    site.fail("playlists", Fault.SERVER_ERROR, times=2)
    result = await making
    assert result.status is ClipStatus.COMPLETE


# Where its server is down


DOWN = [
    ("masters", Fault.SERVER_ERROR),
    ("masters", Fault.RESET),
    ("masters", Fault.HANG),
    ("playlists", Fault.BAD_GATEWAY_TEXT),
    ("playlists", Fault.HANG),
]


@pytest.mark.parametrize(("endpoint", "fault"), DOWN)
async def test_what_nobody_could_look_into_is_not_taken_for_nothing(
    recorded: Recorded, endpoint: str, fault: Fault
) -> None:
    recorded.world.site.fail(endpoint, fault)
    window, mint = recorded.ago(150, 120), recorded.coin.mint
    with pytest.raises(PumpfunError) as caught:
        await recorded.source.offer(mint, window)
    assert caught.value.is_outage
    assert not recorded.part.ok, "whoever runs the service sees it"
    if fault is not Fault.HANG:
        with pytest.raises(PumpfunError):
            await recorded.source.reach(mint, window)
        result, _ = await recorded.cut(window)
        assert result.failure is ClipFailure.RECORDING_UNREACHABLE
    recorded.world.site.heal(endpoint)
    assert await recorded.source.offer(mint, window) is not None


async def test_where_no_segment_comes_the_clip_says_that_its_server_is_down(
    recorded: Recorded,
) -> None:
    recorded.world.site.fail("segments", Fault.SERVER_ERROR)
    result, _ = await recorded.cut(recorded.ago(150, 145))
    assert result.failure is ClipFailure.RECORDING_UNREACHABLE


async def test_what_does_not_answer_hides_nothing_of_what_does(recorded: Recorded) -> None:
    """Two directories: one of which the list never comes."""
    recorded.coin.rotate_media()
    recorded.note()
    recorded.world.site.fail("masters", Fault.HANG, times=1)
    window = recorded.ago(30, 1)
    assert await recorded.source.offer(recorded.coin.mint, window) is not None


@pytest.mark.parametrize(
    ("reason", "is_outage"), [(Reason.RATE_LIMITED, True), (Reason.WRONG_SHAPE, False)]
)
async def test_what_pump_fun_says_of_whole_streams_is_needed_where_nothing_else_is_there(
    recorded: Recorded, reason: Reason, is_outage: bool
) -> None:
    async def finished(mint: str) -> list[Recording]:
        raise PumpfunError(reason)

    source = recorded.source_with(finished=finished)
    mint, far = recorded.coin.mint, recorded.ago(90_000, 89_970)
    assert await source.offer(mint, recorded.ago(150, 120)) is not None
    for asking in (source.offer(mint, far), source.reach(mint, far)):
        if is_outage:
            with pytest.raises(PumpfunError, match=reason.value):
                await asking
        else:
            assert await asking is None


async def test_a_format_that_is_not_taken_leaves_the_clip_to_others(recorded: Recorded) -> None:
    recorded.recorder.fail(SegmentFault.OTHER_CODEC)
    result, _ = await recorded.cut(recorded.ago(150, 145))
    assert result.failure is ClipFailure.NOT_AT_HAND
    assert not recorded.part.ok


# Where the clip's own file can't be written


@pytest.mark.parametrize("failure", [ClipFailure.DISK_FULL, ClipFailure.NOT_WRITABLE])
async def test_what_the_disk_refuses_is_told_and_nothing_else_is_tried(
    recorded: Recorded, failure: ClipFailure
) -> None:
    orders = []

    async def refuse(want: CutSegments) -> SegmentsCut:
        orders.append(want)
        return SegmentsCut(0.0, 0, 0, 0.0, failed(failure, "No space left on device"))

    recorded.known.append(replace(recorded.known[0], id=2))
    recorded.source = recorded.source_with(cut=refuse)
    result, _ = await recorded.cut(recorded.ago(150, 145))
    assert result.failure is failure
    assert len(orders) == 1
    assert recorded.part.ok, "nothing is wrong with the recording"


async def test_a_folder_that_is_not_there_is_told_as_that(recorded: Recorded) -> None:
    recorded.folder /= "gone"
    result, _ = await recorded.cut(recorded.ago(150, 145))
    assert result.failure is ClipFailure.NOT_WRITABLE
