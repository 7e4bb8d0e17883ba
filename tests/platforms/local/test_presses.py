"""Delete and Undo on the page: they change the message that has them, and stand under no other."""

from __future__ import annotations

from bot.commands import Request
from bot.model import Button, Message, MessageKind, Span, StoredVideo, Tone, plain
from tests.platforms.local.conftest import Service
from tests.platforms.local.visitor import Visitor

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


async def test_a_press_that_did_what_it_is_for_adds_nothing(
    service: Service, visitor: Visitor
) -> None:
    target = await service.target()
    clip = await service.local.sender.send(target, CLIP, nonce="1")

    async def delete(request: Request) -> None:
        assert request.message_id == clip
        await service.local.sender.edit(target, clip, DELETED)
        await request.reply.show(WORD)

    service.commands.acts["delete:7"] = delete
    async with visitor.events() as events:
        assert await visitor.press(clip, "delete:7") == clip
        edit = (await events.next()).data
        await service.local.sender.edit(target, clip, CLIP)
        back = (await events.next()).data
    assert (edit["kind"], edit["id"], edit["text"]) == ("edit", clip, "Clip deleted.")
    assert edit["video"] is None
    assert [button["id"] for button in edit["buttons"]] == ["undo:clip:1"]
    assert back["video"] == "/files/c-1.mp4", "the very next event"
    assert len(await visitor.history()) == 1


async def test_a_refusal_answers_the_message_that_was_pressed(
    service: Service, visitor: Visitor
) -> None:
    note = await service.local.sender.send(await service.target(), DELETED, nonce="1")

    async def undo(request: Request) -> None:
        await request.reply.show(plain("Too late to undo.", tone=Tone.BAD))

    service.commands.acts["undo:clip:1"] = undo
    async with visitor.events() as events:
        await visitor.press(note, "undo:clip:1")
        answer = (await events.next()).data
    assert (answer["text"], answer["reply_to"]) == ("Too late to undo.", note)


async def test_two_presses_are_two_requests(service: Service, visitor: Visitor) -> None:
    note = await service.local.sender.send(await service.target(), DELETED, nonce="1")
    async with visitor.events() as events:
        for _ in range(2):
            await visitor.press(note, "undo:clip:1")
            await events.next()
    first, second = (request.reply.request_id for _, request in service.commands.asked)
    assert first != second
