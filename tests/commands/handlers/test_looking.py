"""`/live`, `/subscriptions`, `/history`, `/test`, `/resume`, `/help`."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta

import pytest
from base58 import b58encode
from PIL import Image

from bot.alerts import AlertFacts, alert
from bot.commands import Limits
from bot.errors import PumpfunError
from bot.model import (
    DeliveryState,
    MessageKind,
    Preference,
    Reason,
    Scope,
    Span,
    StreamState,
    Tone,
)
from tests.commands.harness import ELSEWHERE, FAR_AWAY, THIRD_MINT, Room
from tests.pumpfun.samples import MINT, OTHER_MINT, WALLET


def jpeg(width: int = 64, height: int = 36) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "JPEG")
    return out.getvalue()


async def with_picture(room: Room, stream_id: int) -> str:
    key = await room.files.put_picture(jpeg())
    async with room.store.write() as unit:
        await unit.streams.set_picture(stream_id, key)
    return key


async def disable(room: Room, reason: str = "forbidden", **where: object) -> None:
    target = await room.target(**where)  # type: ignore[arg-type]
    async with room.store.write() as unit:
        await unit.places.disable(target.id, reason, room.clock.now())


# live


async def test_a_coin_that_the_watcher_sees_is_told_without_asking_pumpfun(room: Room) -> None:
    await room.follow()
    key = await with_picture(room, await room.go_live())
    await room.clock.advance(20)
    reply = await room.say(f"/live {MINT}")
    assert reply.last.title == "Minty coin ($MINTY) is live."
    assert reply.last.tone is Tone.LIVE
    assert reply.last.picture is not None
    assert (reply.last.picture.key, reply.last.picture.width) == (key, 64)
    assert "hello" in reply.text
    assert "26 viewers" in reply.text
    assert any(span.at is not None for line in reply.last.lines for span in line)
    assert not room.watch.looked
    assert not room.pumpfun.asked


async def test_what_was_seen_too_long_ago_is_looked_at_again(room: Room) -> None:
    await room.follow()
    await room.go_live()
    await room.clock.advance(31)
    room.watch.live(MINT, "a new title", 99)
    reply = await room.say("/live minty")
    assert room.watch.looked == [MINT]
    assert "a new title" in reply.text
    assert "99 viewers" in reply.text
    room.watch.seen.clear()
    assert "is not live right now" in (await room.say("/live minty")).text


async def test_without_an_answer_our_row_is_told_with_its_age(room: Room) -> None:
    await room.follow()
    await room.go_live()
    await room.clock.advance(600)
    room.watch.errors[MINT] = PumpfunError(Reason.SERVER_ERROR)
    reply = await room.say("/live minty")
    assert reply.last.title == "Minty coin ($MINTY) is live."
    assert "this is what was seen at 2026-11-23 12:00 UTC" in reply.text


async def test_any_coin_can_be_asked_about(room: Room) -> None:
    room.watch.live(THIRD_MINT, "a **title** @here", 1)
    reply = await room.say(f"/live {THIRD_MINT}", manages=False)
    assert reply.last.title == "Third one ($THIRD) is live."
    assert "1 viewer" in reply.text
    assert "@here" not in reply.text
    assert reply.button("Subscribe here").action == f"sub:{THIRD_MINT}"
    assert reply.button("Watch").url == f"https://pump.fun/coin/{THIRD_MINT}"


async def test_a_coin_that_is_followed_is_not_offered_to_be_followed(room: Room) -> None:
    await room.follow()
    reply = await room.say(f"/live {MINT}")
    assert reply.last.title == "Minty coin ($MINTY) is not live right now."
    labels = [button.label for row in reply.last.buttons for button in row]
    assert "Subscribe here" not in labels
    assert "Clip" in labels


async def test_starting_and_paused_read_differently(room: Room) -> None:
    room.watch.starting(OTHER_MINT)
    assert "is starting" in (await room.say(f"/live {OTHER_MINT}")).text
    await room.follow()
    await room.go_live(state=StreamState.GRACE)
    reply = await room.say(f"/live {MINT}")
    assert "is paused" in reply.text
    assert reply.last.tone is Tone.PAUSED


@pytest.mark.parametrize("is_slow", [True, False])
async def test_without_an_answer_it_says_why_it_cannot_tell(room: Room, is_slow: bool) -> None:
    if is_slow:
        room.watch.slow.add(MINT)
    else:
        room.watch.errors[MINT] = PumpfunError(Reason.RATE_LIMITED, retry_after=30)
    request, reply = room.request()
    task = asyncio.create_task(room.commands.run(request, f"/live {MINT}"))
    await room.clock.advance(6.1)
    await task
    assert reply.last.title == "I cannot tell whether Minty coin ($MINTY) is live."
    assert ("did not answer in time" if is_slow else "30 seconds") in reply.text


async def test_a_coin_without_a_name_is_shown_by_its_address(room: Room) -> None:
    room.pumpfun.errors[MINT] = PumpfunError(Reason.TIMEOUT)
    reply = await room.say(f"/live {MINT}")
    assert reply.last.title == "4F21…pump is not live right now."


async def test_without_a_coin_those_of_the_place_that_are_live_are_listed(room: Room) -> None:
    await room.follow(MINT)
    await room.follow(OTHER_MINT, ELSEWHERE)
    await room.follow(THIRD_MINT, FAR_AWAY)
    for mint in (MINT, OTHER_MINT, THIRD_MINT):
        await room.go_live(mint)
    reply = await room.say("/live")
    assert reply.last.title == "2 coins are live"
    assert "Minty coin ($MINTY): live, 26 viewers, “hello”, since" in reply.text
    assert "THIRD" not in reply.text
    assert reply.button("Clip $OTHER").action == f"clip:{OTHER_MINT}"


async def test_without_live_coins_it_says_what_to_do(room: Room) -> None:
    assert "No coin is followed here yet; /subscribe" in (await room.say("/live")).text
    await room.follow()
    assert "No coin that is followed here is live" in (await room.say("/live")).text


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (f"{MINT} {OTHER_MINT}", "one coin at a time: /live [mint]"),
        ("what is this", "I do not understand “what”, “is”, “this” here."),
        ("https://pump.fun/profile/x", "creator's profile"),
        ("a b c d e", "and 2 more"),
    ],
)
async def test_words_that_name_no_coin_are_refused(room: Room, words: str, part: str) -> None:
    assert part in (await room.say(f"/live {words}")).text


async def test_a_symbol_names_a_coin_of_the_place_only(room: Room) -> None:
    await room.follow(MINT, FAR_AWAY)
    assert "I do not understand “MINTY”" in (await room.say("/live MINTY")).text


async def test_a_symbol_that_two_coins_have_names_neither(room: Room) -> None:
    room.pumpfun.know(OTHER_MINT, "Minty", "a copy")
    await room.follow(MINT)
    await room.follow(OTHER_MINT)
    assert "Several coins here are called “minty”" in (await room.say("/live minty")).text


async def test_a_wallet_is_told_from_a_coin_that_is_not_live(room: Room) -> None:
    reply = await room.say(f"/live {WALLET}")
    assert "knows no coin with the address" in reply.text
    assert not room.watch.looked


async def test_one_place_cannot_take_the_time_of_everybodys_alerts(room: Room) -> None:
    room.commands = room.fresh(Limits(questions_a_minute=3))
    for _ in range(2):  # its name is asked for once
        await room.say(f"/live {THIRD_MINT}", manages=False)
    await room.clock.advance(20)
    reply = await room.say(f"/live {THIRD_MINT}", manages=False)
    assert reply.text == "Too many requests here. Try again in 40 s."
    assert len(room.watch.looked) == 2
    assert "is not live" in (await room.say(f"/live {THIRD_MINT}", where=FAR_AWAY)).text
    await room.follow()
    await room.go_live()
    assert "is live." in (await room.say(f"/live {MINT}")).text  # nobody has to be asked
    await room.clock.advance(40)
    assert "is not live" in (await room.say(f"/live {THIRD_MINT}")).text


# subscriptions


async def test_subscriptions_are_told_by_target_with_their_states(room: Room) -> None:
    await room.follow(MINT)
    await room.follow(OTHER_MINT)
    await room.follow(THIRD_MINT, ELSEWHERE)
    await room.follow(MINT, FAR_AWAY)
    await room.go_live(MINT)
    reply = await room.say("/subscriptions", manages=False)
    assert reply.text.splitlines() == [
        "3 coins are followed in 2 channels",
        "general (here)",
        "• Minty coin ($MINTY): live",
        "• Other one ($OTHER): not live",
        "news",
        "• Third one ($THIRD): not live",
    ]
    assert reply.button("Clip $MINTY").action == f"clip:{MINT}"
    assert reply.button("About $MINTY").action == f"live:{MINT}"


async def test_subscriptions_warn_of_targets_that_cannot_post(room: Room) -> None:
    await room.follow(MINT, ELSEWHERE)
    await disable(room, "target-gone", where=ELSEWHERE)
    reply = await room.say("/subscriptions")
    assert "⚠ I cannot post there, because it no longer exists" in reply.text
    assert "/resume there" in reply.text


async def test_an_unchecked_coin_is_told_as_such(room: Room) -> None:
    room.pumpfun.errors[MINT] = PumpfunError(Reason.TIMEOUT)
    await room.say(f"/subscribe {MINT}")
    reply = await room.say("/subscriptions")
    assert "4F21…pump: not live, not confirmed by pump.fun yet" in reply.text


async def test_an_empty_list_says_how_to_begin(room: Room) -> None:
    reply = await room.say("/subscriptions")
    assert reply.last.title == "No coin is followed here yet"
    assert "/subscribe and a coin's address" in reply.text


async def followed_sixty(room: Room) -> list[str]:
    mints = [b58encode(bytes([7, *[number] * 31])).decode() for number in range(60)]
    for number, mint in enumerate(mints):
        room.pumpfun.know(mint, f"C{number}")
        await room.follow(mint)
    return mints


async def test_a_long_list_has_pages_that_name_every_coin(room: Room) -> None:
    await followed_sixty(room)
    named = set()
    for page in (1, 2, 3):
        reply = await room.say(f"/subscriptions {page}" if page > 1 else "/subscriptions")
        assert reply.last.title == "60 coins are followed here"
        (_title, heading, *lines, last) = reply.text.splitlines()
        assert heading == "general (here)"
        assert last.startswith(f"Page {page} of 3")
        assert ("/subscriptions " + str(page + 1) in last) == (page < 3)
        named |= set(lines)
    assert len(named) == 60
    assert (await room.say("/subscriptions 99")).last.lines == reply.last.lines


async def test_one_may_ask_whether_a_coin_is_followed_and_where(room: Room) -> None:
    mints = await followed_sixty(room)
    await room.follow(mints[45], ELSEWHERE)
    for named in ("$C45", "c45", mints[45], f"https://pump.fun/coin/{mints[45]}"):
        reply = await room.say(f"/subscriptions {named}", manages=False)
        assert [line.strip() for line in reply.text.splitlines()] == [
            "C45 coin ($C45) is followed in 2 channels",
            "general (here)",
            "• C45 coin ($C45): not live",
            "news",
            "• C45 coin ($C45): not live",
        ]
    assert (await room.say(f"/subscriptions {MINT}")).text == "4F21…pump is not followed here."
    unknown = await room.say("/subscriptions $nothing")
    assert unknown.last.tone is Tone.BAD
    assert "No coin that is followed here is called “$nothing”." in unknown.text
    assert "one coin at a time" in (await room.say("/subscriptions c4 c5")).text


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("MINTY", "Minty coin"),
        ("minty", "Another one"),
        ("МІNTY", "Cyrillic"),  # noqa: RUF001 - that is the point
        ("M1NTY", "Digits"),
        ("OTHER", "MINTY COIN"),
        ("MINTY\u200b!", "Unseen"),
    ],
)
async def test_coins_that_could_be_confused_are_told_apart(
    room: Room, symbol: str, name: str
) -> None:
    room.pumpfun.know(OTHER_MINT, symbol, name)
    await room.follow(MINT)
    await room.follow(OTHER_MINT)
    reply = await room.say("/subscriptions")
    assert "Minty coin ($MINTY) 4F21…pump: " in reply.text
    assert f" {OTHER_MINT[:4]}…{OTHER_MINT[-4:]}: " in reply.text


async def test_a_coin_cannot_be_named_as_if_it_were_told_apart(room: Room) -> None:
    room.pumpfun.know(OTHER_MINT, "$MINTY 4F21…pump", "Minty 4F21 … pump")
    await room.follow(OTHER_MINT)
    reply = await room.say("/subscriptions")
    assert f" {OTHER_MINT[:4]}…{OTHER_MINT[-4:]}: " in reply.text


async def test_coins_that_nobody_confuses_keep_their_names_alone(room: Room) -> None:
    room.pumpfun.know(OTHER_MINT, "OTHER", "🐸")
    await room.follow(MINT)
    await room.follow(OTHER_MINT)
    reply = await room.say("/subscriptions")
    assert "Minty coin ($MINTY): " in reply.text
    assert "🐸 ($OTHER): " in reply.text


# history


async def test_history_tells_when_how_fast_and_what_became(room: Room) -> None:
    await room.follow()
    await room.go_live()
    await room.clock.advance(2.5)
    await room.show_all()
    reply = await room.say(f"/history {MINT}", manages=False)
    assert reply.last.title == "The last posts about Minty coin ($MINTY)"
    (line,) = reply.last.lines
    assert "".join(span.text for span in line) == "2026-11-23 12:00 UTC alert: posted after 2.5 s"
    assert line[0].at is not None


async def test_history_tells_why_something_was_not_posted(room: Room) -> None:
    await room.follow()
    stream_id = await room.go_live()
    async with room.store.write() as unit:
        await unit.deliveries.drop_unsent(stream_id, "ended-first", room.clock.now())
    reply = await room.say("/history")
    assert "alert Minty coin ($MINTY): not posted, because the stream had ended" in reply.text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (DeliveryState.DUE, "on its way, because the platform had a problem"),
        (DeliveryState.UNCERTAIN, "may or may not have arrived; not repeated"),
        (DeliveryState.DEAD, "not posted, because it could not be sent for so long"),
    ],
)
async def test_each_state_of_a_delivery_has_its_words(
    room: Room, state: DeliveryState, words: str
) -> None:
    await room.follow()
    await room.go_live()
    now = room.clock.now()
    async with room.store.write() as unit:
        (d,) = await unit.deliveries.claim("fake", "test", 1, now)
        if state is DeliveryState.DUE:
            await unit.deliveries.put_off(d, now + timedelta(seconds=9), "server-error")
        else:
            await unit.deliveries.mark_sending(d, now)
            mark = unit.deliveries.mark_uncertain
            if state is DeliveryState.DEAD:
                mark = unit.deliveries.mark_dead
            await mark(d, "crash" if state is DeliveryState.UNCERTAIN else "too-late", now)
    assert words in (await room.say(f"/history {MINT}")).text


async def test_history_is_of_this_place_alone_and_names_other_channels(room: Room) -> None:
    await room.follow(MINT, ELSEWHERE)
    await room.follow(MINT, FAR_AWAY)
    await room.go_live()
    await room.show_all()
    reply = await room.say(f"/history {MINT}")
    assert len(reply.last.lines) == 1
    assert "alert in news: posted" in reply.text


async def test_history_without_posts_says_so(room: Room) -> None:
    assert "There was no post here yet." in (await room.say("/history")).text
    reply = await room.say(f"/history {MINT}")
    assert "There was no post about 4F21…pump yet." in reply.text


async def test_history_of_the_alert_that_is_answered(room: Room) -> None:
    for mint in (MINT, OTHER_MINT):
        await room.follow(mint)
        await room.go_live(mint)
    await room.show_all()
    reply = await room.say("/history", message_id="alert-2")
    assert "about Other one ($OTHER)" in reply.last.title


# test


async def test_a_test_is_exactly_the_alert_and_mentions_nobody(room: Room) -> None:
    await room.follow()
    stream_id = await room.go_live()
    key = await with_picture(room, stream_id)
    target = await room.target()
    async with room.store.write() as unit:
        await unit.preferences.set(Scope.TARGET, target.id, Preference.ROLE, "123")
        stream = await unit.streams.get(stream_id)
        coin = await unit.coins.get(MINT)
    reply = await room.say("/test")
    assert stream is not None
    facts = AlertFacts(MINT, stream.broadcast, coin, reply.last.picture, "123", test=True)
    assert reply.last == alert(facts, room.clock.now())
    assert reply.last.kind is MessageKind.ALERT
    assert reply.last.role is None
    assert reply.last.silent
    assert reply.last.picture is not None
    assert reply.last.picture.key == key


async def test_a_test_of_a_coin_that_is_not_live_shows_it_as_if_it_were(room: Room) -> None:
    await room.follow(MINT)
    await room.clock.advance(1)
    await room.follow(OTHER_MINT)
    reply = await room.say("/test")
    assert "Other one ($OTHER) is live" in reply.last.title
    assert reply.last.tone is Tone.LIVE
    assert "128 watching" in reply.text


async def test_a_test_needs_a_coin_and_a_manager(room: Room) -> None:
    assert "No coin is followed here yet" in (await room.say("/test")).text
    assert "managers" in (await room.say(f"/test {MINT}", manages=False)).text
    assert "is live" in (await room.say(f"/test {MINT}")).text


# resume


async def test_resume_lets_post_again_what_is_owed(room: Room) -> None:
    await room.follow()
    await room.go_live()
    await disable(room)
    assert not await room.show_all()
    with room.notifier.listening("deliveries") as hint:
        reply = await room.say("/resume")
    assert hint.is_set()
    assert reply.text == "I post here again; what is still owed comes now."
    assert len(await room.show_all()) == 1


async def test_resume_owes_what_went_live_meanwhile(room: Room) -> None:
    for mint in (MINT, OTHER_MINT, THIRD_MINT):
        await room.follow(mint)
    await disable(room)
    await room.go_live(MINT)
    await room.go_live(OTHER_MINT, StreamState.STARTING)
    await room.say("/resume")
    (delivery,) = await room.show_all()
    assert not delivery.silent
    await room.say("/resume")
    assert not await room.show_all()


async def test_resume_where_nothing_was_stopped(room: Room) -> None:
    assert "nothing to resume" in (await room.say("/resume")).text


async def test_a_manager_is_told_of_other_channels_that_cannot_post(room: Room) -> None:
    await room.follow()
    await room.follow(where=ELSEWHERE)
    await disable(room, where=ELSEWHERE)
    assert "I cannot post in news; /subscriptions says why." in (await room.say("/test")).text
    assert "news" not in (await room.say("/live")).text
    assert "news" not in (await room.say("/test " + MINT, where=FAR_AWAY)).text


# help


async def test_help_lists_everything_with_limits_version_and_first_steps(room: Room) -> None:
    reply = await room.say("/help", manages=False)
    assert reply.last.title == "Mintcast 1.2.3"
    for command in room.commands.catalogue:
        assert f"{command.usage} – {command.summary}" in reply.text
    assert "at most 2 min, and at most 10.0 MiB here; kept for 72 h" in reply.text
    assert "every 1 min for each person and every 20 s for each place" in reply.text
    assert "First steps" in reply.text
    assert len(reply.text) < 3500


@pytest.mark.parametrize("word", ["clip", "/clip", "CLIP"])
async def test_help_explains_one_command(room: Room, word: str) -> None:
    reply = await room.say(f"/help {word}")
    assert reply.last.title == "/clip [duration] [ago] [mint]"
    assert "duration: How long" in reply.text


async def test_help_on_nothing_that_there_is_names_the_nearest(room: Room) -> None:
    assert "Did you mean /clip?" in (await room.say("/help clp")).text


async def test_a_link_that_starts_the_bot_with_a_coin_offers_to_follow_it(room: Room) -> None:
    reply = await room.say(f"/start {MINT}")
    assert reply.last.title == "Mintcast 1.2.3"
    assert reply.button("Subscribe here").action == f"sub:{MINT}"


def test_a_moment_is_shown_in_the_readers_zone_where_that_is_possible(room: Room) -> None:
    from bot.commands.formatting import moment

    at = room.clock.now()
    assert moment(at) == Span("2026-11-23 12:00 UTC", at=at)
