"""Rows of `GET /clips/{mint}` as they were observed, to be changed by the tests."""

from __future__ import annotations

from tests.pumpfun.samples import MINT

SESSION = "535897_20250914_134855"
HIGHLIGHT = f"20250914_135225:{SESSION}-h-0-12000"
FOLDER = f"https://clips.pump.fun/{MINT}/clips"


def highlight(**changes: object) -> dict[str, object]:
    """A highlight of 2025-09-14; `...` takes a field away."""
    row: dict[str, object] = {
        "roomName": MINT,
        "clipId": HIGHLIGHT,
        "sessionId": SESSION,
        "startTime": "2025-09-14T13:52:25.735Z",
        "endTime": "2025-09-14T13:52:37.735Z",
        "duration": 12,
        "mp4Url": f"{FOLDER}/{HIGHLIGHT}/clip.mp4",
        "mp4SizeBytes": 1267218,
        "thumbnailUrl": f"{FOLDER}/20250914_135225:{SESSION}/thumbnail.jpg",
        "playlistS3Key": "",
        "hidden": False,
        "clipType": "HIGHLIGHT",
        "highlightCreatorAddress": "somebody",
    }
    return {key: value for key, value in (row | changes).items() if value is not ...}


def complete(**changes: object) -> dict[str, object]:
    """A whole session of that time."""
    name = f"20250914_134855:{SESSION}"
    row = highlight(
        clipId=name,
        clipType="COMPLETE",
        startTime="2025-09-14T13:48:55.000Z",
        endTime="2025-09-14T14:48:55.000Z",
        duration=3600,
        mp4Url="",
        mp4SizeBytes=...,
        playlistUrl=f"{FOLDER}/{name}/playlist.m3u8",
    )
    return {key: value for key, value in (row | changes).items() if value is not ...}
