"""The connection: tokens, outages, a rival, and what is taken or left."""

from __future__ import annotations

import asyncio
import logging
import math

import pytest

from bot.alerts import Fault, SendError
from bot.errors import TokenRefused
from bot.kit.health import Health
from bot.kit.timing.clock import SystemClock
from bot.platforms.telegram import ask_token
from bot.platforms.telegram.connection.poll_conflict import GONE_AFTER, MUTE_AFTER, PollConflict
from tests.commands.harness import Room
from tests.fakes.clock import FakeClock
from tests.fakes.telegram import FakeTelegram, Refuse, RetryAfter, ServerError
from tests.platforms.telegram.harness import FastClock, Scene, new_platform, open_scene, until
from tests.pumpfun.samples import MINT

WRONG = ["7100200300:" + "B" * 35, "nonsense"]


@pytest.mark.parametrize("token", WRONG)
async def test_a_wrong_token_is_refused_at_the_login_and_shown_nowhere(
    room: Room, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    async with FakeTelegram() as telegram:
        health = Health(SystemClock())
        platform = new_platform(room, telegram, health, token=token)
        with pytest.raises(TokenRefused) as refused:
            await platform.login()
        await platform.close()
    assert "@BotFather" in refused.value.detail
    assert not health.part("telegram").ok
    assert token not in caplog.text + str(refused.value) + health.part("telegram").detail


async def test_a_token_that_dies_ends_the_platform_and_its_sending(scene: Scene) -> None:
    scene.telegram.faults.add("*", Refuse(401, "Unauthorized"))
    assert scene.running is not None
    await scene.al.say(scene.al.chat, "/help")  # ends the poll that waits
    with pytest.raises(TokenRefused):
        await scene.running
    scene.running = None
    assert "@BotFather" in scene.part.detail
    with pytest.raises(SendError) as stopped:
        scene.platform.connection.client()
    assert stopped.value.fault is Fault.UNAUTHORIZED


async def test_one_refused_poll_is_no_dead_token(scene: Scene) -> None:
    scene.telegram.faults.add("getUpdates", Refuse(401, "Unauthorized"), times=1)
    await scene.say("/help")
    await scene.say("/help")
    assert scene.part.ok


async def test_an_outage_is_told_once_and_ends_by_itself(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await scene.say("/help")
    await scene.telegram.down()
    await until(lambda: not scene.part.ok)
    await asyncio.sleep(0.2)
    await scene.telegram.up()
    await until(lambda: scene.part.ok)  # though nobody says anything
    await scene.say("/help")
    lines = [record.message for record in caplog.records if record.name == "bot.kit.health"]
    assert len([line for line in lines if "fails" in line]) == 1
    assert len([line for line in lines if "works again" in line]) == 1


async def test_a_login_during_an_outage_is_left_to_run(room: Room) -> None:
    async with FakeTelegram() as telegram:
        await telegram.down()
        health = Health(SystemClock())
        scene = Scene(room, telegram, new_platform(room, telegram, health), health)
        await scene.platform.login()
        assert not scene.part.ok
        scene.start()
        await telegram.up()
        assert (await scene.say("/help")).text
        assert scene.part.ok
        await scene.stop()


async def test_a_page_of_a_machine_in_between_is_no_refusal(room: Room) -> None:
    async with FakeTelegram() as telegram:
        telegram.faults.add("getMe", ServerError(401))
        health = Health(SystemClock())
        platform = new_platform(room, telegram, health)
        await platform.login()
        assert "cannot be reached" in health.part("telegram").detail
        await platform.close()


async def test_a_webhook_of_another_program_is_taken_away(room: Room) -> None:
    async with FakeTelegram() as telegram:
        telegram.set_webhook("https://example.org/hook")
        health = Health(SystemClock())
        scene = Scene(room, telegram, new_platform(room, telegram, health), health)
        await scene.platform.login()
        scene.start()
        assert (await scene.say("/help")).text
        await scene.stop()


async def test_the_start_line_says_where_the_bot_is(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with FakeTelegram() as telegram:
        platform = new_platform(room, telegram, Health(SystemClock()))
        await platform.login()
        await platform.close()
    (line,) = [r.message for r in caplog.records if r.message.startswith("Telegram: on")]
    assert "@mintcast_bot" in line
    assert "https://t.me/mintcast_bot?startgroup=1" in line


async def test_what_was_taken_is_not_taken_again(scene: Scene) -> None:
    await scene.say("/help")
    await scene.stop()
    assert scene.telegram.updates.queue == []
    scene.restart()
    await scene.platform.login()
    scene.start()
    await scene.say("/help", scene.telegram.add_user("somebody else"))
    assert len(scene.al.chat.messages) == 1


async def test_what_was_taken_is_confirmed_at_the_end(scene: Scene) -> None:
    await until(lambda: scene.telegram.updates._waiting)  # what waits is not struck any more
    rule = scene.telegram.faults.add("getUpdates", RetryAfter(600))
    await scene.say("/help")
    assert len(scene.telegram.updates.queue) == 1
    scene.telegram.faults.remove(rule)
    await scene.stop()
    assert scene.telegram.updates.queue == []


async def test_whatever_a_closed_desk_is_handed_is_told_to_try_again(scene: Scene) -> None:
    await scene.platform.dispatcher.close()
    assert "Mintcast is restarting" in (await scene.say(f"/subscribe {MINT}")).text
    assert await scene.mints(scene.al.chat) == []


async def test_what_comes_after_the_desk_is_closed_waits_for_the_next_start(scene: Scene) -> None:
    await scene.platform.close_dispatcher()
    await scene.al.say(scene.al.chat, f"/subscribe {MINT}")
    await scene.stop()
    assert scene.al.chat.messages == []
    scene.restart()
    await scene.platform.login()
    scene.start()
    await scene.telegram.until(lambda: scene.al.chat.messages)
    assert [mint for _, mint in await scene.mints(scene.al.chat)] == [MINT]


async def test_who_waits_when_the_desk_is_closed_is_told(scene: Scene) -> None:
    never = asyncio.Event()
    begun = asyncio.Event()

    async def run(request: object, text: str) -> None:
        begun.set()
        await never.wait()

    scene.room.commands.run = run  # type: ignore[method-assign]
    await scene.al.say(scene.al.chat, "/live")
    await begun.wait()
    await scene.platform.close_dispatcher()
    assert [one.text for one in scene.al.chat.messages] == [
        "Mintcast is restarting; please try again in a minute."
    ]


async def test_an_update_that_cannot_be_read_is_passed_over(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    for broken in ({"message_id": "x"}, {"date": 7}):
        scene.telegram.tell("message", broken)
    assert (await scene.say("/help")).text
    assert "an update that cannot be read" in caplog.text


async def test_a_command_that_cannot_be_read_holds_up_nobody(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """PTB parses an update, and fails at its entity when that is asked for."""
    half = {"type": "bot_command", "offset": 0, "length": 1}
    about = {"message_id": 7, "date": 1_790_000_000, "chat": scene.al.chat.as_json()}
    scene.telegram.tell("message", about | {"text": "\U0001f600", "entities": [half]})
    assert (await scene.say("/help")).text
    assert "an update cannot be read" in caplog.text


async def test_a_rival_is_told_of_once(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    rule = scene.telegram.faults.add("getUpdates", Refuse(409, "Conflict: terminated by other"))
    await scene.al.say(scene.al.chat, "/help")  # ends the poll that waits
    await until(lambda: not scene.part.ok)
    assert "another program polls with this token" in scene.part.detail
    await until(lambda: rule.hits >= 3)
    lines = [record.message for record in caplog.records if "another program" in record.message]
    assert len(lines) == 1
    scene.telegram.faults.remove(rule)


async def test_after_a_minute_of_a_rival_nothing_is_sent_until_it_is_gone() -> None:
    clock = FakeClock()
    rival = PollConflict(clock)
    rival.met()
    await clock.advance(MUTE_AFTER - 1)
    rival.met()
    assert not rival.is_muting
    await clock.advance(1)
    assert rival.is_muting
    await clock.advance(GONE_AFTER - 1.5)  # two of its polls may be far apart
    assert rival.is_muting
    await clock.advance(0.5)
    assert not rival.is_muting
    rival.met()
    assert not rival.is_muting


async def test_a_muted_copy_waits_and_disables_nothing(room: Room) -> None:
    async with open_scene(room, clock=FastClock(400, patience=math.inf)) as scene:
        connection = scene.platform.connection
        rule = scene.telegram.faults.add("getUpdates", Refuse(409, "Conflict: terminated by other"))
        await scene.al.say(scene.al.chat, "/help")  # ends the poll that waits
        await until(lambda: "nothing is posted" in scene.part.detail)
        with pytest.raises(SendError) as muted:
            connection.client()
        assert (muted.value.fault, muted.value.everywhere) == (Fault.RATE_LIMITED, True)
        scene.telegram.faults.remove(rule)
        await asyncio.sleep(2 * GONE_AFTER / 400)
        assert connection.client() is connection.bot
        await scene.al.say(scene.al.chat, "/help")
        await until(lambda: scene.part.ok)


@pytest.mark.parametrize("token", WRONG)
async def test_check_says_what_is_wrong_with_a_token(token: str) -> None:
    async with FakeTelegram() as telegram:
        answer = await ask_token(token, telegram.api_url)
    assert not answer.ok
    assert "@BotFather" in answer.sentence
    assert token not in answer.sentence


async def test_check_says_whose_token_it_is() -> None:
    async with FakeTelegram() as telegram:
        answer = await ask_token(telegram.token, telegram.api_url)
    assert answer.ok
    assert "@mintcast_bot can log in" in answer.sentence


async def test_check_says_that_telegram_cannot_be_reached_and_promises_nothing() -> None:
    async with FakeTelegram() as telegram:
        await telegram.down()
        answer = await ask_token(telegram.token, telegram.api_url)
    assert not answer.ok
    assert f"{telegram.api_url} does not answer (ConnectError)" in answer.sentence
    assert "again" not in answer.sentence


async def test_pages_of_a_machine_in_between_fill_no_log(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    rule = scene.telegram.faults.add("getUpdates", ServerError(502), times=3)
    await scene.al.say(scene.al.chat, "/help")  # ends the poll that waits
    await until(lambda: rule.hits == 3)
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []
