"""What a row keeps of a clip, and the sentences that are made of it."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path

import av
import pytest
from hypothesis import given, settings

from bot import texts
from bot.clips import dump_result, load_result
from bot.clips.editing.clip_file import broken
from bot.clips.results import error_code, not_kept, write_failure
from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipResult,
    ClipStatus,
    JobFault,
    Reason,
)
from tests.clips.strategies import results

CAUSES: list[ClipFailure | JobFault | Reason] = [*ClipFailure, *JobFault, *Reason]


@given(results)
@settings(deadline=None)
def test_a_result_reads_as_it_was_written_but_for_its_path(result: ClipResult) -> None:
    assert load_result(dump_result(result)) == replace(result, path=None)


def test_a_row_of_before_there_were_posters_and_recordings_is_read() -> None:
    row = json.loads(dump_result(ClipResult(ClipStatus.COMPLETE, seconds=30.0)))
    del row["poster"], row["recording"]
    assert load_result(json.dumps(row)) == ClipResult(ClipStatus.COMPLETE, seconds=30.0)


@given(results)
@settings(deadline=None)
def test_no_row_holds_a_path(result: ClipResult) -> None:
    assert json.loads(dump_result(result))["path"] is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"status": "grand"}', "null"])
def test_what_is_no_result_is_refused(text: str) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        load_result(text)


@pytest.mark.parametrize(
    ("number", "failure"),
    [
        (errno.ENOSPC, ClipFailure.DISK_FULL),
        (errno.EDQUOT, ClipFailure.DISK_FULL),
        (errno.EFBIG, ClipFailure.DISK_FULL),
        (errno.EROFS, ClipFailure.NOT_WRITABLE),
        (errno.EIO, ClipFailure.WRITE_FAILED),
    ],
)
def test_an_error_of_the_disk_means_the_same_wherever_it_is_met(
    number: int, failure: ClipFailure, tmp_path: Path
) -> None:
    error = OSError(number, "no")
    assert write_failure(error) is failure
    assert not_kept(error).failure is failure
    assert broken(tmp_path / "part", error).failure is failure
    assert broken(tmp_path / "part", av.FFmpegError(number, "no")).failure is failure


def test_every_cause_has_a_code_of_its_own() -> None:
    assert len({error_code(cause) for cause in CAUSES}) == len(CAUSES)


@pytest.mark.parametrize("cause", CAUSES)
def test_every_code_is_a_whole_sentence_for_a_chat(
    cause: ClipFailure | JobFault | Reason,
) -> None:
    sentence = texts.clips.why_no_clip(error_code(cause))
    assert sentence[0].isupper() or sentence.startswith(("pump.fun ", "pump.fun's "))
    assert sentence.endswith(".")
    assert sentence != texts.clips.why_no_clip("a code of tomorrow")
    assert not any(word in sentence for word in ("file exists", "folder", "bytes")), sentence


@pytest.mark.parametrize("code", [None, "", "a-code-of-tomorrow", "pumpfun:tomorrow", "pumpfun:"])
def test_a_code_that_is_not_known_still_has_a_sentence(code: str | None) -> None:
    assert texts.clips.why_no_clip(code) == "The clip couldn't be made. Try again."


@pytest.mark.parametrize("end", [None, *CaptureEnd])
def test_a_short_clip_says_how_long_it_is_and_why(end: CaptureEnd | None) -> None:
    sentence = texts.clips.why_short(ClipResult(ClipStatus.PARTIAL, seconds=4.04, end=end), 30.0)
    says = "This clip shows little" if end is CaptureEnd.UNDECODABLE else "Only 4 of 30 s"
    assert sentence.startswith(f"{says}: ")
    assert sentence.endswith(".")
    assert "you stopped" not in sentence, "in a chat nobody did"
