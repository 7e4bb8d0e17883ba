"""`/test`: the alert as it would be."""

from __future__ import annotations

from bot.alerts import AlertFacts, alert
from bot.model import KeptMoving, MessageKind, Preference, Scope, StoredVideo, Tone
from tests.commands.harness import CommandHarness
from tests.pumpfun.samples import MINT, OTHER_MINT


async def test_a_test_is_exactly_the_alert_and_mentions_nobody(harness: CommandHarness) -> None:
    await harness.follow()
    stream_id = await harness.go_live()
    key = await harness.put_picture(stream_id)
    target = await harness.target()
    async with harness.store.write() as unit:
        await unit.preferences.set(Scope.TARGET, target.id, Preference.ROLE, "123")
        stream = await unit.streams.get(stream_id)
        coin = await unit.coins.get(MINT)
    reply = await harness.say("/test")
    assert stream is not None
    facts = AlertFacts(MINT, stream.broadcast, coin, reply.last.picture, role="123", test=True)
    assert reply.last == alert(facts, harness.clock.now())
    assert reply.last.kind is MessageKind.ALERT
    assert reply.last.role is None
    assert reply.last.silent
    assert reply.last.picture is not None
    assert reply.last.picture.key == key


async def test_a_test_moves_where_alerts_do(harness: CommandHarness) -> None:
    await harness.follow()
    stream_id = await harness.go_live()
    key = await harness.files.put_picture(b"mp4", "mp4")
    video = StoredVideo(key, 4.0, 3, 640, 360)
    target = await harness.target()
    async with harness.store.write() as unit:
        await unit.streams.set_moving(stream_id, KeptMoving(video, harness.clock.now()))
    assert (await harness.say("/test")).last.moving is None
    async with harness.store.write() as unit:
        await unit.preferences.set(Scope.TARGET, target.id, Preference.PICTURE, "moving")
    assert (await harness.say("/test")).last.moving == video


async def test_a_test_of_a_coin_that_is_not_live_shows_it_as_if_it_were(
    harness: CommandHarness,
) -> None:
    await harness.follow(MINT)
    await harness.clock.advance(1)
    await harness.follow(OTHER_MINT)
    reply = await harness.say("/test")
    assert "Other one ($OTHER) is live" in reply.last.title
    assert reply.last.tone is Tone.LIVE
    assert "128 viewers" in reply.text


async def test_a_test_needs_a_coin_and_a_manager(harness: CommandHarness) -> None:
    assert "No coins are followed here yet" in (await harness.say("/test")).text
    assert "managers" in (await harness.say(f"/test {MINT}", manages=False)).text
    assert "is live" in (await harness.say(f"/test {MINT}")).text
