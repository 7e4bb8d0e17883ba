"""Recordings that an attacker would serve: nobody else is ever asked, and the reason is said."""

from __future__ import annotations

import pytest

from bot.errors import PumpfunError, RecordingError
from bot.model import Reason, RecordingFault
from bot.pumpfun.recording.media import Media
from bot.texts.health import recording_refused
from tests.pumpfun.recording.harness import FOLDER, MASTER, Site, listed, master
from tests.pumpfun.samples import NO_NAMES

ELSEWHERE = [
    "{other}/mint/2069049_20260826_101500/seg_0.ts",
    "{other_host}/mint/2069049_20260826_101500/seg_0.ts",
    "http://localhost:{port}{folder}seg_0.ts",
    "http://[::1]:{port}{folder}seg_0.ts",
    "http://2130706433:{port}{folder}seg_0.ts",
    "http://0x7f.1:{port}{folder}seg_0.ts",
    "https://127.0.0.1:{port}{folder}seg_0.ts",
    "http://someone@127.0.0.1:{port}{folder}seg_0.ts",
    "http://127.0.0.1:{port}@127.0.0.1:{other_port}{folder}seg_0.ts",
    "http://127.0.0.1:{other_port}#@127.0.0.1:{port}{folder}seg_0.ts",
    "http://127.0.0.1:{other_port}\\@127.0.0.1:{port}{folder}seg_0.ts",
    "http:////127.0.0.1:{other_port}{folder}seg_0.ts",
    "https://evil.example{folder}seg_0.ts",
    "//evil.example{folder}seg_0.ts",
    "\\\\evil.example\\seg_0.ts",
    "/\\evil.example/seg_0.ts",
    "http://127.0.0.1{folder}seg_0.ts",
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "data:video/mp2t;base64,R0FB",
    "ftp://127.0.0.1:{other_port}/seg_0.ts",
    "gopher://127.0.0.1:{other_port}/seg_0.ts",
    "concat:seg_0.ts|seg_1.ts",
    "crypto:seg_0.ts",
    "javascript:0",
    "/seg_0.ts",
    "/mint/seg_0.ts",
    "/mint/2069049_20260826_101500",
    "/mint/2069049_20260826_101500x/seg_0.ts",
    "../2069049_20260826_999999/seg_0.ts",
    "../../../../etc/passwd",
    "a/../../seg_0.ts",
    "%2e%2e/seg_0.ts",
    "..%2fseg_0.ts",
    "%2E%2E%2Fseg_0.ts",
    "..%5cseg_0.ts",
    "http://127.0.0.1:{port}{folder}a//seg_0.ts",
    "seg_0.ts%00.jpg",
    "http://[::1",
    "http://127.0.0.1:99999/seg_0.ts",
    *(f"https://{name}{{folder}}seg_0.ts" for name in NO_NAMES),
]


def spelt(text: str, site: Site, other: Site) -> str:
    port, other_port = (one.origin.rpartition(":")[2] for one in (site, other))
    host = other.origin.partition(":")[2]
    return text.format(
        other=other.origin, other_host=host, port=port, other_port=other_port, folder=FOLDER
    )


async def refusal(media: Media, site: Site) -> PumpfunError:
    """Why the recording cannot be had; the first of its segments, where all else can."""
    try:
        (rung,) = await media.rungs(site.master)
        segments = (await media.segments(site.master, rung)).segments
        async with media.fetched(site.master, rung, segments) as files:
            errors = [one.error for one in files if one.error is not None]
    except PumpfunError as error:
        return error
    assert errors
    return errors[0]


def is_foreign(error: PumpfunError) -> bool:
    """It was refused, in a sentence, and not asked for."""
    assert isinstance(error, RecordingError), error
    assert recording_refused(error.fault).endswith(".")
    return error.fault is RecordingFault.FOREIGN and error.reason is Reason.NOT_ALLOWED


@pytest.mark.parametrize("where", ["segment", "segment of a list that moved", "rung", "redirect"])
@pytest.mark.parametrize("address", ELSEWHERE)
async def test_nobody_else_is_asked(
    address: str, where: str, media: Media, site: Site, other: Site
) -> None:
    target = spelt(address, site, other)
    if where == "segment":
        site.put("low.m3u8", listed(target, "seg_1.ts"))
    elif where == "segment of a list that moved":
        site.put("low.m3u8", "moved.m3u8")
        site.put("moved.m3u8", listed(target, "seg_1.ts"))
    elif where == "rung":
        site.put(MASTER, master(target))
    else:
        site.put("seg_0.ts", target)
    error = await refusal(media, site)
    # What no client takes for an address is a broken answer.
    broken = where == "redirect" and error.reason is Reason.UNREACHABLE
    assert broken or is_foreign(error)
    assert other.asked == []
    assert all(path.startswith(FOLDER) for path in site.asked)


@pytest.mark.parametrize("name", [MASTER, "low.m3u8", "seg_0.ts"])
async def test_a_redirect_to_another_server_is_not_followed(
    name: str, media: Media, site: Site, other: Site
) -> None:
    site.put(name, f"{other.origin}{FOLDER}{name}")
    assert is_foreign(await refusal(media, site))
    assert other.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "{origin}/",
        "{origin}/master.m3u8",
        "http://evil.example/a/m.m3u8",
        "a/m.m3u8",
        *(f"https://{name}/a/m.m3u8" for name in NO_NAMES),
    ],
)
async def test_a_master_that_lies_elsewhere_is_not_asked_for(
    address: str, media: Media, site: Site
) -> None:
    with pytest.raises(RecordingError) as caught:
        await media.rungs(address.format(origin=site.origin))
    assert is_foreign(caught.value)
    assert site.asked == []


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"#EXTM3U\n" + b"#" * (5 << 20), RecordingFault.PLAYLIST_TOO_LARGE),
        (master("low.m3u8"), RecordingFault.NESTED),
        (b'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="http://k"', RecordingFault.ENCRYPTED),
        (b'#EXTM3U\n#EXT-X-MAP:URI="http://k"', RecordingFault.FRAGMENTED_MP4),
        (b"<html>", RecordingFault.NOT_A_PLAYLIST),
    ],
)
async def test_a_hostile_list_is_refused_for_its_reason(
    data: bytes, fault: RecordingFault, media: Media, site: Site
) -> None:
    site.put("low.m3u8", data)
    error = await refusal(media, site)
    assert isinstance(error, RecordingError)
    assert error.fault is fault
