"""A press of a highlight's button: a job, once, for who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands.handlers.clips.highlights import digest_of
from bot.errors import PumpfunError
from bot.model import (
    Action,
    ClipJob,
    CoinMarks,
    JobState,
    Preference,
    Reason,
    Scope,
    SiteClip,
    Verb,
    Window,
)
from tests.commands.harness import BEN, ELSEWHERE, FAR_AWAY, CommandHarness
from tests.fakes.chat import FakeReply
from tests.pumpfun.samples import MINT, OTHER_MINT


@pytest.fixture
def highlight(harness: CommandHarness) -> SiteClip:
    return harness.pumpfun.highlight(MINT, ago=180, seconds=12.5)


def action(highlight: SiteClip, mint: str = MINT) -> str:
    return Action(Verb.HIGHLIGHT, f"{mint} ~{digest_of(highlight.id)}").encode()


async def jobs(harness: CommandHarness) -> list[ClipJob]:
    async with harness.store.read() as unit:
        found = [await unit.jobs.get(number) for number in range(1, 6)]
    return [job for job in found if job is not None]


async def finish(harness: CommandHarness, state: JobState = JobState.DONE) -> None:
    """As the clip service does."""
    async with harness.store.write() as unit:
        job = await unit.jobs.claim("test", harness.clock.now())
        assert job is not None
        if state is JobState.CANCELLED:
            await unit.jobs.request_cancel(job.id)
        await unit.jobs.finish(
            job,
            state,
            result=None,
            error=None,
            file_key=None,
            expires_at=None,
            now=harness.clock.now(),
        )


def is_silent(reply: FakeReply) -> bool:
    """What comes is its answer."""
    return reply.shown == []


async def test_it_is_a_job_that_fetches_and_cuts_nothing(
    harness: CommandHarness, highlight: SiteClip
) -> None:
    with harness.notifier.listening("jobs") as hint:
        reply = await harness.press(action(highlight), upload_limit=8 << 20)
        assert hint.is_set()
    assert is_silent(reply)
    (job,) = await jobs(harness)
    order = job.order
    assert (order.highlight_id, order.highlight_url) == (highlight.id, highlight.video)
    assert order.window == Window.after(highlight.begins_at, 12.5)
    assert (order.seconds, order.max_bytes, order.is_ahead) == (12.5, 8 << 20, False)
    assert (order.person.name, order.reply_to, job.leader_id) == ("Ada", "m1", None)


async def test_two_presses_are_one_post(harness: CommandHarness, highlight: SiteClip) -> None:
    await harness.press(action(highlight))
    again = await harness.press(action(highlight))
    other = await harness.press(action(highlight), who=BEN)
    assert again.text == other.text == "That highlight is already on its way."
    assert again.last.private
    await finish(harness)
    late = await harness.press(action(highlight))
    assert late.text == "That highlight was posted here a moment ago."
    assert len(await jobs(harness)) == 1


async def test_a_request_that_comes_twice_counts_once(
    harness: CommandHarness, highlight: SiteClip
) -> None:
    await harness.press(action(highlight), request_id="same")
    await harness.press(action(highlight), request_id="same")
    assert len(await jobs(harness)) == 1


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
async def test_one_that_came_to_nothing_can_be_had_again(
    harness: CommandHarness, highlight: SiteClip, state: JobState
) -> None:
    await harness.press(action(highlight))
    await finish(harness, state)
    await harness.clock.advance(61)
    assert is_silent(await harness.press(action(highlight)))
    assert len(await jobs(harness)) == 2


async def test_a_while_later_it_can_be_posted_once_more(
    harness: CommandHarness, highlight: SiteClip
) -> None:
    await harness.press(action(highlight))
    await finish(harness)
    await harness.clock.advance(61)
    assert is_silent(await harness.press(action(highlight)))
    assert len(await jobs(harness)) == 2


async def test_another_channel_gets_its_own_post_of_the_same_file(
    harness: CommandHarness, highlight: SiteClip
) -> None:
    await harness.press(action(highlight))
    assert is_silent(await harness.press(action(highlight), who=BEN, where=FAR_AWAY))
    first, second = await jobs(harness)
    assert (first.leader_id, second.leader_id) == (None, first.id)


async def test_cool_downs_are_those_of_clips(harness: CommandHarness, highlight: SiteClip) -> None:
    another = harness.pumpfun.highlight(MINT, ago=900)
    await harness.press(action(highlight))
    too_soon = await harness.press(action(another))
    assert too_soon.text == "You asked for a clip a moment ago. Try again in 1 min."
    here = await harness.press(action(another), who=BEN, where=ELSEWHERE)
    assert here.text == "Someone here asked for a clip a moment ago. Try again in 20 s."
    await harness.clock.advance(21)
    assert is_silent(await harness.press(action(another), who=BEN))


async def test_only_managers_where_clips_are_theirs(
    harness: CommandHarness, highlight: SiteClip
) -> None:
    target = await harness.target()
    async with harness.store.write() as unit:
        await unit.preferences.set(Scope.PLACE, target.place_id, Preference.CLIP_BY, "managers")
    refused = await harness.press(action(highlight), who=BEN, manages=False)
    assert "can make clips" in refused.text
    assert is_silent(await harness.press(action(highlight)))


async def test_nothing_is_fetched_for_where_nothing_can_be_posted(
    harness: CommandHarness, highlight: SiteClip
) -> None:
    await harness.disable()
    assert "can't post here" in (await harness.press(action(highlight))).text
    assert await jobs(harness) == []


async def test_one_that_the_site_no_longer_lists_is_gone(
    harness: CommandHarness, highlight: SiteClip
) -> None:
    harness.pumpfun.listed.clear()
    reply = await harness.press(action(highlight))
    assert reply.text == (
        "pump.fun no longer lists that highlight. Run /clips for the current ones."
    )
    assert await jobs(harness) == []


@pytest.mark.parametrize(
    "argument", ["", MINT, "~0123456789", f"{OTHER_MINT} ~{'0' * 10}", f"{MINT} ~zz", "no ~p1"]
)
async def test_a_made_up_button_posts_nothing(
    harness: CommandHarness, highlight: SiteClip, argument: str
) -> None:
    await harness.press(f"post:{argument}")
    assert await jobs(harness) == []


async def test_a_site_that_does_not_answer_is_told_of(
    harness: CommandHarness, highlight: SiteClip
) -> None:
    await harness.follow()
    harness.pumpfun.errors[MINT] = PumpfunError(Reason.SERVER_ERROR)
    assert "has a problem" in (await harness.press(action(highlight))).text


async def test_it_works_after_a_restart(harness: CommandHarness, highlight: SiteClip) -> None:
    shown = await harness.say(f"/clips {MINT}")
    harness.service = harness.fresh()
    assert is_silent(await harness.press(shown.button("Post 1").action))
    assert len(await jobs(harness)) == 1


async def test_after_a_failure_the_same_is_asked_for_again(
    harness: CommandHarness, highlight: SiteClip
) -> None:
    await harness.press(action(highlight))
    await finish(harness, JobState.FAILED)
    await harness.clock.advance(timedelta(minutes=2).total_seconds())
    assert is_silent(await harness.press("again:1", who=BEN))
    first, second = await jobs(harness)
    assert second.order.highlight_url == first.order.highlight_url
    assert (second.order.window, second.order.person.name) == (first.order.window, "Ben")


async def test_a_coin_that_nobody_follows_keeps_its_name_and_its_marks(
    harness: CommandHarness, highlight: SiteClip
) -> None:
    coin = harness.pumpfun.coins[MINT]
    harness.pumpfun.coins[MINT] = replace(coin, marks=CoinMarks(nsfw=True))
    await harness.press(action(highlight))
    async with harness.store.read() as unit:
        assert await unit.coins.get(MINT) == harness.pumpfun.coins[MINT]
