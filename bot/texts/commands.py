"""What the commands of a chat are called and say: the catalogue, refusals, `/help`."""

from __future__ import annotations

from collections.abc import Sequence

from bot.texts import common, units

SUMMARIES = {
    "subscribe": "Post here when a coin goes live: one or several addresses or pump.fun links",
    "unsubscribe": "Stop posting about coins here: name them, or say all",
    "subscriptions": "Which coins are followed, where in this place, and how they are doing",
    "live": "Is it live? Title, viewers and since when; without a coin: all that are live here",
    "clip": "Record a clip of a live stream and post it here as an MP4",
    "history": "The last 20 posts about a coin: when, how fast, and what became of them",
    "test": "See exactly what an alert will look like; nobody is mentioned",
    "settings": "See and change: night hours, the alert at the end, who may clip, and more",
    "resume": "Post here again after I had to stop, for example for want of a permission",
    "help": "What I can do, the limits, and the first steps",
}

CLIP = "Clip"
SUBSCRIBE = "Subscribe here"
TEST = "See an alert"
SETTINGS = "Settings"
CANCEL = "Cancel"
SINCE = "since "
AS_OF = "pump.fun does not answer now, so this is what was seen at "
AGAIN = "Try again"

PARAMETERS = {
    "mints": "One coin or several: their addresses, or pump.fun links to them",
    "mints or all": "One coin or several: addresses, pump.fun links or symbols; or: all",
    "mint": "The coin's address, a pump.fun link to it, or its symbol if it is followed here",
    "which": "A page of the list, or one coin: its symbol, its address or a pump.fun link to it",
    "duration": "How long: 30s, 90, 1:30 or 1m30s",
    "change": "What to change, for example: night 22:00-08:00 Europe/Berlin silent",
    "command": "The command to explain",
}

CLIP_DETAILS = (
    "Give the length and the coin in any order: /clip 45s, or /clip and a link. Without a coin, I"
    " take the one in the alert you reply to, or the only one live here."
)

CLIP_OPTIONS = (
    "Every option can be left out: /clip duration:45s, or /clip mint: and a link. Without a coin,"
    " I take the only one live here."
)


# Whatever is wrong with what was typed


def unknown_command(name: str, nearest: str | None) -> str:
    """There is no such command."""
    hint = f" Did you mean /{nearest}?" if nearest else ""
    return f"I know no command “{common.shown(name)}”.{hint} /help lists what I can do."


def no_command() -> str:
    """Nothing was said."""
    return "Please begin with a command, for example /help."


def too_long(longest: int) -> str:
    """The message is longer than any command can mean."""
    return f"That is more than {longest} characters; please name fewer coins at a time."


def leftover(words: Sequence[str], usage: str, nearest: str | None = None) -> str:
    """Words that mean nothing here."""
    told = ", ".join(f"“{common.shown(word)}”" for word in words[:3])
    more = f" and {len(words) - 3} more" if len(words) > 3 else ""
    hint = f" Did you mean {nearest}?" if nearest else ""
    return f"I do not understand {told}{more} here.{hint} Say it like this: {usage}"


def one_coin(usage: str) -> str:
    """Several coins, where one is wanted."""
    return f"Please name one coin at a time: {usage}"


def several_so_called(word: str, addresses: Sequence[str]) -> str:
    """A symbol that several followed coins have; their addresses in short."""
    return (
        f"Several coins here are called “{common.shown(word)}” ({', '.join(addresses)}); please"
        " send the address or the link of the one that you mean."
    )


def too_many_mints(most: int) -> str:
    """More coins than one command takes."""
    return f"Please name at most {most} coins at a time."


def asked_too_much(seconds: float) -> str:
    """One place has asked so much of pump.fun that others would have to wait."""
    return f"Too many requests here. {_again_in(seconds)}"


def asked_too_much_by_you(seconds: float) -> str:
    """One person has, over all places."""
    return f"Too many requests from you. {_again_in(seconds)}"


def asked_too_much_unnamed(seconds: float) -> str:
    """All have who ask in the name of a chat."""
    return (
        "Too many requests from anonymous admins and channels. Send it from your own account, or"
        f" try again in {units.wait(seconds)}."
    )


