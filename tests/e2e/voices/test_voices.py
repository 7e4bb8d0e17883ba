"""Several who speak in one room, on the real server: all are in the clip, each for just its time.

Each speaks in a tone of its own. A scene goes on once the capture mixes as many as it is to, and
what is in the clip is read from the file.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from bot.clips.capture.room.selection import MOST_SOUNDS
from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.livekit.server import LiveKitServer
from bot.kit.processes.child import Child
from bot.model import ClipResult, NoteKind
from tests.clip_harness import BUSY, judged
from tests.clip_judge import Verdict
from tests.conftest import require_livekit_server
from tests.e2e.clip_process import ClipProcess
from tests.e2e.voices.tone_judge import Sound, sound_of

HOST, SCREEN, ANN, BOB, CAT = 500, 750, 1_500, 2_250, 3_000
"""Hertz. None is the 1000 of the card's beep, which is in one of the scenes."""

SOFT, LOUD = 0.15, 0.9
CLICK = -48.0
"""Decibels. LiveKit's own end of a sound, before it comes to us, is heard above all tones at up to
-56, as a tone of `SOFT` would be that is cut off where it is highest."""

AGREE = 0.5
"""Seconds between what the capture saw and what is heard, on a busy machine."""


class Voices:
    """Those who speak. `async with Voices(server, room) as voices:`"""

    def __init__(self, server: LiveKitServer, room: str) -> None:
        self._server = server
        self._room = room
        self._child: Child | None = None

    async def __aenter__(self) -> Voices:
        self._child = await Child.spawn("tests.e2e.voices.speakers")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._child is not None
        await self._child.stop()

    async def speak(self, *tones: int, level: float = SOFT) -> None:
        """Let somebody speak in each of these."""
        for hertz in tones:
            token = self._server.token(self._room, f"voice-{hertz}", publish=True)
            await self._tell("join", hertz, url=self._server.url, token=token)
            await self.go_on(hertz, level)

    async def go_on(self, hertz: int, level: float = SOFT) -> None:
        """Speak again."""
        await self._tell("speak", hertz, hertz=hertz, level=level, screen=hertz == SCREEN)

    async def stop(self, hertz: int) -> None:
        await self._tell("stop", hertz)

    async def mute(self, hertz: int, on: bool = True) -> None:
        await self._tell("mute", hertz, on=on)

    async def leave(self, hertz: int) -> None:
        await self._tell("leave", hertz)

    async def _tell(self, command: str, voice: int, **data: Any) -> None:
        assert self._child is not None
        await self._child.send(command, voice=str(voice), **data)
        assert await self._child.next_event() == {"event": "done"}, self._child.last_words


Seen = dict[str, float]
Scene = Callable[[Voices, ClipProcess], Awaitable[Seen]]
"""Plays, and says in which second of the clip what was seen."""


async def five(voices: Voices, clip: ClipProcess, level: float = SOFT) -> Seen:
    await voices.speak(HOST, SCREEN, ANN, BOB, CAT, level=level)
    await clip.sees(sounds=5)
    await clip.goes_on(2.0)
    return {"all": clip.seen_at}


async def five_who_shout(voices: Voices, clip: ClipProcess) -> Seen:
    return await five(voices, clip, LOUD)


async def come_and_go(voices: Voices, clip: ClipProcess) -> Seen:
    await voices.speak(HOST, ANN)
    await clip.sees(sounds=2)
    await clip.goes_on(1.0)
    await voices.speak(BOB)
    await clip.sees(sounds=3)
    seen = {"comes": clip.seen_at}
    await clip.goes_on(1.0)
    await voices.stop(BOB)
    await clip.sees(sounds=2)
    seen |= {"goes": clip.seen_at}
    await clip.goes_on(1.0)
    await voices.leave(ANN)
    await clip.sees(sounds=1)
    seen |= {"leaves": clip.seen_at}
    await clip.goes_on(0.5)
    return seen


