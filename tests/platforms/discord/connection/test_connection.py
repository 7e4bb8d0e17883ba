"""The connection: how it begins, breaks, comes back and ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.alerts import Fault, SendError
from bot.errors import TokenRefused
from bot.model import TokenAnswer, plain
from bot.platforms.discord import ask_token
from bot.platforms.discord.connection.client import IDENTIFY_SECONDS
from bot.platforms.discord.connection.client_port import point_at
from bot.platforms.discord.connection.connection import hang_up
from tests.fakes.clock import until
from tests.fakes.discord import TOKEN, Reset
from tests.patience import PATIENCE
from tests.platforms.discord.harness import PlatformHarness, open_platform

DEAD_GATEWAY = "ws://127.0.0.1:9"


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[PlatformHarness]:
    async with open_platform(tmp_path) as opened:
        yield opened


async def test_the_health_says_as_whom_we_are_connected_and_where(harness: PlatformHarness) -> None:
    harness.fake.add_guild("Moon")
    await harness.start()
    await until(lambda: harness.part.detail == "connected as Mintcast in 1 server")
    harness.fake.add_guild("Mars")
    await until(lambda: harness.part.detail == "connected as Mintcast in 2 servers")
    assert harness.part.ok


async def test_the_invitation_asks_for_what_is_used_and_no_more(harness: PlatformHarness) -> None:
    assert harness.platform.invite_url == ""
    await harness.start()
    url = harness.platform.invite_url
    assert f"client_id={harness.fake.application_id}" in url
    assert "scope=bot+applications.commands" in url
    assert "permissions=274878024704" in url


async def test_a_wrong_token_is_refused_at_once(harness: PlatformHarness) -> None:
    platform = harness.build("MTIz.wrong.token-of-nobody")
    with pytest.raises(TokenRefused) as refused:
        await platform.login()
    assert "DISCORD_TOKEN" in refused.value.detail
    assert "wrong" not in str(refused.value)
    assert not harness.part.ok
    await platform.close()


async def test_where_discord_cannot_be_reached_it_is_tried_again(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    harness.fake.faults.add(("GET", "/users/@me"), Reset(), times=3)
    await harness.platform.login()
    assert not harness.part.ok
    assert "can't be reached" in harness.part.detail
    harness.runner = asyncio.create_task(harness.platform.run())
    await harness.pass_time_until(lambda: harness.part.ok)
    assert harness.fake.gateway.connected
    warnings = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert len(warnings) == 1


async def test_before_the_login_nothing_is_sent(harness: PlatformHarness) -> None:
    guild = harness.fake.add_guild("Moon")
    target = await harness.follow(guild, guild.add_text_channel("alerts"))
    with pytest.raises(SendError) as error:
        await harness.platform.sender.send(target, plain("hello"), nonce="n1")
    assert error.value.fault is Fault.NOT_SENT


async def test_a_gateway_that_is_not_there_at_first_stops_nothing_else(
    harness: PlatformHarness,
) -> None:
    guild = harness.fake.add_guild("Moon")
    channel = guild.add_text_channel("alerts")
    target = await harness.follow(guild, channel)
    harness.platform = harness.build(gateway_url=DEAD_GATEWAY)
    await harness.platform.login()
    harness.runner = asyncio.create_task(harness.platform.run())
    await until(lambda: not harness.part.ok)
    assert "reconnecting since 12:00:00 UTC" in harness.part.detail
    await harness.platform.sender.send(target, plain("hello"), nonce="n1")
    assert len(channel.messages) == 1
    point_at("", harness.fake.gateway.url)
    await harness.pass_time_until(lambda: harness.part.ok)


async def test_discord_asks_to_reconnect_and_the_session_goes_on(harness: PlatformHarness) -> None:
    await harness.start()
    harness.fake.gateway.reconnect()
    await until(lambda: not harness.part.ok)
    await harness.pass_time_until(lambda: harness.part.ok)
    assert (harness.fake.gateway.identifies, harness.fake.gateway.resumes) == (1, 1)


async def test_a_connection_that_breaks_is_resumed_and_nothing_is_missed(
    harness: PlatformHarness,
) -> None:
    await harness.start()
    harness.fake.gateway.drop()
    await until(lambda: not harness.fake.gateway.connected)
    harness.fake.add_guild("Meanwhile")
    await until(lambda: not harness.part.ok)
    await harness.pass_time_until(
        lambda: harness.part.detail == "connected as Mintcast in 1 server"
    )
    assert harness.fake.gateway.identifies == 1


async def test_an_invalid_session_is_begun_anew(harness: PlatformHarness) -> None:
    await harness.start()
    harness.fake.gateway.invalidate()
    await until(lambda: not harness.part.ok)
    began = harness.commands.clock.monotonic()
    await harness.pass_time_until(lambda: harness.part.ok)
    assert harness.fake.gateway.identifies == 2
    assert harness.commands.clock.monotonic() - began >= IDENTIFY_SECONDS


async def test_a_break_is_one_line_in_the_log_and_its_end_another(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    await harness.start()
    caplog.clear()
    caplog.set_level(logging.INFO, "bot.kit.health")
    harness.fake.gateway.drop()
    await until(lambda: not harness.part.ok)
    await harness.pass_time_until(lambda: harness.part.ok)
    lines = [one.getMessage() for one in caplog.records if one.name == "bot.kit.health"]
    assert [line.split(":")[0] for line in lines] == ["discord fails", "discord works again"]


async def test_a_token_that_dies_stops_this_platform_and_says_what_to_do(
    harness: PlatformHarness,
) -> None:
    guild = harness.fake.add_guild("Moon")
    target = await harness.follow(guild, guild.add_text_channel("alerts"))
    await harness.start()
    assert harness.runner is not None
    await harness.fake.revoke_token()
    with pytest.raises(TokenRefused) as refused:
        await asyncio.wait_for(asyncio.shield(harness.runner), PATIENCE)
    assert "DISCORD_TOKEN" in refused.value.detail
    assert harness.part.detail == refused.value.detail
    assert not harness.part.ok
    with pytest.raises(SendError) as error:
        await harness.platform.sender.send(target, plain("hello"), nonce="n1")
    assert error.value.fault is Fault.UNAUTHORIZED


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (4010, "shard"),
        (4011, "too many servers"),
        (4012, "version of its protocol"),
        (4013, "intents"),
        (4014, "intents"),
    ],
)
async def test_a_connection_that_discord_closes_for_good_is_not_tried_again(
    harness: PlatformHarness, code: int, says: str
) -> None:
    harness.fake.gateway.refuse_identify(code)
    await harness.platform.login()
    with pytest.raises(TokenRefused) as refused:
        await asyncio.wait_for(harness.platform.run(), PATIENCE)
    assert says in refused.value.detail
    assert str(code) in harness.part.detail
    assert harness.fake.gateway.identifies == 1


@pytest.mark.parametrize("code", [4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009, 4999])
async def test_a_connection_that_discord_closes_for_now_is_made_again(
    harness: PlatformHarness, code: int
) -> None:
    await harness.start()
    harness.fake.gateway.close(code)
    await until(lambda: not harness.part.ok)
    await harness.pass_time_until(lambda: harness.part.ok)
    is_over = code in (4007, 4009)  # the session is, and another one begins
    gateway = harness.fake.gateway
    assert (gateway.identifies, gateway.resumes) == ((2, 0) if is_over else (1, 1))


async def test_a_host_that_is_gone_does_not_keep_a_session_from_going_on(
    harness: PlatformHarness,
) -> None:
    harness.platform = harness.build(gateway_url="")
    harness.fake.gateway.resume_url = DEAD_GATEWAY
    await harness.start()
    for resumes in (1, 2):  # the second time, that host is not asked
        harness.fake.gateway.drop()
        await until(lambda: not harness.part.ok)
        await harness.pass_time_until(lambda: harness.part.ok)
        assert (harness.fake.gateway.identifies, harness.fake.gateway.resumes) == (1, resumes)


async def test_where_the_operator_says_where_the_gateway_is_discord_is_not_believed(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.platforms.discord")
    harness.fake.gateway.resume_url = DEAD_GATEWAY
    await harness.start()
    harness.fake.gateway.drop()
    await until(lambda: not harness.part.ok)
    await harness.pass_time_until(lambda: harness.part.ok)
    assert (harness.fake.gateway.identifies, harness.fake.gateway.resumes) == (1, 1)
    assert "no connection" not in caplog.text


async def test_a_session_that_is_not_taken_up_three_times_is_given_up(
    harness: PlatformHarness,
) -> None:
    await harness.start()
    harness.fake.gateway.refuses_resumes = 4000
    harness.fake.gateway.drop()
    await until(lambda: not harness.part.ok)
    await harness.pass_time_until(lambda: harness.part.ok)
    assert (harness.fake.gateway.identifies, harness.fake.gateway.resumes) == (2, 3)


async def test_a_network_that_is_gone_for_a_while_costs_no_session(
    harness: PlatformHarness,
) -> None:
    await harness.start()
    await harness.fake.down()
    await until(lambda: not harness.part.ok)
    for _ in range(10):
        await harness.pass_time(60)
    await harness.fake.up()
    await harness.pass_time_until(lambda: harness.part.ok)
    assert (harness.fake.gateway.identifies, harness.fake.gateway.resumes) == (1, 1)


async def test_a_connection_may_be_closed_for_good_in_the_middle(harness: PlatformHarness) -> None:
    await harness.start()
    assert harness.runner is not None
    harness.fake.gateway.close(4014)
    with pytest.raises(TokenRefused) as refused:
        await asyncio.wait_for(asyncio.shield(harness.runner), PATIENCE)
    assert "intents" in refused.value.detail
    assert not harness.part.ok
    assert harness.fake.gateway.identifies == 1


async def test_an_event_of_an_unknown_shape_ends_nothing(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    await harness.start()
    harness.fake.gateway.dispatch("CHANNEL_UPDATE", {"surprise": True})
    harness.fake.add_guild("Moon")
    await until(lambda: harness.part.detail == "connected as Mintcast in 1 server")
    assert harness.fake.gateway.identifies == 1
    assert "cannot be read" in caplog.text


async def test_stopping_twice_is_harmless(harness: PlatformHarness) -> None:
    await harness.start()
    await harness.stop()
    await harness.stop()
    assert harness.fake.gateway.closes == [1000]


async def test_the_end_comes_even_where_discord_says_nothing_more() -> None:
    silent = Silent()
    await hang_up(silent, seconds=0.02)  # type: ignore[arg-type]
    assert silent.http.is_closed


class Silent:
    """A client whose server does not answer the goodbye."""

    def __init__(self) -> None:
        self.http = Silent.Http()

    async def close(self) -> None:
        await asyncio.Event().wait()

    class Http:
        is_closed = False

        async def close(self) -> None:
            self.is_closed = True


async def test_after_a_defect_it_can_be_run_again(harness: PlatformHarness) -> None:
    await harness.start()
    assert harness.runner is not None
    harness.runner.cancel()
    await asyncio.gather(harness.runner, return_exceptions=True)
    harness.runner = asyncio.create_task(harness.platform.run())
    await until(lambda: harness.fake.gateway.identifies == 2)
    await until(lambda: harness.part.ok)


async def test_no_token_is_ever_logged(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    harness.fake.faults.add(("GET", "/users/@me"), Reset(), times=1)
    await harness.platform.login()
    await harness.start()
    harness.fake.gateway.drop()
    await until(lambda: not harness.part.ok)
    assert TOKEN not in caplog.text


async def test_a_check_tells_whose_token_it_is(harness: PlatformHarness) -> None:
    answer = await ask_token(TOKEN, harness.fake.api_url)
    assert answer.ok
    assert answer.sentence.startswith("Mintcast can log in; invite it with https://discord.com/")
    assert harness.fake.gateway.identifies == 0


async def test_a_check_says_what_to_do_about_a_wrong_token(harness: PlatformHarness) -> None:
    answer = await ask_token("nonsense", harness.fake.api_url)
    assert not answer.ok
    assert "Developer Portal" in answer.sentence


async def test_a_check_says_that_discord_is_out_of_reach() -> None:
    answer = await ask_token(TOKEN, "http://127.0.0.1:9/api/v10")
    assert isinstance(answer, TokenAnswer)
    assert not answer.ok
    assert "can't be reached" in answer.sentence
