from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clips.capture.media.frame_queue import (
    BYTES,
    PICTURES,
    SOUND_SAMPLES,
    FrameQueue,
    Job,
    PictureJob,
    SoundJob,
    capacity,
)
from bot.clips.encoding.canvas import Size
from tests.patience import PATIENCE


def drained(frame_queue: FrameQueue) -> list[Job]:
    frame_queue.close()
    jobs = []
    while (job := frame_queue.take()) is not None:
        jobs.append(job)
    return jobs


def pictures(jobs: list[Job]) -> list[PictureJob]:
    return [job for job in jobs if isinstance(job, PictureJob)]


def test_pictures_come_out_in_their_order() -> None:
    frame_queue = FrameQueue()
    for time in range(PICTURES):
        frame_queue.put_picture(PictureJob(time, f"frame {time}"))
    assert [job.time for job in pictures(drained(frame_queue))] == list(range(PICTURES))
    assert frame_queue.dropped == 0


def test_too_many_pictures_push_out_the_oldest_and_are_counted() -> None:
    frame_queue = FrameQueue()
    for time in range(PICTURES + 3):
        frame_queue.put_picture(PictureJob(time, None))
    assert [job.time for job in pictures(drained(frame_queue))] == list(range(3, PICTURES + 3))
    assert frame_queue.dropped == 3


@given(st.lists(st.sampled_from([0, Size(1280, 720).bytes, Size(7680, 4320).bytes]), max_size=40))
@settings(deadline=None)
def test_pictures_that_wait_are_bounded_in_bytes(sizes: list[int]) -> None:
    frame_queue = FrameQueue()
    for time, size in enumerate(sizes):
        frame_queue.put_picture(PictureJob(time, None, bytes=size))
    waiting = [job.bytes for job in pictures(drained(frame_queue))]
    assert sum(waiting) <= max(BYTES, 2 * max(sizes, default=0))
    assert frame_queue.dropped == len(sizes) - len(waiting)


@pytest.mark.parametrize(
    ("size", "pictures"),
    [(Size(1280, 720), PICTURES), (Size(3840, 2160), 2), (Size(7680, 4320), 2), (Size(0, 0), 8)],
)
def test_a_queue_holds_fewer_of_large_pictures(size: Size, pictures: int) -> None:
    assert capacity(size.bytes) == pictures


@given(st.lists(st.booleans(), min_size=1, max_size=40))
@settings(deadline=None)
def test_a_wish_for_a_keyframe_is_never_pushed_out(keys: list[bool]) -> None:
    frame_queue = FrameQueue()
    for time, key in enumerate(keys):
        frame_queue.put_picture(PictureJob(time, None, key))
    left = pictures(drained(frame_queue))
    pushed_out = keys[: len(keys) - len(left)]
    assert left[0].key is (any(pushed_out) or keys[len(pushed_out)])
    assert [job.key for job in left[1:]] == keys[len(pushed_out) + 1 :]


def test_sound_comes_before_pictures() -> None:
    frame_queue = FrameQueue()
    frame_queue.put_picture(PictureJob(0, None))
    frame_queue.put_sound(SoundJob(480, b"x"))
    assert isinstance(frame_queue.take(), SoundJob)
    assert isinstance(frame_queue.take(), PictureJob)


@given(st.lists(st.integers(1, 48_000), min_size=1, max_size=60))
@settings(deadline=None)
def test_sound_beyond_its_bound_becomes_silence_of_the_same_length(lengths: list[int]) -> None:
    frame_queue = FrameQueue()
    for length in lengths:
        frame_queue.put_sound(SoundJob(length, "sound"))
    jobs = [job for job in drained(frame_queue) if isinstance(job, SoundJob)]
    assert [job.samples for job in jobs] == lengths
    assert sum(job.samples for job in jobs if job.data is not None) <= SOUND_SAMPLES
    if sum(lengths) <= SOUND_SAMPLES:
        assert all(job.data is not None for job in jobs)


def test_sound_that_was_taken_makes_room_again() -> None:
    frame_queue = FrameQueue()
    for _ in range(20):
        frame_queue.put_sound(SoundJob(SOUND_SAMPLES, "sound"))
        job = frame_queue.take()
        assert isinstance(job, SoundJob)
        assert job.data == "sound"


def test_the_taker_waits_for_a_job_and_ends_with_the_last_one() -> None:
    frame_queue, got = FrameQueue(), []
    first = threading.Event()

    def take_all() -> None:
        while (job := frame_queue.take()) is not None:
            got.append(job)
            first.set()

    taker = threading.Thread(target=take_all)
    taker.start()
    frame_queue.put_picture(PictureJob(1, None))
    assert first.wait(PATIENCE)
    frame_queue.put_picture(PictureJob(2, None))
    frame_queue.close()
    taker.join(PATIENCE)
    assert not taker.is_alive()
    assert [job.time for job in got if isinstance(job, PictureJob)] == [1, 2]
