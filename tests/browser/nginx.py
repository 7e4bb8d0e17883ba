"""A real nginx on a port of its own, in a folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.ports import free_port
from tests.patience import PATIENCE

_CONFIGURATION = """
daemon off; {user} worker_processes 1; pid nginx.pid; error_log error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {{ listen 127.0.0.1:{port}; {location} }}
}}
"""


def find_nginx() -> str | None:
    """Where this machine keeps it: not always on everybody's path."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def require_nginx() -> str:
    """Where there is no nginx, its tests skip with one loud line; in CI they fail."""
    found = find_nginx()
    if found is not None:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("there is no nginx, and CI must have one: apt-get install nginx-light")
    pytest.skip("NO NGINX: apt-get install nginx-light")


@contextlib.asynccontextmanager
async def nginx(folder: Path, location: str) -> AsyncIterator[int]:
    """The port at which it serves `location`, a part of its configuration."""
    program, port = require_nginx(), free_port()
    folder.mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    text = _CONFIGURATION.format(user=user, port=port, location=location)
    (folder / "nginx.conf").write_text(text)
    child = await asyncio.create_subprocess_exec(
        *(program, "-p", str(folder), "-c", "nginx.conf", "-e", "error.log")
    )
    try:
        await _listens(child, port)
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        await child.wait()


async def _listens(child: asyncio.subprocess.Process, port: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while child.returncode is None:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.02)
    raise AssertionError(f"nginx ended with {child.returncode}")
