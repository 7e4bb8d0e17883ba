"""What people read is read at a glance: 200 characters at most, unless it lists."""

from __future__ import annotations

import inspect
import itertools
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from enum import Enum

import pytest

from bot import texts
from bot.errors import (
    DatabaseBusy,
    DatabaseNewer,
    DatabaseReadOnly,
    HttpError,
    PasswordMissing,
    PortInUse,
    StoreError,
    TokenRefused,
)
from bot.model import (
    ClipNote,
    ClipProgress,
    ClipResult,
    ClipStatus,
    DatabaseReport,
    DeliveryKind,
    DeliveryState,
    HistoryRow,
    Live,
    NodeState,
    NoteKind,
    Phase,
    Preference,
    ServerReport,
    SettingsProblem,
    Starting,
    StreamSnapshot,
    Target,
    Window,
)
from bot.model.network import DIRECT, Network, parse_proxy
from tests.fakes.chat import channel
from tests.fakes.clock import START
from tests.pumpfun.samples import MINT

LONGEST = 200

LONGER = {
    "service.database_refused": "a path up to three times, and the command to copy, in a terminal",
}
"""Functions whose texts may be longer, and why."""

DATABASE = "/srv/mintcast/data/mintcast.db"
PROXY = parse_proxy("http://al:secret@proxy.example:3128")
STREAM = StreamSnapshot(MINT, 7)
ROW = HistoryRow(
    Target(1, 1, "fake", channel()),
    DeliveryKind.ALERT,
    DeliveryState.SENT,
    MINT,
    START,
    START + timedelta(seconds=2),
    None,
    None,
)

SAMPLES: dict[str, Sequence[object]] = {
    "page.refused.code": ("host", "proxy", "origin", "password", "guesses"),
    "discord.closed_for_good.code": (4004, 4011, 4014, 4999),
    "settings.offer.name": (Preference.AT_END,),
    "settings.offer.word": ("edit", "delete"),
    "alerts.why.code": ("crash", "maybe-sent", None),
    "alerts.deliveries_fail.code": ("crash", "maybe-sent"),
    "mint": (MINT,),
    "usage": ("/subscribe <mint…> [role] [channel]",),
    "text": ("x" * 60,),
    "word": ("x" * 60,),
    "words": (("x" * 60, "soon", "later", "never"),),
    "missing": (("View Channel", "Send Messages", "Send Messages in Threads", "Attach Files"),),
    "allowed": (("silent", "skip", "digest"),),
    "every": (("night", "zone", "role", "at-end", "clip-by", "notices", "updates"),),
    "notes": ((ClipNote(NoteKind.PICTURE_HELD, 2.5), ClipNote(NoteKind.NO_SOUND)),),
    "alerts.noted.notes": (("the video froze for 2.5 s", "the stream had no sound"),),
    "telegram.welcome.notes": ((),),
    "platform": ("discord", "telegram", "local"),
    "checks.platform_off.platform": ("discord", "telegram"),
    "invite_url": ("https://discord.com/oauth2/authorize?client_id=1310000000000000000",),
    "path": (DATABASE,),
    "status": (503,),
    "health.says_only.status": ("degraded",),
}
"""By parameter, where its type alone does not say what it may be."""

