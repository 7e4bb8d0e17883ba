"""Which port the page of the demo may have."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.demo.ports import HOST
from bot.demo.run import _available
from tests.store.backends.sqlite.migrating.scripts import as_nobody

_FIRST_FOR_ALL = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")


def test_one_that_is_not_for_us_is_not_said_to_be_used() -> None:
    if int(_FIRST_FOR_ALL.read_text()) < 2:
        pytest.skip("here all ports are for everybody")
    with as_nobody(), pytest.raises(PermissionError) as refused:
        _available(1, 0)
    assert refused.value.filename == f"{HOST}:1"
