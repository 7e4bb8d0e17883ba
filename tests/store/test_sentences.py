from __future__ import annotations

import pytest

from bot import errors, texts
from bot.errors import DatabaseNewer, StoreError
from bot.model import CopyFault

PATH = "/data/mintcast.db"
USER = 10001
REFUSALS: tuple[StoreError, ...] = (
    errors.DatabaseInUse(PATH),
    DatabaseNewer(PATH, None),
    DatabaseNewer(PATH, f"{PATH}.20260301T000000000000Z.v0001.bak"),
    errors.DatabaseDamaged(PATH, "malformed"),
    errors.DatabaseReadOnly(PATH),
    errors.DatabaseFull(PATH),
    errors.DatabaseBusy(PATH),
    errors.DatabaseGone(PATH),
    errors.LeaseLost("sender:discord"),
    StoreError(PATH, "disk I/O error"),
    StoreError(PATH),
)
SERVER = "postgresql://db.example:5432/mintcast"
REFUSED_BY_SERVER: tuple[StoreError, ...] = (
    errors.DatabaseInUse(SERVER),
    DatabaseNewer(SERVER, None),
    DatabaseNewer(SERVER, "data/backups/mintcast.20260301T000000000000Z.v0001.dump"),
    errors.DatabaseDamaged(SERVER, "another program's: users"),
    errors.DatabaseReadOnly(SERVER, "permission denied for schema public (42501)"),
    errors.DatabaseFull(SERVER),
    errors.DatabaseBusy(SERVER, "too many clients already (53300)"),
    errors.DatabaseUnreachable(SERVER, "password authentication failed (28P01)"),
    errors.DriverMissing(SERVER, "asyncpg"),
    StoreError(SERVER, "its encoding is LATIN1, and has to be UTF8"),
)
NOT_COPIED: tuple[StoreError, ...] = (
    *(errors.CopyRefused(PATH, fault, "why") for fault in CopyFault),
    errors.CopyFailed(PATH, "No space left on device"),
    errors.ToolMissing(SERVER, "pg_dump"),
    errors.ToolMissing(SERVER, "pg_dump", needed=17),
    errors.ToolMissing(SERVER, "pg_dump", needed=17, found=15),
    errors.ToolMissing(SERVER, "pg_restore", found=15),
)

NEXT_STEPS = (
    *(
        "Stop that one",
        "Run the newer",
        "Run this as its owner",
        "Put ",
        "Give ",
        "Free ",
        "Close ",
        "Check ",
    ),
    *("Choose another", "Name ", "Restore ", "Start this one", "Install ", "Check that"),
    *("Try again in a minute", "needs an empty database of its own"),
)


@pytest.mark.parametrize(
    "error", REFUSALS + REFUSED_BY_SERVER + NOT_COPIED, ids=lambda error: type(error).__name__
)
def test_every_refusal_names_the_database_and_what_to_do_next(error: StoreError) -> None:
    sentence = texts.service.database_refused(error, USER)
    assert error.path in sentence
    assert sentence.endswith(".")
    assert any(word in sentence for word in NEXT_STEPS)
    assert type(error).__name__ not in sentence


def test_no_two_refusals_read_alike() -> None:
    for of_one in (REFUSALS, REFUSED_BY_SERVER, NOT_COPIED):
        told = {texts.service.database_refused(error, USER) for error in of_one}
        assert len(told) == len(of_one)


def test_every_kind_of_store_error_is_tried() -> None:
    kinds = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, StoreError)
    }
    assert {type(error) for error in REFUSALS + REFUSED_BY_SERVER + NOT_COPIED} == kinds


def test_a_newer_database_names_the_backup_to_go_back_to() -> None:
    assert "20260301T000000000000Z.v0001.bak" in texts.service.database_refused(REFUSALS[2], USER)