OF_TYPE: dict[object, Sequence[object]] = {
    str: ("Minty coin ($MINTY)",),
    int: (1, 12),
    float: (0.5, 3725.0),
    bool: (False, True),
    type(START): (START,),
    timedelta: (timedelta(seconds=0.1), timedelta(minutes=3)),
    type(None): (None,),
    Live: (Live(STREAM),),
    Starting: (Starting(STREAM),),
    ClipNote: tuple(ClipNote(kind, 12.0) for kind in NoteKind),
    ClipProgress: tuple(ClipProgress(phase, 12.0) for phase in Phase),
    ClipResult: (ClipResult(ClipStatus.PARTIAL, seconds=4.0),),
    HistoryRow: (ROW,),
    Window: (Window.after(START, 30.0),),
    Network: (DIRECT, Network(PROXY, PROXY)),
    DatabaseReport: (
        DatabaseReport(DATABASE, "SQLite 3.46.0", 1 << 30, "0014", {"deliveries": 1_000_000}),
        DatabaseReport(DATABASE, "SQLite 3.46.0", 4096, None, {}),
    ),
    ServerReport: tuple(
        ServerReport("15.18", 15, "UTF8", "mintcast", "public", may, replica, dumper)
        for may in (True, False)
        for replica in (True, False)
        for dumper in (None, 13, 15)
    ),
    NodeState: tuple(
        NodeState("node-1", "node-1-7f3a90c2", "1.0", ("clips",), seen, is_here, leases, 2, places)
        for seen, is_here in ((3.0, True), (90.0, False))
        for leases in ((), ("watch", "tidy"), ("sender:discord", "shards:discord"))
        for places in (0, 1, 4)
    ),
    StoreError: (
        StoreError(DATABASE, "disk I/O error"),
        StoreError(DATABASE, in_doubt=True),
        DatabaseBusy(DATABASE),
        DatabaseNewer(DATABASE, None),
        DatabaseReadOnly(DATABASE, "attempt to write a readonly database"),
    ),
    TokenRefused: (TokenRefused("discord"), TokenRefused("telegram")),
    HttpError: tuple(
        kind("0.0.0.0", 8080, "in use") for kind in (HttpError, PasswordMissing, PortInUse)
    ),
    tuple[SettingsProblem, ...]: ((SettingsProblem("http.port", "must be a number"),),),
    Sequence[str]: (("#general", "#news", "#alerts"),),
    Sequence[int]: ((0,), tuple(range(16))),
    Iterable[str]: (("#general", "#news", "#alerts"),),
    Iterable[tuple[str, str]]: ((("NO_PROXY", "has x in it"),),),
}


def functions() -> Iterator[Callable[..., object]]:
    """Every function that others call for a text."""
    for name in texts.__all__:
        module = getattr(texts, name)
        for _, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not function.__name__.startswith("_"):
                yield function


def name_of(function: Callable[..., object]) -> str:
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


def samples(function: Callable[..., object], parameter: str, kind: object) -> Sequence[object]:
    for known in (f"{name_of(function)}.{parameter}", parameter):
        if known in SAMPLES:
            return SAMPLES[known]
    return of_type(kind)


def of_type(kind: object) -> Sequence[object]:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return [one for part in typing.get_args(kind) for one in of_type(part)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)
    assert kind in OF_TYPE, f"OF_TYPE has no example of {kind}"
    return OF_TYPE[kind]


def told(function: Callable[..., object]) -> Iterator[str]:
    """What it tells of every combination of samples."""
    kinds = typing.get_type_hints(function)
    kinds.pop("return")
    choices = [samples(function, name, kind) for name, kind in kinds.items()]
    for values in itertools.product(*choices):
        yield from flat(function(**dict(zip(kinds, values, strict=True))))


def flat(answer: object) -> Iterator[str]:
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, tuple):
        yield from (text for part in answer for text in flat(part))
    else:
        assert callable(answer), f"{answer!r} is no text"
        yield from flat(answer(40.0))


@pytest.mark.parametrize("function", list(functions()), ids=name_of)
def test_a_text_can_be_read_at_a_glance(function: Callable[..., object]) -> None:
    too_long = [one for one in told(function) if len(one) > LONGEST and "\n" not in one]
    assert bool(too_long) == (name_of(function) in LONGER), too_long


@pytest.mark.parametrize("function", list(functions()), ids=name_of)
def test_a_text_has_no_holes(function: Callable[..., object]) -> None:
    for one in told(function):
        assert "None" not in one
        assert "  " not in one.replace("\n  ", "\n")
