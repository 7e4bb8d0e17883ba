"""Each way in which the look-alike's recording can be told to fail, as a plain reader meets it."""

from __future__ import annotations

import io
from itertools import pairwise

import av
import httpx
import pytest

from bot.demo.recording.faults import FOREIGN, ListFault, SegmentFault
from bot.demo.recording.recorder import Recorder
from bot.demo.site.coins import DemoCoin
from tests.demo.recording.reader import bytes_of, list_at, look

IN_A_LIST = {
    ListFault.FOREIGN_HOST: f"\n{FOREIGN}/playlist_",
    ListFault.FOREIGN_SCHEME: "\nftp://127.0.0.1/",
    ListFault.LOCAL_FILE: "\nfile:///etc/passwd\n",
    ListFault.UPWARDS: "\n../../../livestream?",
    ListFault.OTHER_COIN: "\n../../OtherCoin/",
    ListFault.KEY: "#EXT-X-KEY:METHOD=AES-128",
    ListFault.MAP: '#EXT-X-MAP:URI="init.mp4"',
    ListFault.BYTE_RANGE: "#EXT-X-BYTERANGE:75232@0",
    ListFault.LONG_LINE: "x" * 4096,
    ListFault.NESTED: "#EXT-X-STREAM-INF:",
    ListFault.PAGE: "<!DOCTYPE html>",
    ListFault.BAD_LENGTH: "#EXTINF:nan,",
    ListFault.HUGE_LENGTH: "#EXTINF:86400.0,",
    ListFault.ODD_DATES: "0000-99-99T25:61:61Z",
}
LEFT_OUT = {
    ListFault.NO_HEADER: "#EXTM3U",
    ListFault.NO_LENGTH: "#EXTINF",
    ListFault.NO_DATES: "#EXT-X-PROGRAM-DATE-TIME",
}
BAD_BYTES = {
    SegmentFault.PAGE: b"<!DOCTYPE html>",
    SegmentFault.MP4: b"\x00\x00\x00\x18ftyp",
    SegmentFault.TRUNCATED: b"\x47",
}


@pytest.fixture
def lists(coin: DemoCoin, recorder: Recorder) -> tuple[str, str]:
    """The master and the lowest list."""
    assert recorder.is_open
    assert coin.media is not None
    folder, stamp = f"/{coin.mint}/{coin.media.folder}", coin.media.stamp
    return f"{folder}/master_playlist_{stamp}.m3u8", f"{folder}/playlist_{stamp}_0.m3u8"


@pytest.mark.parametrize("fault", IN_A_LIST)
async def test_a_list_says_what_it_must_not(
    web: httpx.AsyncClient, recorder: Recorder, lists: tuple[str, str], fault: ListFault
) -> None:
    recorder.fail(fault)
    assert IN_A_LIST[fault] in (await web.get(lists[1])).text
    recorder.heal()
    assert IN_A_LIST[fault] not in (await web.get(lists[1])).text


@pytest.mark.parametrize("fault", LEFT_OUT)
async def test_a_list_lacks_what_it_needs(
    web: httpx.AsyncClient, recorder: Recorder, lists: tuple[str, str], fault: ListFault
) -> None:
    recorder.fail(fault)
    assert LEFT_OUT[fault] not in (await web.get(lists[1])).text


async def test_a_list_is_beyond_every_bound(
    web: httpx.AsyncClient, recorder: Recorder, lists: tuple[str, str]
) -> None:
    recorder.fail(ListFault.TOO_MANY)
    assert (await web.get(lists[1])).text.count("#EXTINF") > 50_000
    recorder.heal()
    recorder.fail(ListFault.TOO_LARGE)
    assert len((await web.get(lists[1])).content) > 4 << 20
    recorder.heal()
    recorder.fail(ListFault.NOT_TEXT)
    with pytest.raises(UnicodeDecodeError):
        (await web.get(lists[1])).content.decode()
    recorder.heal()
    recorder.fail(ListFault.EMPTY)
    assert (await web.get(lists[1])).content == b""


async def test_a_master_can_lead_elsewhere_while_its_lists_do_not(
    web: httpx.AsyncClient, recorder: Recorder, lists: tuple[str, str]
) -> None:
    recorder.fail(ListFault.FOREIGN_HOST, master=True)
    assert FOREIGN in (await web.get(lists[0])).text
    assert FOREIGN not in (await web.get(lists[1])).text


