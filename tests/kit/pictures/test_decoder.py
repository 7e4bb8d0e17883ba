"""Pictures are decoded by a real process, which real hostile bytes bring to its end."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
from collections.abc import AsyncIterator

import psutil
import pytest
from PIL import Image

from bot.kit.pictures import (
    PictureError,
    PictureLateError,
    PictureTooLargeError,
    PictureTooSlowError,
)
from bot.kit.pictures.decoder import Budget, Decoder
from bot.model import Picture
from tests.child_processes import children_that_run, few_files
from tests.fakes.clock import settle, until
from tests.fakes.pictures import animated_webp, png, progressive_jpeg, text_bomb
from tests.patience import PATIENCE

QUICK, PATIENT = Budget(cpu=0.03, wall=PATIENCE), Budget(cpu=0.05, wall=PATIENCE, nice=1)
SLOW = progressive_jpeg(98)
"""A tenth of a second of the processor or more, and no header gives it away."""


def honest(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "PNG")
    return out.getvalue()


def colour_of(picture: Picture) -> int:
    """0 red, 1 green, 2 blue."""
    pixel = Image.open(io.BytesIO(picture.data)).crop((9, 9, 10, 10)).tobytes()
    return max(range(3), key=pixel.__getitem__)


def workers() -> list[psutil.Process]:
    return children_that_run("bot.kit.pictures.decoder_process")


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    async with Decoder(quick=QUICK, patient=PATIENT) as made:
        yield made


async def refused(decoder: Decoder, data: bytes) -> type[PictureError]:
    with pytest.raises(PictureError) as caught:
        await decoder.safe_jpeg(data)
    return caught.type


async def test_what_is_asked_at_the_same_time_is_answered_to_whom_asked(decoder: Decoder) -> None:
    colours = ("red", "lime", "blue")
    made = await asyncio.gather(*(decoder.safe_jpeg(honest(colour)) for colour in colours))
    assert [colour_of(picture) for picture in made] == [0, 1, 2]
    assert len(workers()) == 1


async def test_a_process_that_could_not_be_started_costs_no_later_picture(
    decoder: Decoder,
) -> None:
    with few_files(0):
        decoder.warm()
        await settle()
    assert (await decoder.safe_jpeg(honest())).width == 64


async def test_a_process_outlives_what_it_refuses() -> None:
    async with Decoder(quick=Budget(cpu=30, wall=PATIENCE)) as decoder:
        assert await refused(decoder, b"<html>") is PictureError
        (worker,) = workers()
        assert await refused(decoder, png(50_000, 50_000)) is PictureTooLargeError
        assert await refused(decoder, progressive_jpeg(60_000)) is PictureTooLargeError
        assert await refused(decoder, text_bomb()) is PictureError
        assert (await decoder.safe_jpeg(animated_webp(2_000))).width == 64
        assert (await decoder.safe_jpeg(honest())).width == 64
        assert workers() == [worker]
        assert sum(worker.cpu_times()[:2]) < 3


async def test_a_picture_that_takes_too_long_is_ended_and_the_next_has_a_process(
    decoder: Decoder,
) -> None:
    """Row B1, of fewer scans than are refused at once."""
    bad = asyncio.create_task(refused(decoder, SLOW))
    good = await decoder.safe_jpeg(honest())
    assert (good.width, good.height) == (64, 48)
    assert await bad is PictureTooSlowError


async def test_what_took_too_long_is_not_decoded_again(decoder: Decoder) -> None:
    """An alert looks for its picture for as long as the stream is open."""
    assert await refused(decoder, SLOW) is PictureTooSlowError
    (worker,) = workers()
    used = worker.cpu_times().user
    assert await refused(decoder, SLOW) is PictureTooSlowError
    assert workers() == [worker]
    assert worker.cpu_times().user == used


async def test_what_was_late_on_a_busy_machine_may_come_again() -> None:
    async with Decoder(quick=Budget(cpu=60, wall=0.02)) as decoder:
        assert await refused(decoder, SLOW) is PictureLateError
        assert await refused(decoder, SLOW) is PictureLateError


async def test_what_the_quick_worker_has_no_time_for_is_done_by_the_patient_one() -> None:
    async with Decoder(quick=QUICK, patient=Budget(30, PATIENCE, nice=1)) as decoder:
        made = await decoder.safe_jpeg(SLOW)
        assert (made.width, made.height) == (1280, 1280)
        assert len(workers()) == 1, "the patient process ends when nobody waits"


async def test_a_decoder_that_crashes_costs_one_picture(decoder: Decoder) -> None:
    await decoder.safe_jpeg(honest())
    os.kill(workers()[0].pid, signal.SIGSEGV)
    assert (await decoder.safe_jpeg(honest())).width == 64


async def test_a_decoder_takes_only_so_much_memory(decoder: Decoder) -> None:
    await decoder.safe_jpeg(honest())
    limits = {kind: workers()[0].rlimit(kind)[0] for kind in (psutil.RLIMIT_AS, psutil.RLIMIT_CPU)}
    assert all(0 < limit < 1 << 30 for limit in limits.values())


async def test_leaving_waits_for_no_picture() -> None:
    """And whoever waits is told."""
    unhurried = Budget(cpu=60, wall=2 * PATIENCE)
    async with Decoder(quick=unhurried) as decoder:
        await decoder.safe_jpeg(honest())
        (worker,) = workers()
        waiting = [asyncio.create_task(decoder.safe_jpeg(SLOW)) for _ in range(3)]
        before = worker.cpu_times().user
        await until(lambda: worker.cpu_times().user > before)
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(each, Picture | PictureError) for each in told)
    assert sum(isinstance(each, PictureError) for each in told) >= 2
    assert not workers()


async def test_one_who_no_longer_waits_leaves_the_next_in_step(decoder: Decoder) -> None:
    await decoder.safe_jpeg(honest())
    impatient = asyncio.create_task(decoder.safe_jpeg(honest("blue")))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    made = await decoder.safe_jpeg(honest("red"))
    assert colour_of(made) == 0


async def test_a_warm_decoder_is_there_before_the_first_picture() -> None:
    async with Decoder() as decoder:
        assert not workers()
        decoder.warm()
        await until(lambda: bool(workers()))


PARENT = """
import asyncio
from bot.kit.pictures.decoder import Budget, Decoder
from tests.fakes.pictures import progressive_jpeg
async def main():
    async with Decoder(quick=Budget(600, 600)) as decoder:
        print("busy", flush=True)
        await decoder.safe_jpeg(progressive_jpeg(95, side=3990))
asyncio.run(main())
"""


async def test_a_decoder_dies_with_its_parent() -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    await parent.stdout.readline()
    us = psutil.Process(parent.pid)
    await until(lambda: bool(us.children()))
    (child,) = us.children()
    parent.kill()
    await parent.wait()
    await until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