async def other_microphone(voices: Voices, clip: ClipProcess) -> Seen:
    await voices.speak(HOST, SCREEN)
    await clip.sees(sounds=2)
    await clip.goes_on(1.0)
    await voices.stop(HOST)
    await clip.sees(sounds=1)
    seen = {"gone": clip.seen_at}
    await clip.goes_on(0.5)
    await voices.go_on(HOST)
    await clip.sees(sounds=2)
    seen |= {"back": clip.seen_at}
    await clip.goes_on(1.0)
    return seen


async def muted(voices: Voices, clip: ClipProcess) -> Seen:
    await voices.speak(HOST, ANN)
    await clip.sees(sounds=2)
    await clip.goes_on(1.0)
    await voices.mute(ANN)
    await clip.sees(sounds=1)
    await clip.goes_on(0.5)
    await voices.mute(ANN, on=False)
    await clip.sees(sounds=2)
    seen = {"unmuted": clip.seen_at}
    await clip.goes_on(1.0)
    return seen


async def beside_the_beep(voices: Voices, clip: ClipProcess) -> Seen:
    """The creator's own sound goes on, and two guests come."""
    await clip.goes_on(1.0)
    await voices.speak(ANN)
    await clip.sees(sounds=2)
    await clip.goes_on(1.0)
    await voices.speak(BOB)
    await clip.sees(sounds=3)
    await clip.goes_on(4.0)
    return {}


SCENES: tuple[Scene, ...] = (
    five, five_who_shout, come_and_go, other_microphone, muted, beside_the_beep,
)  # fmt: skip
AT_ONCE = 3


class Played(NamedTuple):
    """What came of a scene."""

    result: ClipResult
    seen: Seen
    sound: Sound
    verdict: Verdict


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    """Each scene's clip."""
    require_livekit_server()
    folder, stage = tmp_path_factory.mktemp("voices"), asyncio.Semaphore(AT_ONCE)
    async with LiveKitServer() as server, asyncio.TaskGroup() as playing:
        takes = {
            scene.__name__: playing.create_task(
                play(server, scene, folder / f"{scene.__name__}.mp4", stage)
            )
            for scene in SCENES
        }
    return {name: take.result() for name, take in takes.items()}


async def play(server: LiveKitServer, scene: Scene, path: Path, stage: asyncio.Semaphore) -> Played:
    async with stage, in_the_room(server, scene, path) as (voices, clip):
        await clip.sees(picture="camera")
        seen = await scene(voices, clip)
        result = await clip.finish()
    return Played(result, seen, await asyncio.to_thread(sound_of, path), await judged(path))


@contextlib.asynccontextmanager
async def in_the_room(
    server: LiveKitServer, scene: Scene, path: Path
) -> AsyncIterator[tuple[Voices, ClipProcess]]:
    name = scene.__name__
    caster = Broadcaster.start(
        url=server.url,
        token=lambda: server.token(name, "creator", publish=True),
        width=320,
        height=180,
        audio=scene is beside_the_beep,
    )
    async with caster, Voices(server, name) as voices, ClipProcess(server, name, path) as clip:
        yield voices, clip


def notes(played: Played) -> dict[NoteKind, float]:
    return {note.kind: note.amount for note in played.result.notes}


async def test_all_sounds_of_a_room_are_in_its_clip(tmp_path: Path) -> None:
    """How evenly, and how cleanly, the long tests show, on a machine that they have for
    themselves."""
    require_livekit_server()
    async with LiveKitServer() as server:
        clip = await play(server, five, tmp_path / "five.mp4", asyncio.Semaphore(1))
    after = clip.sound.after(clip.seen["all"] + AGREE)
    levels = [after.usual_level(hertz) for hertz in (HOST, SCREEN, ANN, BOB, CAT)]
    assert max(levels) - min(levels) <= 3.0, levels
    assert notes(clip)[NoteKind.SOUNDS_MIXED] == 5