async def test_an_edge_stands_still_a_list_slides_and_a_list_shrinks(
    web: httpx.AsyncClient, recorder: Recorder, lists: tuple[str, str]
) -> None:
    whole = await list_at(web, lists[1])
    recorder.fail(ListFault.FROZEN, count=10)
    frozen = await list_at(web, lists[1])
    assert frozen.segments == whole.segments[:10]
    recorder.heal()
    recorder.fail(ListFault.SLIDING, count=6)
    sliding = await list_at(web, lists[1])
    assert len(sliding.segments) == 6
    assert sliding.first >= len(whole.segments) - 6
    recorder.heal()
    recorder.fail(ListFault.SHRUNK, count=100)
    assert len((await list_at(web, lists[1])).segments) <= len(whole.segments) - 98


@pytest.mark.parametrize("fault", BAD_BYTES)
async def test_a_segment_is_something_else_and_its_neighbour_is_not(
    web: httpx.AsyncClient, recorder: Recorder, lists: tuple[str, str], fault: SegmentFault
) -> None:
    names = (await list_at(web, lists[1])).segments
    recorder.fail(fault, at={7})
    answer = await web.get(names[7])
    assert answer.status_code == 200
    assert answer.content.startswith(BAD_BYTES[fault])
    assert len(answer.content) % 188
    assert len(look((await web.get(names[8])).content).numbers) in (39, 40)


async def test_a_segment_is_lost_or_refused_or_empty_or_too_large(
    web: httpx.AsyncClient, recorder: Recorder, lists: tuple[str, str]
) -> None:
    names = (await list_at(web, lists[1])).segments
    recorder.fail(SegmentFault.LOST, at={3})
    recorder.fail(SegmentFault.FORBIDDEN, at={4})
    recorder.fail(SegmentFault.EMPTY, at={5})
    recorder.fail(SegmentFault.TOO_LARGE, at={6})
    recorder.fail(SegmentFault.NOISE, at={2})
    assert [(await web.get(names[at])).status_code for at in (3, 4, 5)] == [404, 403, 200]
    assert (await web.get(names[5])).content == b""
    assert len((await web.get(names[6])).content) > 8 << 20
    with pytest.raises(av.FFmpegError):
        look((await web.get(names[2])).content)


async def test_a_segment_goes_on_where_the_one_before_ended(
    web: httpx.AsyncClient, recorder: Recorder, lists: tuple[str, str]
) -> None:
    names = (await list_at(web, lists[1])).segments
    recorder.fail(SegmentFault.NO_KEYFRAME, at={3})
    seen = look(await bytes_of(web, names[2:5]))
    assert len(seen.keyframes) == 2
    assert None not in seen.numbers
    assert len(seen.numbers) in (117, 118)


async def test_a_segment_is_silent_or_of_another_codec_or_size(
    web: httpx.AsyncClient, recorder: Recorder, lists: tuple[str, str]
) -> None:
    names = (await list_at(web, lists[1])).segments
    recorder.fail(SegmentFault.SILENT, at={1})
    recorder.fail(SegmentFault.OTHER_SIZE, at={4})
    recorder.fail(SegmentFault.OTHER_CODEC, at={2})
    assert look((await web.get(names[1])).content).heard == []
    assert look((await web.get(names[3])).content).sizes == {(640, 360)}
    assert look(await bytes_of(web, names[3:6])).sizes == {(640, 360), (480, 264)}
    with av.open(io.BytesIO((await web.get(names[2])).content), format="mpegts") as file:
        assert file.streams.video[0].codec_context.name == "mpeg2video"


async def test_time_jumps_goes_back_is_broken_and_wraps(
    web: httpx.AsyncClient, recorder: Recorder, lists: tuple[str, str]
) -> None:
    names = (await list_at(web, lists[1])).segments

    async def steps(fault: SegmentFault) -> list[float]:
        recorder.heal()
        recorder.fail(fault, at={5})
        apart = [(await web.get(names[at])).content for at in (4, 5, 6)]
        begins = [look(body).times[0] for body in apart]
        return [after - one for one, after in pairwise(begins)]

    jump = await steps(SegmentFault.TIME_JUMP)
    assert jump == pytest.approx([101.95, 1.95], abs=0.06)
    back = await steps(SegmentFault.TIME_BACK)
    assert back == pytest.approx([-4 * 1.96, 1.95], abs=0.06)
    assert (await steps(SegmentFault.TIME_WRAP))[0] == pytest.approx(1.95, abs=0.06)
    wrapped = (await web.get(names[6])).content
    assert look(wrapped).times[0] < 10
    assert "DISCONTINUITY" not in (await web.get(lists[1])).text
    await steps(SegmentFault.DISCONTINUITY)
    assert (await web.get(lists[1])).text.count("#EXT-X-DISCONTINUITY") == 1
