"""Presses of buttons on the page: they add no message of their own, and are answered in passing
where that is enough."""

from __future__ import annotations

import asyncio

from bot import texts
from bot.commands import Request
from bot.model import Action, Button, Message, MessageKind, Span, StoredVideo, Tone, Verb, plain
from bot.platforms.local.replies import HOLD_SECONDS
from tests.fakes.clock import FakeClock, settle
from tests.platforms.local.conftest import Service
from tests.platforms.local.visitor import Visitor
from tests.pumpfun.samples import MINT

CLIP = Message(
    kind=MessageKind.CLIP,
    video=StoredVideo("c-1.mp4", 30.0, 9000, 640, 360),
    buttons=((Button("Delete", action="delete:7"),),),
)
DELETED = Message(
    kind=MessageKind.CLIP,
    lines=((Span("Clip deleted."),),),
    buttons=((Button("Undo", action="undo:clip:1"),),),
)
WORD = Message(kind=MessageKind.TOAST, lines=((Span("Clip deleted."),),))
LIVE = Action(Verb.LIVE, MINT).encode()
CARD = Message(title="$MINT is live", buttons=((Button("Live", action=LIVE),),))


async def shown(service: Service, message: Message = CARD) -> str:
    """A message with a button; its id."""
    return await service.local.sender.send(await service.target(), message, nonce="1")


async def test_a_press_does_what_the_button_says_and_its_answer_stands_below(
    service: Service, visitor: Visitor
) -> None:
    card = await shown(service)

    async def act(request: Request) -> None:
        await request.reply.show(CARD)
        await request.reply.show(CLIP)

    service.commands.acts[LIVE] = act
    async with visitor.events() as events:
        pressed = await visitor.press(card, LIVE)
        answer, edit = (await events.next()).data, (await events.next()).data
    ((action, request),) = service.commands.asked
    assert (action, request.message_id) == (LIVE, card)
    assert pressed == {"id": answer["id"], "said": None}
    assert (answer["kind"], answer["title"], answer["reply_to"]) == ("reply", "$MINT is live", card)
    assert (edit["id"], edit["message_kind"]) == (answer["id"], "clip")
    assert len(await visitor.history()) == 2, "nothing stands there for the press itself"


async def test_a_few_words_are_for_who_pressed_and_nowhere_else(
    service: Service, visitor: Visitor
) -> None:
    card = await shown(service)
    assert await visitor.press(card, LIVE) == {"id": None, "said": "heard you"}
    assert len(await visitor.history()) == 1


async def test_a_press_that_did_what_it_is_for_adds_nothing(
    service: Service, visitor: Visitor
) -> None:
    target = await service.target()
    clip = await shown(service, CLIP)

    async def delete(request: Request) -> None:
        assert request.message_id == clip
        await service.local.sender.edit(target, clip, DELETED)
        await request.reply.show(WORD)

    service.commands.acts["delete:7"] = delete
    async with visitor.events() as events:
        assert await visitor.press(clip, "delete:7") == {"id": None, "said": "Clip deleted."}
        edit = (await events.next()).data
        await service.local.sender.edit(target, clip, CLIP)
        back = (await events.next()).data
    assert (edit["kind"], edit["id"], edit["text"]) == ("edit", clip, "Clip deleted.")
    assert edit["video"] is None
    assert [button["id"] for button in edit["buttons"]] == ["undo:clip:1"]
    assert back["video"] == "/files/c-1.mp4", "the very next event"
    assert len(await visitor.history()) == 1


async def test_a_refusal_is_told_to_who_pressed(service: Service, visitor: Visitor) -> None:
    note = await shown(service, DELETED)

    async def undo(request: Request) -> None:
        await request.reply.show(plain("Too late to undo.", tone=Tone.BAD))

    service.commands.acts["undo:clip:1"] = undo
    press = {"message": note, "button": "undo:clip:1"}
    assert await visitor.post("/api/buttons", press, 409) == {"error": "Too late to undo."}
    assert len(await visitor.history()) == 1


async def test_a_press_that_breaks_says_so(service: Service, visitor: Visitor) -> None:
    card = await shown(service)

    async def broken(request: Request) -> None:
        raise RuntimeError("a defect")

    service.commands.acts[LIVE] = broken
    press = {"message": card, "button": LIVE}
    answer = await visitor.post("/api/buttons", press, 409)
    assert answer == {"error": texts.page.command_failed()}


async def test_what_takes_too_long_to_be_told_in_passing_stands_below(
    service: Service, visitor: Visitor
) -> None:
    card = await shown(service)
    go_on = asyncio.Event()

    async def slow(request: Request) -> None:
        await go_on.wait()
        await request.reply.show(WORD)
        await request.reply.show(plain("MINT is offline.", tone=Tone.BAD))

    service.commands.acts[LIVE] = slow
    pressing = asyncio.create_task(visitor.press(card, LIVE))
    await service.commands.came.wait()
    await settle()
    assert isinstance(service.clock, FakeClock)
    await service.clock.advance(HOLD_SECONDS + 1)
    assert await pressing == {"id": None, "said": None}
    async with visitor.events() as events:
        go_on.set()
        answer = (await events.next()).data
    assert (answer["text"], answer["reply_to"]) == ("MINT is offline.", card)


async def test_a_press_that_says_nothing_is_over_with_its_work(
    service: Service, visitor: Visitor
) -> None:
    card = await shown(service)

    async def silent(request: Request) -> None:
        return

    service.commands.acts[LIVE] = silent
    assert await visitor.press(card, LIVE) == {"id": None, "said": None}


async def test_two_presses_are_two_requests(service: Service, visitor: Visitor) -> None:
    card = await shown(service)
    for _ in range(2):
        await visitor.press(card, LIVE)
    first, second = (request.reply.request_id for _, request in service.commands.asked)
    assert first != second
