"""What is said of the parts of the service: in `/healthz`, on the page and by `mintcast check`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.model import CaptureEnd, NodeState, Reason, RecordingFault
from bot.texts import units

_DID = {
    "watcher": "checked",
    "dispatcher": "checked",
    "clip service": "checked",
    "database": "answered",
    "updates": "checked",
    "tidying": "tidied",
    "clip retention": "tidied",
    "retention": "checked",
    "whole streams": "checked",
    "clip recovery": "checked",
    "notifications": "checked",
    "leases": "renewed its leases",
}
"""What a part does again and again, in the past tense."""

_PLATFORMS = {"discord": "Discord", "telegram": "Telegram", "local": "the page"}

STARTING = "Mintcast is starting"
TAKEN = "taken"
STOPPING = "Mintcast is stopping"

BOARD_FAILS = "the list of live coins can't be read in full, so new streams are found later"

_PUMPFUN_FAILS: dict[Reason, str] = {
    Reason.TIMEOUT: "it doesn't answer in time",
    Reason.UNREACHABLE: "it can't be reached",
    Reason.FORBIDDEN: "it refuses to answer this machine",
    Reason.ROUTE_GONE: "it no longer answers this, so Mintcast may need an update",
    Reason.RATE_LIMITED: "it asks Mintcast to slow down",
    Reason.SERVER_ERROR: "it has a problem",
}

_RECORDING_REFUSED: dict[RecordingFault, str] = {
    RecordingFault.NOT_A_PLAYLIST: "it isn't a playlist",
    RecordingFault.PLAYLIST_TOO_LARGE: "its playlist is too large",
    RecordingFault.LINE_TOO_LONG: "its playlist has a line that is too long",
    RecordingFault.TOO_MANY_ENTRIES: "its playlist has too many entries",
    RecordingFault.NESTED: "its playlist leads to another list of playlists",
    RecordingFault.BAD_LENGTH: "its playlist has a segment of an impossible length",
    RecordingFault.BAD_NUMBER: "its playlist has a number that can't be read",
    RecordingFault.BAD_TIME: "its playlist has a time that can't be read",
    RecordingFault.BAD_TIMES: "the times in its playlist can't be right",
    RecordingFault.ENCRYPTED: "it's encrypted",
    RecordingFault.FRAGMENTED_MP4: ("it's in fragmented MP4 now, so Mintcast may need an update"),
    RecordingFault.BYTE_RANGES: "its segments are parts of larger files",
    RecordingFault.UNKNOWN_FEATURE: "its playlist uses a feature that Mintcast doesn't know",
    RecordingFault.FOREIGN: "it leads to another site or folder",
    RecordingFault.TOO_MANY_SEGMENTS: "a clip would take too many segments of it",
    RecordingFault.SEGMENT_TOO_LARGE: "it has a segment that is too large",
    RecordingFault.TOO_MANY_BYTES: "the segments of a clip are too large together",
    RecordingFault.NOT_A_SEGMENT: "what it calls a segment isn't MPEG-TS",
    RecordingFault.BROKEN_SEGMENT: "it has a segment that isn't whole",
}


def part_state(name: str, detail: str, age: float | None, *, ok: bool) -> str:
    """How a part is, in one line: what it says, and, where that is done again and again, when it
    last did its work. `age` in seconds."""
    if not ok:
        return detail or "fails"
    done = _DID.get(name)
    lately = f"{done} {units.span(int(age))} ago" if done and age is not None else ""
    return ", ".join(filter(None, (detail, lately))) or "works"


def silent(name: str) -> Callable[[float], str]:
    """Makes the clause about a part that has done nothing for so many seconds."""
    done = _DID.get(name, "worked")
    return lambda seconds: f"it hasn't {done} for {units.span(int(seconds))}"


def loop_silent(platform: str) -> Callable[[float], str]:
    """The same for the loop that delivers on one platform."""
    return lambda seconds: (
        f"nothing is sent to {platform}: its loop has been stuck for {units.span(int(seconds))}"
    )


def pumpfun_fails(reason: Reason, status: int | None = None) -> str:
    """A clause for `/healthz`, the page and the log: what is wrong with pump.fun."""
    why = _PUMPFUN_FAILS.get(reason, "its answers can't be read")
    return f"{why} (error {status})" if status is not None and status >= 400 else why


def not_started(platform: str, reason: str) -> str:
    """A platform that cannot even be built; the reason is a clause."""
    name = _PLATFORMS.get(platform, platform)
    why = reason.rstrip(".")
    return f"{name} couldn't be started ({why}). Everything else runs, and Mintcast keeps trying."


def could_not_look(reason: str) -> str:
    """`mintcast check` met something that nobody foresaw; the reason is a clause."""
    return f"couldn't be checked ({reason.rstrip('.')})"


def serves(origin: str, version: str) -> str:
    """A service runs where this one would: it was asked."""
    return (
        f"Mintcast {version} is running at {origin}"
        if version
        else f"Mintcast is running at {origin}"
    )


def says_only(status: str) -> str:
    """A running service tells no more to whoever has not its password."""
    return f"{status}; set its HTTP_PASSWORD to see more"


def runs_not() -> str:
    """No service runs where the settings say."""
    return "not running; once it runs, its parts are shown here"


def stopped() -> str:
    """The same, to whoever asks for nothing but the state of it."""
    return "Mintcast isn't running"


RECORDING_WORKS = "pump.fun's recording can be used"
RECORDING_OFF = "clips and pictures are not cut out of pump.fun's recording"


def recording_refused(fault: RecordingFault) -> str:
    """Why the recording of a stream isn't used, as a sentence."""
    return f"pump.fun's recording can't be used: {_RECORDING_REFUSED[fault]}."


