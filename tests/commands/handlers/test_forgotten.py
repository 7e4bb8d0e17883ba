"""Buttons of messages whose rows are long gone."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import Action, JobState, StreamState, Verb
from tests.commands.harness import CommandHarness
from tests.fakes.retention import forget
from tests.pumpfun.samples import MINT

NO_CLIP = "That clip is no longer kept here. Run /clip for a new one."
OF_JOBS = (Verb.CANCEL_CLIP, Verb.DELETE_CLIP, Verb.CLIP_AGAIN)


@pytest.fixture
async def forgotten(harness: CommandHarness) -> CommandHarness:
    """Somebody followed a coin, was alerted and had a clip, and nothing of it is left."""
    await harness.follow()
    stream_id = await harness.go_live()
    harness.watch.live(MINT)
    await harness.say("/clip 20s")
    await harness.show_all()
    now = harness.clock.now()
    async with harness.store.write() as unit:
        job = await unit.jobs.claim("test", now)
        assert job is not None
        await unit.jobs.finish(
            job,
            JobState.FAILED,
            result=None,
            error="stopped",
            file_key=None,
            expires_at=None,
            now=now,
        )
        stream = await unit.streams.get(stream_id)
        assert stream is not None
        ended = replace(stream.broadcast, state=StreamState.ENDED, ended_at=now)
        await unit.streams.update(stream_id, ended)
        await unit.subscriptions.remove_all(1)
    harness.watch.seen.clear()
    await harness.clock.advance(31 * 86_400)
    removed = await forget(harness.store, harness.clock.now() - timedelta(days=30))
    assert removed.keys() == {"deliveries", "clip_jobs", "streams", "coins", "targets", "places"}
    return harness


async def test_a_clip_that_is_forgotten_is_said_to_be(forgotten: CommandHarness) -> None:
    for verb in OF_JOBS:
        reply = await forgotten.press(Action(verb, "1").encode())
        assert reply.text == NO_CLIP, verb


@pytest.mark.parametrize("manages", [True, False])
async def test_what_is_forgotten_of_an_alert_is_answered_all_the_same(
    forgotten: CommandHarness, caplog: pytest.LogCaptureFixture, manages: bool
) -> None:
    about = {"message_id": "alert-1", "manages": manages}
    presses = [Action(verb, MINT).encode() for verb in Verb if verb not in OF_JOBS]
    replies = [await forgotten.press(press, **about) for press in presses]
    lines = ("/clip", "/live", "/history", "/test", "/unsubscribe")
    replies += [await forgotten.say(line, **about) for line in lines]
    for reply, asked in zip(replies, (*presses, *lines), strict=True):
        assert reply.text, asked
        assert "went wrong" not in reply.text, asked
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
