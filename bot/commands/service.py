"""Commands as their platforms meet them: what was typed or pressed goes in, an answer comes out.

Whatever happens, who asked gets a sentence: what was foreseen never reaches them as a traceback.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from weakref import WeakValueDictionary

from bot import texts
from bot.alerts import PictureCache
from bot.commands import formatting, membership
from bot.commands.allowances import Allowances
from bot.commands.catalogue import (
    BY_NAME,
    CATALOGUE,
    IN_PAGES,
    MANAGED,
    OF_COINS,
    OF_COMMANDS,
    OF_ROWS,
    RUNS,
    WARN_BY_THEMSELVES,
    Run,
)
from bot.commands.channels import hidden_from
from bot.commands.clip_progress import SenderOf, resume_cards
from bot.commands.command import Command, Suggestion
from bot.commands.context import CommandContext
from bot.commands.handlers import start
from bot.commands.handlers.subscriptions import coins_by_page
from bot.commands.highlight_lists import HighlightLists
from bot.commands.limits import Limits
from bot.commands.name_cache import Lookups
from bot.commands.parsing.parser import LONGEST_TEXT, MOST_WORDS, command_of, nearest, split
from bot.commands.parsing.pasted import pasted_coin
from bot.commands.parsing.suggestions import suggest
from bot.commands.ports import Clips, Lookback, Pumpfun, Request, Sees, Watch
from bot.commands.undo.offers import UndoOffers
from bot.commands.undo.sweeper import UndoSweeper
from bot.errors import DurationError, MintcastError, PumpfunError, Refused, StoreError
from bot.kit.files import Files
from bot.kit.notifier import Notifier
from bot.kit.tasks import Tasks
from bot.kit.timing.clock import Clock
from bot.model import IN_TURN, Action, Address, Message, Target, Tone, Verb
from bot.pumpfun import is_mint
from bot.store import Store, has_saved, retry_until_saved, write_timeout

_log = logging.getLogger(__name__)


class CommandService:
    """A `bot.commands.Commands`. Every method answers through `request.reply` and returns soon:
    what goes on for longer (a clip) is shown by a task that `stop` ends."""

    catalogue: tuple[Command, ...] = CATALOGUE

    def __init__(
        self,
        *,
        store: Store,
        watch: Watch,
        pumpfun: Pumpfun,
        lookback: Lookback,
        clips: Clips,
        files: Files,
        clock: Clock,
        notifier: Notifier,
        limits: Limits,
        version: str,
        worker_id: str,
        is_node: bool = False,
    ) -> None:
        tasks = Tasks()
        self._undo_sweeper = UndoSweeper(store=store, clips=clips, clock=clock, notifier=notifier)
        self._turns: WeakValueDictionary[tuple[str, ...], asyncio.Lock] = WeakValueDictionary()
        self._context = CommandContext(
            store=store,
            watch=watch,
            lookback=lookback,
            lookups=Lookups(pumpfun, clock),
            highlights=HighlightLists(pumpfun, clock),
            clips=clips,
            files=files,
            picture_cache=PictureCache(files),
            undo=UndoOffers(sweeper=self._undo_sweeper, clock=clock, tasks=tasks),
            clock=clock,
            notifier=notifier,
            limits=limits,
            version=version,
            worker_id=worker_id,
            allowances=Allowances(clock, limits),
            tasks=tasks,
            is_node=is_node,
        )

    async def run(self, request: Request, text: str) -> None:
        """A line as it was typed: `/clip 30s <mint>`, with or without slash and `@bot`; or a coin's
        link or address alone."""
        if len(text) > LONGEST_TEXT:
            await _show(
                request, formatting.sentence(texts.commands.too_long(LONGEST_TEXT), tone=Tone.BAD)
            )
            return
        name, words = command_of(text)
        is_command = name in BY_NAME or nearest(name, BY_NAME) is not None
        coin = pasted_coin(text) if not is_command else None
        if coin is not None:
            name, words = start.COMMAND.name, (coin,)
        await self.call(request, name, words)

    async def call(self, request: Request, name: str, words: Iterable[str]) -> None:
        """A command that the platform took apart by itself; a word may hold several."""
        asked = replace(request, words=split(words))
        await self._answer(asked, self._run(asked, name.lower()))

    async def press(self, request: Request, action: str) -> None:
        """A button. It is checked like a command: anybody may send any text as one."""
        pressed = Action.decode(action)
        async with self._press_turn(request, pressed):
            await self._answer(request, self._press(request, pressed))

    async def suggest(
        self, address: Address, text: str, limit: int, sees: Sees | None = None
    ) -> tuple[Suggestion, ...]:
        """What could be typed next; nothing is asked of pump.fun for it. Nothing where the store
        does not answer."""
        context = self._context
        try:
            return await suggest(
                context.store, CATALOGUE, address, text, limit, sees, context.watch.findings
            )
        except StoreError as error:
            _log.info("no suggestions: %s", error)
            return ()

    async def followed(self, address: Address) -> tuple[tuple[Suggestion, ...], ...]:
        """The coins that are followed right there, by the pages of `/subscriptions`; nothing where
        the database does not answer."""
        try:
            return await coins_by_page(self._context.store, address)
        except StoreError as error:
            _log.info("it is not known what is followed: %s", error)
            return ()

    async def left(self, platform: str, place: str) -> None:
        """The bot was removed from that place: nothing is posted there. Raises StoreError."""
        async with self._turn(platform, place):
            await retry_until_saved(
                self._context.clock, lambda: membership.left(self._context, platform, place)
            )

    async def returned(
        self, platform: str, place: str, can_post: Callable[[Address], bool | None]
    ) -> int:
        """It is back, or may post again: what was stopped for that, and where `can_post`, goes on
        as `/resume` has it; how many targets that are. Raises StoreError."""
        async with self._turn(platform, place):
            return await retry_until_saved(
                self._context.clock,
                lambda: membership.returned(self._context, platform, place, can_post),
            )

    async def places(self, platform: str) -> tuple[str, ...]:
        """The keys of the places of that platform that are known here. Raises StoreError."""
        return await retry_until_saved(
            self._context.clock, lambda: membership.places(self._context, platform)
        )

    async def resume_cards(
        self, sender_of: SenderOf, *, is_node: bool = False, by_term: bool = True
    ) -> None:
        """Go on with what an earlier life of the service has shown of clips, or of several nodes
        one that is gone: that has left, or, `by_term`, whose term is over."""
        await resume_cards(self._context, sender_of, is_node=is_node, by_term=by_term)

    async def sweep_undos(self) -> None:
        """Drop what was removed, and can no longer be undone. Raises StoreError."""
        await self._undo_sweeper.sweep()

    async def stop(self) -> None:
        """No longer show how far clips are, and what can be undone. Idempotent."""
        await self._context.tasks.stop()

    def _press_turn(
        self, request: Request, action: Action | None
    ) -> contextlib.AbstractAsyncContextManager[object]:
        """What changes its own message waits for an earlier press there to be shown."""
        if action is None or action.verb not in IN_TURN or request.message_id is None:
            return contextlib.nullcontext()
        address = request.address
        return self._turn(address.platform, address.place, address.channel, request.message_id)

    def _turn(self, *key: str) -> asyncio.Lock:
        """What happens to one place, or to one message, is done in its order, however long the
        database takes."""
        return self._turns.setdefault(key, asyncio.Lock())

    async def _run(self, request: Request, name: str) -> Message | None:
        command = BY_NAME.get(name)
        if command is not None:
            if len(request.words) > MOST_WORDS and not command.takes_many:
                raise Refused(texts.commands.too_many_words(MOST_WORDS, command.usage))
            return await self._do(request, command)
        if not name:
            raise Refused(texts.commands.no_command())
        names = [each.name for each in CATALOGUE]
        raise Refused(texts.commands.unknown_command(nearest(name, names)))

    async def _answer(self, request: Request, work: Awaitable[Message | None]) -> None:
        with write_timeout(self._context.limits.store_seconds):
            message = await _told(work)
        if message is not None and await _show(request, message):
            self._context.undo.shown(request.reply, message)

    async def _press(self, request: Request, action: Action | None) -> Message | None:
        if action is None:
            raise Refused(texts.commands.odd_button())
        if action.verb in OF_ROWS:
            target = await self._context.here(request)
            return await OF_ROWS[action.verb](self._context, request, target, action.argument)
        if action.verb in OF_COMMANDS:
            command, press = OF_COMMANDS[action.verb]
            argument = action.argument
            return await self._do(
                request, command, lambda context, asked, at: press(context, asked, at, argument)
            )
        words = split([action.argument])
        if action.verb is Verb.PAGE:
            if not words or words[0] not in IN_PAGES:
                raise Refused(texts.commands.odd_button())
            return await self._do(replace(request, words=words[1:]), IN_PAGES[words[0]])
        if not all(map(is_mint, words[:1])) or (action.verb is Verb.COPY and not words):
            raise Refused(texts.commands.odd_button())
        if action.verb is Verb.COPY:
            return formatting.to_copy(words[0])
        return await self._do(replace(request, words=words), OF_COINS[action.verb])

    async def _do(
        self, request: Request, command: Command, run: Run | None = None
    ) -> Message | None:
        """As the command does it, or as `run` does what only its users may do."""
        if command.manages and not await request.caller.may_manage():
            raise Refused(texts.commands.may_not_manage(command.name, request.address.platform))
        target = await self._context.here(request)
        run = run or RUNS[command.name]
        message = await _told(run(self._context, request, target))
        if message is not None and command.manages and not request.can_press:
            message = formatting.without_controls(message, MANAGED)
        if message is None or command.name in WARN_BY_THEMSELVES:
            return message
        return await self._with_warnings(request, message, target, is_manager=command.manages)

    async def _with_warnings(
        self, request: Request, message: Message, target: Target, *, is_manager: bool
    ) -> Message:
        """Say where nothing can be posted: of the target itself to all, of others to managers, as
        far as they see them."""
        async with self._context.store.read() as unit:
            here = await unit.places.seen(target.address, target.sender)
            others = await unit.places.in_use(here.place_id)
            hidden = await hidden_from(unit, request.address, request.sees)
        lines, elsewhere = [], []
        if here.disabled is not None and request.is_elsewhere:
            elsewhere.append(here)
        elif here.disabled is not None:
            lines.append(
                formatting.line(
                    texts.commands.cannot_post_here(texts.alerts.disabled_because(here.disabled))
                )
            )
        known = [each for each in others if each.id not in hidden | {here.id}]
        if is_manager:
            elsewhere += [each for each in known if each.disabled is not None]
        if elsewhere:
            names = [formatting.channel(each, is_here=False) for each in elsewhere]
            lines.append(formatting.line(texts.commands.cannot_post_elsewhere(names)))
        return replace(message, lines=(*message.lines, *lines)) if lines else message


async def _told(work: Awaitable[Message | None]) -> Message | None:
    """What `work` answers, or a sentence about why it could not."""
    try:
        return await work
    except Refused as refusal:
        sentence = refusal.sentence
    except DurationError as error:
        sentence = texts.common.duration_refused(error.text, error.longest, error.seconds)
    except PumpfunError as error:
        sentence = texts.common.pumpfun_failed(error.reason, error.status, error.retry_after)
    except StoreError as error:
        _log.warning("a command could not use the database: %s", error)
        sentence = texts.service.store_failed(error, has_saved=has_saved())
    except MintcastError as error:
        _log.warning("a command was not done: %s", error)
        sentence = texts.commands.went_wrong()
    return formatting.sentence(sentence, tone=Tone.BAD)


async def _show(request: Request, message: Message) -> bool:
    try:
        await request.reply.show(message)
    except MintcastError as error:
        _log.info("an answer could not be shown: %s", error)
        return False
    return True