def recording_fails(
    reason: Reason, status: int | None = None, fault: RecordingFault | None = None
) -> str:
    """The same as a clause; without a `fault`, it could not be had."""
    if fault is not None:
        return f"a recording can't be used: {_RECORDING_REFUSED[fault]}"
    return f"a recording can't be fetched: {pumpfun_fails(reason, status)}"


# The parts `clips`, `replay` and `disk`


def at_work(running: int, waiting: int, losses: str = "") -> str:
    """How busy it is. `losses`: what the last clip lacks, if anything."""
    return f"{running} recording, {waiting} waiting" + (f"; last clip: {losses}" if losses else "")


def rings_kept(kept: int, wanted: int, seconds: float) -> str:
    """Of how many streams the last seconds are kept, and of how many they should be."""
    if not wanted:
        return "no stream to keep the last seconds of"
    of = (
        f"{kept} of {units.plural(wanted, 'stream')}"
        if kept < wanted
        else units.plural(kept, "stream")
    )
    return f"keeping the last {seconds:g} s of {of}"


def rings_fail(failing: int, wanted: int, reason: str) -> str:
    """Of how many streams the last seconds cannot be kept, and why; the reason is a clause."""
    of = units.plural(wanted, "stream")
    return f"nothing of {of if failing == wanted else f'{failing} of {of}'} can be kept ({reason})"


def no_access(reason: str) -> str:
    """pump.fun gives no token for a room; the reason is a clause about it."""
    return f"pump.fun gives no access: {reason}"


def room_over(end: CaptureEnd | None) -> str:
    """Why nothing more comes of a room that was to be recorded."""
    return _ROOM_OVER.get(end, "the recording breaks off")


_ROOM_OVER: dict[CaptureEnd | None, str] = {
    CaptureEnd.CONNECTION_LOST: "the room can't be entered",
    CaptureEnd.ROOM_CLOSED: "the room is closed",
    CaptureEnd.REMOVED: "the room removed the bot",
    CaptureEnd.REPLACED: "somebody else takes the bot's place in the room",
}


def rings_off() -> str:
    """The operator wants none."""
    return "off ([replay] enabled), so clips begin when they're asked for"


def disk_free(free: int) -> str:
    """So many bytes are left where clips are kept."""
    return f"{units.size(free)} free"


def disk_full(free: int) -> str:
    """Too little is left, though every clip went that may go."""
    return f"only {disk_free(free)}, less than [clips] min_free_gigabytes, so no clips are made"


def folder_fails(detail: str) -> str:
    """The folder of clips cannot be read or written; `detail` is the system's word for it."""
    return f"the clips folder can't be used: {detail}"


STANDBY = "another node does it"
NO_ROLE = "not a role of this node"
TAKING_OVER = "taking over"
_MOST_LEASES = 3


def leases(held: Sequence[str], standby: Sequence[str]) -> str:
    """What this node of a cluster does, and what it would take over."""
    does = f"has {', '.join(held)}" if held else "leads nothing"
    return f"{does}; stands by for {', '.join(standby)}" if standby else does


def standby(whom: str, *, handed_over: bool) -> str:
    """Another node does what this one did. `handed_over`: because `whom`, a platform or pump.fun,
    couldn't be reached."""
    if not handed_over:
        return STANDBY
    name = _PLATFORMS.get(whom, whom)
    return f"{name} couldn't be reached from here, so it's left to another node"


def nobody_has(role: str) -> str:
    """A role of nodes without which something isn't done at all."""
    return f"no node has the role {role}: give it to one, in `roles` under [cluster]"


def nobody_holds(leases: Sequence[str]) -> str:
    """Leases of shards, where each node has as many as it may."""
    more = f" and {len(leases) - _MOST_LEASES} more" if len(leases) > _MOST_LEASES else ""
    return (
        f"no node has {', '.join(leases[:_MOST_LEASES])}{more}: start another node, or raise"
        " `shards_per_node` under [discord]"
    )


def same_name(name: str) -> str:
    """Of this node and another one."""
    return f"another node is called {name}, too: give each a name of its own"


def node(one: NodeState) -> str:
    """How a node of a cluster is, and what it does, as a clause."""
    if not one.is_here:
        return f"hasn't been heard of for {units.wait(one.seen)}: others have taken over"
    idle = "makes clips" if one.roles == ("clips",) else "stands by"
    does = ", ".join(one.leases) or idle
    holds = f"; {one.rings} of {units.plural(one.ring_places, 'ring')}" if one.ring_places else ""
    return f"version {one.version}, heard of {units.ago(one.seen)}; {does}{holds}"


NODES_HEARD = "hears the other nodes at once"


def nodes_heard_late(detail: str, seconds: float) -> str:
    """Nothing tells this node when another has done something; `detail` is a clause about why."""
    return f"hears the other nodes up to {units.span(seconds)} late: {detail}"
