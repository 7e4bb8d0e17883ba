"""Every command once, with what it does; and what the buttons mean."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from bot.commands.command import Command
from bot.commands.context import CommandContext
from bot.commands.handlers import (
    history,
    live,
    resume,
    settings,
    settings_panel,
    show_help,
    start,
    subscribe,
    subscriptions,
    test,
    undo,
    unsubscribe,
)
from bot.commands.handlers.clips import clip, clip_buttons, highlights, recut
from bot.commands.ports import Request
from bot.model import RECUTS, Message, Recut, Target, Verb

Run = Callable[[CommandContext, Request, Target], Awaitable[Message | None]]
"""What a command does. None: it has shown its answer by itself."""

RowRun = Callable[[CommandContext, Request, Target, str], Awaitable[Message | None]]
"""The same for a button that names a row: a clip job, or what can be undone."""

PanelRun = Callable[[CommandContext, Request, Target, str], Awaitable[Message | None]]
"""The same for a control."""

_ENTRIES: tuple[tuple[Command, Run], ...] = (
    (subscribe.COMMAND, subscribe.run),
    (unsubscribe.COMMAND, unsubscribe.run),
    (subscriptions.COMMAND, subscriptions.run),
    (live.COMMAND, live.run),
    (clip.COMMAND, clip.run),
    (highlights.COMMAND, highlights.run),
    (history.COMMAND, history.run),
    (test.COMMAND, test.run),
    (settings.COMMAND, settings.run),
    (resume.COMMAND, resume.run),
)

CATALOGUE: tuple[Command, ...] = (*(command for command, _ in _ENTRIES), show_help.COMMAND)
"""In the order in which `/help` tells of them."""

RUNS: Mapping[str, Run] = MappingProxyType(
    {
        **{command.name: run for command, run in _ENTRIES},
        show_help.COMMAND.name: functools.partial(show_help.run, catalogue=CATALOGUE),
        start.COMMAND.name: start.run,
    }
)

BY_NAME: Mapping[str, Command] = MappingProxyType(
    {command.name: command for command in (*CATALOGUE, start.COMMAND)}
)

OF_COINS: Mapping[Verb, Command] = MappingProxyType(
    {
        Verb.CLIP: clip.COMMAND,
        Verb.HIGHLIGHTS: highlights.COMMAND,
        Verb.HIGHLIGHT: highlights.COMMAND,
        Verb.SUBSCRIBE: subscribe.COMMAND,
        Verb.LIVE: live.COMMAND,
        Verb.HISTORY: history.COMMAND,
        Verb.TEST: test.COMMAND,
        Verb.SETTINGS: settings.COMMAND,
    }
)

OF_ROWS: Mapping[Verb, RowRun] = MappingProxyType(
    {
        Verb.CANCEL_CLIP: clip_buttons.cancel,
        Verb.DELETE_CLIP: clip_buttons.delete,
        Verb.CLIP_AGAIN: clip_buttons.again,
        Verb.CLIP_REST: clip_buttons.rest,
        Verb.UNDO: undo.press,
        **{verb: functools.partial(recut.press, recut=Recut(verb)) for verb in RECUTS},
    }
)

OF_COMMANDS: Mapping[Verb, tuple[Command, PanelRun]] = MappingProxyType(
    {
        Verb.PANEL: (settings.COMMAND, settings_panel.press),
        Verb.CHOOSE: (settings.COMMAND, settings_panel.press),
    }
)
"""Presses that only whoever may use the command may make."""

MANAGED = frozenset({verb for verb, one in OF_COINS.items() if one.manages} | set(OF_COMMANDS))
"""Presses that only managers may make."""

IN_PAGES: Mapping[str, Command] = MappingProxyType(
    {one.name: one for one in (live.COMMAND, highlights.COMMAND, subscriptions.COMMAND)}
)
"""Commands whose answer has pages, which a button turns."""

WARN_BY_THEMSELVES = frozenset({subscriptions.COMMAND.name, resume.COMMAND.name})
"""These tell by themselves where nothing can be posted."""
