"""`/subscriptions` and `/settings` as menus: one message that changes with each press.

There are no rules here: each press becomes the words of a command, and the command decides.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

from bot import texts
from bot.alerts import Fault, SendError
from bot.commands import Commands, Reply, Request, Suggestion, page_of
from bot.kit.bounded_dict import BoundedDict
from bot.model import Address, Message, Span, Tone
from bot.platforms.telegram.addresses import NAME
from bot.platforms.telegram.messages.sender import ReplySender
from bot.platforms.telegram.requests.menu_callbacks import (
    PREFIX,
    MenuCallback,
    Rows,
    View,
    back_button,
    coin_menu,
    coin_of_panel,
    is_turning,
    list_rows,
    panel_action,
    without_choices,
)
from bot.platforms.telegram.requests.presses import MenuReply, Press
from bot.platforms.telegram.requests.replies import TelegramReply

AddButtons = Callable[[Message], Message]
Edit = Callable[[Message], Coroutine[Any, Any, None]]
Pages = Sequence[Sequence[Suggestion]]

_REMEMBERED = 1024
"""Menus of which it is known what was pressed last."""


class Menus:
    """Of one token. What a press shows may change later, as long as nobody has pressed on."""

    def __init__(self, commands: Commands, reply_sender: ReplySender) -> None:
        self._commands = commands
        self._reply_sender = reply_sender
        self._newest: BoundedDict[str, Press] = BoundedDict(_REMEMBERED)

    async def open(self, request: Request, name: str, words: Sequence[str]) -> bool:
        """Answer a command that has a menu; False: it has none, or was typed with words that no
        menu knows."""
        page = page_of(words)
        if name == "subscriptions" and page is not None:
            add_buttons = _with_list(list_rows(await self._pages(request), page))
        elif name == "settings":
            add_buttons = with_way_back
        else:
            return False
        reply = WithButtons(request.reply, add_buttons)
        await self._call(replace(request, reply=reply), name, *words)
        return True

    async def open_coin(self, request: Request, mint: str) -> bool:
        """Answer with what can be done with a coin that is followed right there. False: it is
        not."""
        pages = await self._pages(request)
        if not any(coin.value == mint for page in pages for coin in page):
            return False
        page, label = _page_and_label(pages, mint)
        menu = coin_menu(mint, label, page)
        followed = (Span(texts.telegram.FOLLOWED),)
        await request.reply.show(replace(menu, lines=(*menu.lines, followed)))
        return True

    async def press(
        self, request: Request, text: str, press: Press, reply: TelegramReply, message_id: str
    ) -> None:
        """Show the menu's next view in that message. The list is for everybody, as the command is.
        Raises MintcastError."""
        if is_turning(text):
            edit = self._edit_while_newest(request.address, message_id, press)
            shown = MenuReply(press, reply, _with_rows(()), edit)
            await self._commands.press(replace(request, reply=shown), text)
            return
        action, callback = panel_action(text), MenuCallback.decode(text)
        if action is None and callback is None:
            await press.answer(texts.telegram.MENU_IS_OLD, alert=True)
            return
        is_list = callback is not None and callback.view is View.LIST
        if not is_list and not await request.caller.may_manage():
            refusal = texts.commands.may_not_manage(_command_of(callback), NAME)
            await press.answer(refusal, alert=True)
            return
        edit = self._edit_while_newest(request.address, message_id, press)
        if action is not None:
            shown = MenuReply(press, reply, with_way_back, edit)
            await self._commands.press(replace(request, reply=shown), action)
        elif callback is not None:
            add_buttons = await self._buttons_of(request, callback)
            shown = MenuReply(press, reply, add_buttons, edit)
            await self._show(replace(request, reply=shown), callback)

    async def _show(self, request: Request, callback: MenuCallback) -> None:
        mint = [callback.mint] if callback.mint else []
        match callback.view:
            case View.LIST:
                await self._call(request, "subscriptions", str(callback.page + 1))
            case View.COIN:
                page, label = _page_and_label(await self._pages(request), callback.mint)
                await request.reply.show(coin_menu(callback.mint, label, page))
            case View.UNSUBSCRIBE:
                await self._call(request, "unsubscribe", *mint)

    async def _buttons_of(self, request: Request, callback: MenuCallback) -> AddButtons:
        """The buttons under whatever the command will say."""
        match callback.view:
            case View.LIST:
                return _with_list(list_rows(await self._pages(request), callback.page))
            case View.UNSUBSCRIBE:
                page, _ = _page_and_label(await self._pages(request), callback.mint)
                return _with_rows(((back_button(MenuCallback(View.LIST, page=page)),),))
        return _with_rows(())

    async def _pages(self, request: Request) -> Pages:
        return await self._commands.followed(request.address)

    async def _call(self, request: Request, name: str, *words: str) -> None:
        await self._commands.call(request, name, words)

    def _edit_while_newest(self, address: Address, message_id: str, press: Press) -> Edit:
        menu = f"{address.channel}/{message_id}"
        self._newest.put(menu, press)

        async def edit(message: Message) -> None:
            if self._newest.get(menu) is not press:
                raise SendError(Fault.REFUSED, detail="the menu has moved on")
            await self._edit(address, message_id, message)

        return edit

    async def _edit(self, address: Address, message_id: str, message: Message) -> None:
        try:
            await self._reply_sender.replace(address, message_id, message)
        except SendError as error:
            if error.fault is not Fault.NOT_CHANGED:
                raise


class WithButtons:
    """A reply with a menu's buttons under what it shows; refusals get none."""

    def __init__(self, reply: Reply, add_buttons: AddButtons) -> None:
        self.pace = reply.pace
        self.request_id = reply.request_id
        self.reply_to = reply.reply_to
        self._reply = reply
        self._add_buttons = add_buttons

    @property
    def message_id(self) -> str | None:
        return self._reply.message_id

    async def show(self, message: Message) -> None:
        await self._reply.show(self._with_buttons(message))

    async def change(self, message: Message) -> None:
        await self._reply.change(self._with_buttons(message))

    def _with_buttons(self, message: Message) -> Message:
        return message if message.tone is Tone.BAD else self._add_buttons(message)

    async def remove(self) -> None:
        await self._reply.remove()


def is_of_menu(text: str) -> bool:
    """Whether a press changes the message that has the button."""
    return text.startswith(PREFIX) or is_turning(text) or panel_action(text) is not None


def with_way_back(message: Message) -> Message:
    """From the settings of a coin to what else can be done with it."""
    mint = coin_of_panel(message)
    row = (back_button(MenuCallback(View.COIN, mint)),)
    return replace(message, buttons=(*message.buttons, row)) if mint else message


def _page_and_label(pages: Pages, mint: str) -> tuple[int, str]:
    """The page of a coin, and its label; one that is no longer followed counts as on the first."""
    for number, coins in enumerate(pages):
        for coin in coins:
            if coin.value == mint:
                return number, coin.label
    return 0, texts.alerts.short(mint)


def _with_list(rows: Rows) -> AddButtons:
    with_rows = _with_rows(rows)
    return lambda message: with_rows(without_choices(message))


def _with_rows(rows: Rows) -> AddButtons:
    return lambda message: replace(message, buttons=(*message.buttons, *rows))


def _command_of(callback: MenuCallback | None) -> str:
    is_unsubscribe = callback is not None and callback.view is View.UNSUBSCRIBE
    return "unsubscribe" if is_unsubscribe else "settings"
