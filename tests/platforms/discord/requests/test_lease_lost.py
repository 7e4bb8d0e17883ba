"""What is heard of Discord by a node that stood still for a term: another one has done it."""

from __future__ import annotations

from collections.abc import Awaitable

from bot.commands import Reply
from bot.kit.leadership import HeldLease, Lease, current_lease, under
from bot.platforms.discord.requests.dispatcher import RequestDispatcher
from tests.fakes.chat import FakeReply
from tests.fakes.clock import FakeClock, settle


def unused(*_: object) -> Awaitable[int]:
    raise AssertionError("nobody presses anything")


async def test_what_is_heard_once_the_lease_is_lost_is_not_begun() -> None:
    dispatcher = RequestDispatcher(
        answers=unused,  # type: ignore[arg-type]
        upload_limit=unused,
        invite=str,
        press=unused,  # type: ignore[arg-type]
    )
    done: list[str] = []

    async def work(name: str) -> None:
        assert current_lease() is None
        done.append(name)

    held = HeldLease(Lease("shards:discord", "a", 1), float("inf"), FakeClock())
    reply: Reply = FakeReply()
    with under(held):
        dispatcher.serve(work("while it is ours"), reply)
        held.give_up()
        dispatcher.serve(work("later"), reply)
    dispatcher.serve(work("alone"), reply)
    await settle()
    await dispatcher.close()
    assert done == ["while it is ours", "alone"]
