"""`/start`, which Telegram sends by itself at the first tap and with a link to the bot; and a coin
that was named without a command."""

from __future__ import annotations

from bot import texts
from bot.commands import formatting
from bot.commands.command import Command
from bot.commands.context import CommandContext
from bot.commands.handlers.live import at_hand, on_air
from bot.commands.parsing.parser import parse_mints
from bot.commands.ports import Request
from bot.errors import Refused
from bot.model import Button, Line, Message, Span, Target, Verb

COMMAND = Command("start", "")
"""In no list of commands: nobody has to know of it."""


async def run(context: CommandContext, request: Request, target: Target) -> Message:
    """The first steps; with a coin, what can be done with it. Raises Refused for what is none."""
    parsed = parse_mints(request.words)
    if parsed.mints:
        return await _offer(context, request, target, parsed.mints[0])
    if parsed.refused:
        error = parsed.refused[0]
        raise Refused(texts.common.mint_refused(error.text, error.fault))
    steps = texts.commands.first_steps(context.limits.default_seconds)
    told = (texts.commands.help_intro(), *steps[:2], texts.commands.start_rest())
    return Message(
        title=texts.commands.help_title(context.version),
        lines=tuple(formatting.with_commands(text) for text in told),
    )


async def _offer(context: CommandContext, request: Request, target: Target, mint: str) -> Message:
    """From the database alone: pump.fun is asked after a press."""
    async with context.store.read() as unit:
        is_followed = await unit.subscriptions.get(target.id, mint) is not None
        coin = await unit.coins.get(mint)
    can_clip = bool(at_hand(context, mint)) or await on_air(context, mint) is not None
    if is_followed:
        name = formatting.bold(formatting.called(coin, mint))
        told: Line = formatting.line(name, texts.commands.offer_followed())
    else:
        sentence = texts.commands.offer_to_look if request.only_answers else texts.commands.offer
        before, after = sentence()
        told = formatting.line(before, Span(mint, code=True), after)
    can_follow = not is_followed and not request.only_answers
    buttons = _buttons(mint, is_followed=is_followed, can_follow=can_follow, can_clip=can_clip)
    return Message(lines=(told,), buttons=formatting.rows(buttons))


def _buttons(mint: str, *, is_followed: bool, can_follow: bool, can_clip: bool) -> list[Button]:
    every = (
        (can_follow, texts.commands.OFFER_SUBSCRIBE, Verb.SUBSCRIBE),
        (True, texts.commands.OFFER_LIVE, Verb.LIVE),
        (can_clip, texts.commands.CLIP, Verb.CLIP),
        (is_followed, texts.commands.SETTINGS, Verb.SETTINGS),
    )
    return [formatting.press(label, verb, mint) for is_so, label, verb in every if is_so]
