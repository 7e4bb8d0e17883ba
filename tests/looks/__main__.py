"""`python -m tests.looks`: the service between both stand-ins, to look at and to use.

With `--pictures DIR` it plays a story and leaves a picture of each kind of message there.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from bot.demo.scenario import play
from bot.kit.processes.own_process import on_ending
from bot.kit.tasks import background, first_to_end
from tests.looks.pictures import take_pictures
from tests.looks.running import Looks, open_looks

PORTS = (8080, 8081, 8082)
"""MINTY's page, Discord and Telegram, where nobody has them."""


def main() -> None:
    """Look, or take pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.looks", description=__doc__)
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="where they go")
    arguments = parser.parse_args()
    work = take_pictures(arguments.pictures) if arguments.pictures else look()
    asyncio.run(work)


async def look() -> None:
    """Until it is stopped."""
    stop = asyncio.Event()
    on_ending(stop.set)
    print("Starting a pump.fun look-alike, a Discord, a Telegram and Mintcast …")
    with tempfile.TemporaryDirectory(prefix="mintcast-looks-") as folder:
        async with open_looks(Path(folder), _log, PORTS) as looks:
            _welcome(looks)
            async with (
                background(play(looks.demo), "looks-script") as playing,
                background(stop.wait(), "looks-stop") as stopping,
                background(looks.demo.service.wait(), "looks-service") as ending,
            ):
                await first_to_end(playing, stopping, ending)
                for task in (playing, ending):
                    if task.done():
                        task.result()
            print("\nStopping …")


def _welcome(looks: Looks) -> None:
    print(f"\n  Discord   {looks.discord_url}/")
    print(f"  Telegram  {looks.telegram_url}/")
    print(f"  The page  {looks.demo.page.origin}/")
    print(f"\nMINTY, which is live: {looks.demo.coins.main.mint}")
    print("Type /subscribe and that address there. Press Ctrl-C to stop.\n")


def _log(line: str) -> None:
    print(f"   {line}")


if __name__ == "__main__":
    main()
