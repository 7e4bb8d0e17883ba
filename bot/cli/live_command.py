"""`mintcast live`: one look at pump.fun."""

from __future__ import annotations

import asyncio
import json

import typer

from bot import texts
from bot.app import open_pumpfun
from bot.cli.common import Exit
from bot.cli.outcome import Options, Refusal, read_settings
from bot.cli.screen import Named, live_report, print_live
from bot.errors import MintError, PumpfunError
from bot.model import Live, Observation, Offline, Starting, Unknown
from bot.pumpfun import PumpfunClient, parse_mint


async def live(text: str, as_json: bool, options: Options) -> Exit:
    """Print whether it is live. Raises Refusal."""
    mint, settings = read_mint(text), read_settings(options)
    async with open_pumpfun(settings) as pumpfun:
        observation, named = await asyncio.gather(pumpfun.livestream(mint), ask_name(pumpfun, mint))
    if as_json:
        typer.echo(json.dumps(live_report(mint, observation, named)))
    else:
        print_live(mint, observation, named)
    return exit_of(observation)


async def ask_name(pumpfun: PumpfunClient, mint: str) -> Named:
    """What the coin is called, if pump.fun says so."""
    try:
        coin = await pumpfun.coin(mint)
    except PumpfunError:
        return Named()  # the state is what was asked for; it stands without the name
    return Named(coin, is_none=coin is None)


def exit_of(observation: Observation) -> Exit:
    """The exit code of what was observed."""
    match observation:
        case Live():
            return Exit.DONE
        case Starting():
            return Exit.NO_MEDIA
        case Offline():
            return Exit.OFFLINE
        case Unknown():
            return Exit.NOT_ASKED


def read_mint(text: str) -> str:
    """The mint that `text` names. Raises Refusal."""
    try:
        return parse_mint(text)
    except MintError as error:
        raise Refusal(Exit.USAGE, texts.common.mint_refused(error.text, error.fault)) from None
