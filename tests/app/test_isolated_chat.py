"""A chat platform that fails, whatever the way, is an unhealthy part and no other's trouble."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import NoReturn

import pytest

from bot.alerts import Sender
from bot.app.chats import running_chats
from bot.app.isolated_chat import IsolatedChat
from bot.errors import TokenRefused
from bot.kit.health import Health
from bot.kit.leadership import SoleNode
from tests.fakes.clock import FakeClock, settle
from tests.fakes.sender import FakeSender


@dataclass
class Platform:
    """A chat platform that raises where the test says so."""

    name: str
    clock: FakeClock
    at_login: Exception | None = None
    at_run: BaseException | None = None
    at_end: Exception | None = None
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sender: Sender = FakeSender(self.clock, name=self.name)
        self.is_connected = False

    async def login(self) -> None:
        self._do("login", self.at_login)

    async def prepare(self) -> None:
        """Nothing is needed."""

    @property
    def connections(self) -> dict[str, Callable[[], Awaitable[None]]]:
        return {f"lease of {self.name}": self.run}

    most_connections = 0

    async def run(self) -> None:
        self._do("run", self.at_run)
        self.is_connected = True
        try:
            await asyncio.Event().wait()
        finally:
            self.is_connected = False

    async def close_dispatcher(self) -> None:
        self._do("close_desk", self.at_end)

    async def close(self) -> None:
        self._do("close", self.at_end)

    def _do(self, what: str, error: BaseException | None) -> None:
        self.log.append(what)
        if error is not None:
            raise error


class Rig:
    """Two platforms side by side: `ill` is the one that fails."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.health = Health(self.clock)
        self.ill = Platform("telegram", self.clock)
        self.well = Platform("discord", self.clock)
        self.cannot_build: Exception | None = None
        self.joined: list[Sender] = []

    def chats(self) -> tuple[IsolatedChat, ...]:
        def build() -> Platform:
            if self.cannot_build is not None:
                raise self.cannot_build
            return self.ill

        return (
            IsolatedChat("telegram", build, self.health.part("telegram"), self.clock, SoleNode()),
            IsolatedChat(
                "discord",
                lambda: self.well,
                self.health.part("discord"),
                self.clock,
                SoleNode(),
            ),
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with running_chats(self.chats(), asyncio.Event(), self.joined.append):
            await settle()
            yield


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("Unknown scheme for proxy URL URL('ftp://x')"), "Unknown scheme for proxy"),
        (ValueError("invalid port"), "invalid port"),
        (FileNotFoundError(2, "No such file or directory", "/nonexistent"), "/nonexistent"),
        (ImportError("no module named telegram"), "no module named telegram"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_one_that_cannot_be_built_says_so_and_is_built_later(
    rig: Rig, error: Exception, said: str
) -> None:
    rig.cannot_build = error
    async with rig.running():
        part = rig.health.part("telegram")
        assert not part.ok
        assert part.detail.startswith("Telegram couldn't be started (")
        assert said in part.detail
        assert rig.well.log == ["login", "run"]
        await rig.clock.advance(300)
        assert rig.joined == []
        rig.cannot_build = None
        await rig.clock.advance(60)
        assert rig.joined == [rig.ill.sender]
        assert rig.ill.log == ["run"]


async def test_to_try_again_in_vain_is_no_news(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.cannot_build = ImportError("no")
    with caplog.at_level(logging.INFO):
        async with rig.running():
            await rig.clock.advance(600)
    assert len(caplog.records) == 1


async def test_a_defect_at_the_login_ends_nothing(rig: Rig) -> None:
    rig.ill.at_login = RuntimeError("a defect")
    async with rig.running():
        assert "a defect" in rig.health.part("telegram").detail
        assert rig.ill.log == ["login", "run"]
        assert rig.well.log == ["login", "run"]


async def test_a_wrong_token_at_the_start_ends_the_start(rig: Rig) -> None:
    rig.ill.at_login = TokenRefused("telegram")

    async def start() -> None:
        async with rig.running():
            pytest.fail("it has started")

    with pytest.raises(TokenRefused):
        await start()


async def test_a_token_that_is_refused_later_ends_its_platform_alone(rig: Rig) -> None:
    rig.ill.at_run = TokenRefused("telegram")
    async with rig.running():
        await rig.clock.advance(600)
        assert rig.ill.log == ["login", "run"]
        assert rig.well.log == ["login", "run"]


@pytest.mark.parametrize("error", [RuntimeError("a defect"), asyncio.CancelledError()], ids=repr)
async def test_a_defect_while_it_runs_is_tried_again(rig: Rig, error: BaseException) -> None:
    """What a library cancelled by itself is one, too: nobody has ended the connection."""
    rig.ill.at_run = error
    async with rig.running():
        assert not rig.health.part("telegram").ok
        await rig.clock.advance(5)
        assert rig.ill.log.count("run") > 1


async def test_one_that_cannot_end_lets_the_others_end(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.ill.at_end = RuntimeError("it hangs on")
    async with rig.running():
        pass
    assert rig.well.log[-1] == "close"
    assert "telegram did not end as it should" in caplog.text


async def test_what_was_never_built_ends_as_well(rig: Rig) -> None:
    def build() -> NoReturn:
        raise ImportError("no")

    chat = IsolatedChat("telegram", build, rig.health.part("telegram"), rig.clock, SoleNode())
    await chat.close_dispatcher()
    await chat.close()
    assert chat.sender is None


@pytest.mark.parametrize("is_shared", [True, False])
async def test_only_of_several_nodes_one_that_takes_no_more_commands_is_left(
    rig: Rig, *, is_shared: bool
) -> None:
    part = rig.health.part("discord")
    chat = IsolatedChat(
        "discord", lambda: rig.well, part, rig.clock, SoleNode(), is_shared=is_shared
    )
    async with running_chats((chat,), asyncio.Event(), rig.joined.append):
        await settle()
        await chat.close_dispatcher()
        assert rig.well.is_connected is not is_shared
        assert rig.well.log == ["login", "run", "close_desk"]
    assert not rig.well.is_connected
