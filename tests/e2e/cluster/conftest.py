"""A database server for tests of several services."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases.postgres import Cluster
from tests.databases.programs import require_postgres


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    require_postgres()
    with Cluster() as running:
        yield running
