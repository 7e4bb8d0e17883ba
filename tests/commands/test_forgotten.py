"""Buttons of messages whose rows are long gone."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import Action, JobState, StreamState, Verb
from tests.commands.room import Room
from tests.fakes.forgetting import forget
from tests.pumpfun.samples import MINT

NO_CLIP = "That clip is no longer kept here. Run /clip for a new one."
OF_JOBS = (Verb.CANCEL_CLIP, Verb.DELETE_CLIP, Verb.CLIP_AGAIN)


@pytest.fixture
async def forgotten(room: Room) -> Room:
    """Somebody followed a coin, was alerted and had a clip, and nothing of it is left."""
    await room.follow()
    stream_id = await room.go_live()
    room.watch.live(MINT)
    await room.say("/clip 20s")
    await room.show_all()
    now = room.clock.now()
    async with room.store.write() as unit:
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
    room.watch.seen.clear()
    await room.clock.advance(31 * 86_400)
    removed = await forget(room.store, room.clock.now() - timedelta(days=30))
    assert removed.keys() == {"deliveries", "clip_jobs", "streams", "coins", "targets", "places"}
    return room


@pytest.mark.parametrize("verb", OF_JOBS)
async def test_a_clip_that_is_forgotten_is_said_to_be(forgotten: Room, verb: Verb) -> None:
    reply = await forgotten.press(Action(verb, "1").encode())
    assert reply.text == NO_CLIP


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb not in OF_JOBS])
@pytest.mark.parametrize("manages", [True, False])
async def test_the_buttons_of_an_alert_that_is_forgotten_go_on_answering(
    forgotten: Room, caplog: pytest.LogCaptureFixture, verb: Verb, manages: bool
) -> None:
    reply = await forgotten.press(
        Action(verb, MINT).encode(), message_id="alert-1", manages=manages
    )
    assert reply.text
    assert "went wrong" not in reply.text
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


@pytest.mark.parametrize("line", ["/clip", "/live", "/history", "/test", "/unsubscribe"])
async def test_an_answer_to_an_alert_that_is_forgotten_is_answered(
    forgotten: Room, caplog: pytest.LogCaptureFixture, line: str
) -> None:
    reply = await forgotten.say(line, message_id="alert-1")
    assert reply.text
    assert "went wrong" not in reply.text
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