@pytest.mark.soak
@pytest.mark.parametrize("scene", ["five", "five_who_shout"])
def test_five_sounds_are_equally_loud_and_none_is_too_loud(
    played: dict[str, Played], scene: str
) -> None:
    clip = played[scene]
    after = clip.sound.after(clip.seen["all"] + AGREE)
    levels = [after.usual_level(hertz) for hertz in (HOST, SCREEN, ANN, BOB, CAT)]
    assert max(levels) - min(levels) <= 1.0, levels
    assert clip.sound.peak < 0.99
    assert notes(clip)[NoteKind.SOUNDS_MIXED] == 5


@pytest.mark.soak
def test_who_comes_and_goes_is_heard_for_just_that_time(played: dict[str, Played]) -> None:
    clip = played["come_and_go"]
    [(came, went)] = clip.sound.spans(BOB)
    assert came == pytest.approx(clip.seen["comes"], abs=AGREE)
    assert went == pytest.approx(clip.seen["goes"], abs=AGREE)
    assert clip.sound.spans(ANN)[-1][1] == pytest.approx(clip.seen["leaves"], abs=AGREE)
    assert clip.sound.spans(HOST)[-1][1] > clip.sound.seconds - 0.1, "to the end"
    assert len(clip.sound.spans(HOST)) == 1, "the others do not interrupt it"


@pytest.mark.soak
def test_a_host_who_changes_the_microphone_is_heard_before_and_after(
    played: dict[str, Played],
) -> None:
    clip = played["other_microphone"]
    (_, gone), (back, _) = clip.sound.spans(HOST)
    assert gone == pytest.approx(clip.seen["gone"], abs=AGREE)
    assert back == pytest.approx(clip.seen["back"], abs=AGREE)
    assert len(clip.sound.spans(SCREEN)) == 1
    assert notes(clip)[NoteKind.SOUNDS_MIXED] == 2


@pytest.mark.soak
def test_who_was_muted_is_heard_again_at_once(played: dict[str, Played]) -> None:
    clip = played["muted"]
    *_, (back, _) = clip.sound.spans(ANN)
    assert back == pytest.approx(clip.seen["unmuted"], abs=AGREE)
    assert len(clip.sound.spans(HOST)) == 1


@pytest.mark.soak
@pytest.mark.parametrize("scene", ["five", "come_and_go", "other_microphone", "muted"])
def test_nothing_clicks(played: dict[str, Played], scene: str) -> None:
    assert played[scene].sound.clicks().max() < CLICK


@pytest.mark.soak
def test_guests_leave_picture_and_beep_in_step(played: dict[str, Played]) -> None:
    verdict = played["beside_the_beep"].verdict
    assert verdict.skew_p95 is not None
    assert verdict.skew_p95 < BUSY.p95
    assert not verdict.silences


@pytest.mark.soak
async def test_of_a_crowd_as_many_are_heard_as_a_clip_takes(tmp_path: Path) -> None:
    """And who is heard is not pushed out by who comes; one who leaves makes room."""
    require_livekit_server()
    tones = range(1_500, 1_500 + 250 * (MOST_SOUNDS + 2), 250)

    async def crowd(voices: Voices, clip: ClipProcess) -> Seen:
        await voices.speak(*tones, level=0.08)
        await clip.sees(sounds=MOST_SOUNDS)
        await clip.goes_on(2.0)
        await voices.leave(tones[0])
        await clip.goes_on(5.0)
        return {}

    async with LiveKitServer() as server:
        clip = await play(server, crowd, tmp_path / "crowd.mp4", asyncio.Semaphore(1))
    last = clip.sound.after(clip.sound.seconds - 1.0)
    heard = [hertz for hertz in tones if last.spans(hertz)]
    assert heard == list(tones[1 : MOST_SOUNDS + 1])
    assert notes(clip)[NoteKind.SOUNDS_MIXED] == MOST_SOUNDS
    assert notes(clip)[NoteKind.SOUNDS_LEFT_OUT] == 2
    assert clip.sound.peak < 0.99
