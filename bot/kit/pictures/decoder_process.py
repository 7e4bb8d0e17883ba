"""`python -m bot.kit.pictures.decoder_process BUDGET`: decodes pictures, one after another.

Each has the seconds of the budget (`cpu` and `wall`; `nice` is for all): the kernel ends this
process where one takes more, and with it whatever its decoder is busy with. That is an answer, too.

In by stdin: `decode`, with the picture after the line (`bytes`, how many). Out: `ready`; for each
picture `picture` (`width`, `height`, `bytes`, how many follow) or `refused` (`why`, of a
`PictureError`).
"""

from __future__ import annotations

import json
import os
import signal
import sys

from bot.kit.pictures import PictureError
from bot.kit.pictures.safe_jpeg import safe_jpeg
from bot.kit.processes.json_pipe import JsonPipe, Message, open_json_pipe


def main() -> None:
    """Until the parent closes the pipe."""
    pipe = open_json_pipe()
    budget = json.loads(sys.argv[-1])
    os.nice(budget["nice"])
    pipe.emit("ready")
    for line in sys.stdin.buffer:
        count = json.loads(line)["bytes"]
        data = sys.stdin.buffer.read(count)
        if len(data) < count:
            return
        _decode(pipe, data, budget)


def _decode(pipe: JsonPipe, data: bytes, budget: Message) -> None:
    signal.setitimer(signal.ITIMER_PROF, budget["cpu"])
    signal.setitimer(signal.ITIMER_REAL, budget["wall"])
    try:
        picture = safe_jpeg(data)
    except PictureError as error:
        _unbound()
        pipe.emit("refused", why=error.why)
    else:
        _unbound()
        size = {"width": picture.width, "height": picture.height}
        pipe.emit_with(picture.data, "picture", bytes=len(picture.data), **size)


def _unbound() -> None:
    """What is said is said whole."""
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    main()