def asked_too_much_by_all(seconds: float) -> str:
    """All have together."""
    return f"I’m busy with other requests. {_again_in(seconds)}"


def _again_in(seconds: float) -> str:
    return f"Try again in {units.wait(seconds)}."


def odd_button() -> str:
    """A button's action that we never made, or no longer know."""
    return "I do not know this button (any more); please type the command, /help lists them."


# Who may, and what fails


def may_not_manage(name: str) -> str:
    """The command is for whoever manages alerts."""
    return f"Only managers of this place can use /{name}; please ask one of them."


def no_clip_here() -> str:
    """The target is disabled; why, is said below."""
    return "A clip could not be posted here, so I make none."


def may_not_clip(*, by_options: bool = False) -> str:
    """clip_by is managers."""
    change = "clip_by:everyone" if by_options else "clip-by everyone"
    return (
        "Here only managers may make clips; ask one of them, or to change it with"
        f" /settings {change}."
    )


def may_not_touch_clip() -> str:
    """Somebody else's clip."""
    return "Only who asked for this clip, or a manager of this place, may do that."


def went_wrong() -> str:
    """Something that was foreseen, and that nobody in a chat can mend."""
    return "That did not work; please try again in a minute."


def cannot_post_here(reason: str) -> str:
    """Under every answer in a target that is disabled; `reason` is a clause."""
    return f"I post nothing here at the moment, because {reason}; once it is mended, say /resume."


def cannot_post_elsewhere(names: Sequence[str]) -> str:
    """Under a manager's answer: targets of the place that are disabled."""
    told = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"I cannot post in {told}; /subscriptions says why."


def cannot_post_yet(channel: str, missing: Sequence[str], command: str) -> str:
    """Nothing can be posted in that channel, whose name may be empty, for want of permissions."""
    *others, last = missing
    names = f"{', '.join(others)} and {last}" if others else last
    where = channel or "that channel"
    return (
        f"I cannot post in {where} yet, because there I lack {names}; please allow me that in the"
        f" settings of the channel, and then say /{command} again."
    )


def readiness_unknown() -> str:
    """The platform did not say whether it can be posted there."""
    return "I could not check whether I may post there; the first alert will show it."


# Which coin


def no_live_coin(usage: str) -> str:
    """Nothing that is followed here is live."""
    return f"No coin that is followed here is live right now; name one: {usage}"


def nothing_followed(usage: str) -> str:
    """The place follows no coin."""
    return f"No coin is followed here yet; /subscribe to one, or name one: {usage}"


def name_one(usage: str) -> str:
    """Asked where no coin can be followed."""
    return f"Please name a coin: {usage}"


def which_one() -> str:
    """Several are live."""
    return "Several coins are live here. Which one do you mean?"


# test

EXAMPLE_TITLE = "Here stands the stream’s own title"


# resume


def resumed() -> str:
    """It was disabled."""
    return "I post here again; what is still owed comes now."


def was_not_stopped() -> str:
    """It was not."""
    return "I was posting here all along; there is nothing to resume."


# help


def help_title(version: str) -> str:
    """Who speaks."""
    return f"Mintcast {version}"


def help_intro() -> str:
    """What it is for."""
    return "I post when a pump.fun coin goes live, and make clips of its stream."


FIRST_STEPS = (
    "First steps",
    "1. Open a coin on pump.fun and copy its address or link.",
    "2. /subscribe and paste it: I post here when it goes live.",
    "3. /clip 30s while it is live: the MP4 follows here.",
)


def limits(
    default: float,
    longest: float,
    upload: int,
    person: float,
    place: float,
    keep_hours: float,
    waiting: int,
    coins: int,
) -> tuple[str, ...]:
    """How long, how large, how often. Seconds, bytes and hours."""
    clips = (
        f"Clips: {units.span(default)} if you say nothing, at most {units.span(longest)}, and at"
        f" most {units.size(upload)} here; kept for {units.span(keep_hours * 3600)}."
    )
    pauses = (
        f"One clip every {units.span(person)} for each person and every {units.span(place)} for"
        f" each place; at most {waiting} wait."
    )
    return clips, pauses, f"Coins: up to {coins} in each place."


def for_managers() -> str:
    """Beside a command that needs it."""
    return "(managers)"
