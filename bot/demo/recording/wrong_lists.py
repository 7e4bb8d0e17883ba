"""Playlists made wrong, as ordered. Pure: bytes that nobody should trust come out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bot.demo.recording.faults import FOREIGN, ListFault

PAGE = "<!DOCTYPE html><html><body>We'll be right back</body></html>"
_MANY = 60_000
_LARGE = 5 << 20
_LONG = 4096


def spoil(text: str, fault: ListFault) -> bytes:
    """The list as `fault` makes it. Those that change how much is listed are done before."""
    change = _CHANGES.get(fault)
    return change(text).encode("utf-8", "surrogateescape") if change else text.encode()


def _each_uri(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: re.sub(r"^(?!#)(.+)$", lambda m: change(m[1]), text, flags=re.MULTILINE)


def _before_first(tag: str) -> Callable[[str], str]:
    """Put a tag before the first entry."""
    return lambda text: re.sub(
        r"^(#EXTINF|#EXT-X-STREAM)", rf"{tag}\n\1", text, count=1, flags=re.MULTILINE
    )


def _many(text: str) -> str:
    head, *_ = text.partition("#EXT-X-PROGRAM-DATE-TIME")
    entry = "#EXTINF:1.960,\nplaylist_0.ts\n"
    return head + entry * _MANY


def _nested(text: str) -> str:
    names = re.findall(r"^(?!#).+$", text, re.MULTILINE)
    lines = [f"#EXT-X-STREAM-INF:BANDWIDTH=800000\n{name}.m3u8" for name in names or ["x"]]
    return "#EXTM3U\n" + "\n".join(lines) + "\n"


def _length(value: str) -> Callable[[str], str]:
    return lambda text: re.sub(r"#EXTINF:[\d.]+,", f"#EXTINF:{value},", text)


_CHANGES: Mapping[ListFault, Callable[[str], str]] = {
    ListFault.FOREIGN_HOST: _each_uri(lambda name: f"{FOREIGN}/{name}"),
    ListFault.FOREIGN_SCHEME: _each_uri(lambda name: f"ftp://127.0.0.1/{name}"),
    ListFault.LOCAL_FILE: _each_uri(lambda _: "file:///etc/passwd"),
    ListFault.UPWARDS: _each_uri(lambda name: f"../../../livestream?{name}"),
    ListFault.OTHER_COIN: _each_uri(lambda name: f"../../OtherCoin/2100000_20260912_054000/{name}"),
    ListFault.KEY: _before_first('#EXT-X-KEY:METHOD=AES-128,URI="key.bin"'),
    ListFault.MAP: _before_first('#EXT-X-MAP:URI="init.mp4"'),
    ListFault.BYTE_RANGE: _before_first("#EXT-X-BYTERANGE:75232@0"),
    ListFault.TOO_MANY: _many,
    ListFault.TOO_LARGE: lambda text: text + "# \n" * (_LARGE // 3),
    ListFault.LONG_LINE: _each_uri(lambda name: f"{'x' * _LONG}{name}"),
    ListFault.NESTED: _nested,
    ListFault.PAGE: lambda _: PAGE,
    ListFault.EMPTY: lambda _: "",
    ListFault.NO_HEADER: lambda text: text.removeprefix("#EXTM3U\n"),
    ListFault.NOT_TEXT: lambda text: text + "\udcff\udcfe\x00\n",
    ListFault.BAD_LENGTH: _length("nan"),
    ListFault.HUGE_LENGTH: _length("86400.0"),
    ListFault.NO_LENGTH: lambda text: re.sub(r"#EXTINF:.*\n", "", text),
    ListFault.NO_DATES: lambda text: re.sub(r"#EXT-X-PROGRAM-DATE-TIME.*\n", "", text),
    ListFault.ODD_DATES: lambda text: re.sub(r"(?<=DATE-TIME:).*", "0000-99-99T25:61:61Z", text),
}
