"""What is chosen on the page changes the message where it is chosen."""

from __future__ import annotations

from dataclasses import replace

from bot.commands import Request
from bot.model import Button, Message, Option, Select, Span, Tone, plain
from tests.platforms.local.conftest import Service
from tests.platforms.local.visitor import Visitor

SELECT = Select(
    action="pick::a:",
    label="When it ends",
    group="Alerts",
    told=(Span("at-end: edit"),),
    options=(Option("edit", "Edit the alert", is_chosen=True), Option("delete", "Delete it")),
    opens="panel::a",
    closes="panel::",
)
PANEL = Message(title="Settings", lines=((Span("a hint"),),), selects=(SELECT,))


async def panel(service: Service, visitor: Visitor) -> str:
    """The id of a message with a select."""

    async def show(request: Request) -> None:
        await request.reply.show(PANEL)

    service.commands.acts["/settings"] = show
    async with visitor.events() as events:
        await visitor.say("/settings")
        await events.next()
        return str((await events.next()).data["id"])


async def test_a_select_has_the_shape_that_was_promised(service: Service, visitor: Visitor) -> None:
    await panel(service, visitor)
    _, message = await visitor.history()
    assert message["selects"] == [
        {
            "id": "pick::a:",
            "label": "When it ends",
            "group": "Alerts",
            "options": [
                {"value": "edit", "label": "Edit the alert", "chosen": True},
                {"value": "delete", "label": "Delete it", "chosen": False},
            ],
        }
    ]
    assert message["lines"] == [[{"text": "a hint"}]]
    assert message["text"] == "Settings\nat-end: edit\na hint"


async def test_a_choice_changes_its_message_and_adds_none(
    service: Service, visitor: Visitor
) -> None:
    shown = await panel(service, visitor)

    async def choose(request: Request) -> None:
        assert request.message_id == shown
        await request.reply.show(replace(PANEL, title="Chosen"))

    service.commands.acts["pick::a:delete"] = choose
    async with visitor.events() as events:
        answer = await visitor.post("/api/buttons", {"message": shown, "button": "pick::a:delete"})
        assert answer == {"id": None, "said": None}
        edit = await events.next()
    assert (edit.data["kind"], edit.data["id"], edit.data["title"]) == ("edit", shown, "Chosen")
    assert len(await visitor.history()) == 2


async def test_turning_a_page_changes_its_message_and_adds_none(
    service: Service, visitor: Visitor
) -> None:
    older = Button("Older ▶", action="page:clips x ~p1")

    async def show(request: Request) -> None:
        await request.reply.show(Message(title="Newest", buttons=((older,),)))

    async def turn(request: Request) -> None:
        await request.reply.show(Message(title="Older"))

    service.commands.acts |= {"/clips": show, older.action: turn}
    async with visitor.events() as events:
        await visitor.say("/clips")
        await events.next()
        shown = (await events.next()).data["id"]
        await visitor.post("/api/buttons", {"message": shown, "button": older.action})
        edit = await events.next()
    assert (edit.data["kind"], edit.data["id"], edit.data["title"]) == ("edit", shown, "Older")


async def test_a_refusal_is_told_to_who_chose_alone(service: Service, visitor: Visitor) -> None:
    shown = await panel(service, visitor)

    async def refuse(request: Request) -> None:
        await request.reply.show(plain("That is not to be.", tone=Tone.BAD))

    service.commands.acts["pick::a:delete"] = refuse
    choice = {"message": shown, "button": "pick::a:delete"}
    assert await visitor.post("/api/buttons", choice, 409) == {"error": "That is not to be."}
    _, message = await visitor.history()
    assert message["title"] == "Settings"


async def test_only_what_is_offered_can_be_chosen(service: Service, visitor: Visitor) -> None:
    shown = await panel(service, visitor)
    for button in ("pick::a:leave", "pick::a:", "pick::q:delete"):
        await visitor.post("/api/buttons", {"message": shown, "button": button}, 404)
    assert [text for text, _ in service.commands.asked] == ["/settings"]


async def test_a_panel_that_somebody_deleted_stays_so(service: Service, visitor: Visitor) -> None:
    shown = await panel(service, visitor)

    async def choose(request: Request) -> None:
        async with service.store.write() as unit:
            await unit.page.delete(shown, service.clock.now())
        await request.reply.show(PANEL)

    service.commands.acts["pick::a:delete"] = choose
    await visitor.post("/api/buttons", {"message": shown, "button": "pick::a:delete"})
    assert [message["kind"] for message in await visitor.history()] == ["message"]
