"""What the commands of a chat are called and say: the catalogue, refusals, `/help`."""

from __future__ import annotations

from collections.abc import Sequence

from bot.texts import common, units

SUMMARIES = {
    "subscribe": "Follow coins here: I post when they go live. Takes addresses or pump.fun links",
    "unsubscribe": "Stop following coins here: name them, or all",
    "subscriptions": "List the coins followed here, and whether they are live",
    "live": "Is a coin live? Title, viewers, start time. Without a coin: all that are live here",
    "clip": "Post what just happened in a live stream: its last seconds as an MP4",
    "clips": "The highlights that pump.fun has of a coin, each with a button that posts it here",
    "history": "The last posts about a coin: when, how fast, and whether they arrived",
    "test": "See exactly what an alert will look like. Nobody is mentioned",
    "settings": "See and change settings: quiet hours, ended streams, who can clip, and more",
    "resume": "Post here again after I had to stop, for example because of a missing permission",
    "help": "First steps, every command, and my limits",
}

CLIP = "Clip"
SUBSCRIBE = "Subscribe here"
TEST = "Preview alert"
SETTINGS = "Settings"
CANCEL = "Cancel"
SINCE = "since "
AS_OF = "pump.fun isn't responding. Last seen at "
AGAIN = "Try again"

PARAMETERS = {
    "mints": "One or more coins: addresses or pump.fun links",
    "mints or all": "One or more coins (addresses, pump.fun links or symbols), or all",
    "mint": "The coin's address or pump.fun link, or its symbol if it is followed here",
    "which": "A page number, or a coin: its symbol, address or pump.fun link",
    "duration": "How long: 30s, 90, 1:30 or 1m30s",
    "ago": "How long ago it ended: 30s or 1m30s. Without it, the clip ends now",
    "change": "What to change, for example: night 22:00-08:00 Europe/Berlin silent",
    "command": "The command to explain",
}

_NEXT = "If there's nothing to look back on (/live says how far), I record the next seconds."

CLIP_DETAILS = (
    "/clip 45s posts the last 45 seconds, /clip 15s 30s ago the 15 seconds up to half a minute ago."
    f"\n{_NEXT}"
    "\nGive length, time and coin in any order. Without a coin, I take the one in the alert you"
    " reply to, or the only one live here."
)

CLIP_OPTIONS = (
    "/clip duration:45s posts the last 45 seconds; ago:30s, those up to half a minute ago."
    f"\n{_NEXT}"
    "\nEvery option can be left out. Without a coin, I take the only one live here."
)


# Whatever is wrong with what was typed


def unknown_command(nearest: str | None) -> str:
    """There is no such command. It is not quoted: it may be a link that we do not vouch for."""
    if nearest:
        return f"Unknown command. Did you mean /{nearest}?"
    return "Unknown command. Try /help."


def no_command() -> str:
    """Nothing was said."""
    return "Start with a command, for example /help."


def too_long(longest: int) -> str:
    """The message is longer than any command can mean."""
    return f"That's over {longest} characters. Name fewer coins at a time."


def too_many_words(most: int, usage: str) -> str:
    """Far more than the command can mean."""
    return f"That's over {most} words. Usage: {usage}"


def leftover(words: Sequence[str], usage: str, nearest: str | None = None) -> str:
    """Words that mean nothing here."""
    told = ", ".join(f"“{common.shown(word)}”" for word in words[:3])
    more = f" and {len(words) - 3} more" if len(words) > 3 else ""
    hint = f" Did you mean {nearest}?" if nearest else ""
    return f"I don't understand {told}{more} here.{hint} Usage: {usage}"


def unknown_symbol(word: str, usage: str) -> str:
    """A word alone, and no coin that is followed here is called so."""
    return f"No coin followed here is called “{common.shown(word)}”. Use its address: {usage}"


def one_coin(usage: str) -> str:
    """Several coins, where one is wanted."""
    return f"Name one coin at a time: {usage}"


def several_so_called(word: str, addresses: Sequence[str]) -> str:
    """A symbol that several followed coins have; their addresses in short."""
    return (
        f"Several coins here are called “{common.shown(word)}” ({', '.join(addresses)}). Send the"
        " address or link of the one you mean."
    )


def too_many_mints(most: int) -> str:
    """More coins than one command takes."""
    return f"Name at most {most} coins at a time."


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
    return f"I'm busy with other requests. {_again_in(seconds)}"


def _again_in(seconds: float) -> str:
    return f"Try again in {units.wait(seconds)}."


def odd_button() -> str:
    """A button's action that we never made, or no longer know."""
    return "This button no longer works. Type the command instead; /help lists them."


# Who may, and what fails


def managers(platform: str) -> str:
    """Who manages alerts on that platform, as people there call them."""
    return _MANAGERS.get(platform, "managers")


_MANAGERS = {"discord": "managers of this server", "telegram": "admins of this group"}


def may_not_manage(name: str, platform: str) -> str:
    """The command is for whoever manages alerts."""
    return f"Only {managers(platform)} can use /{name}. Ask one of them."


def no_clip_here() -> str:
    """The target is disabled; why, is said below."""
    return "I can't post here, so I didn't make a clip."


def may_not_clip(platform: str, *, by_options: bool = False) -> str:
    """clip_by is managers."""
    change = "clip_by:everyone" if by_options else "clip-by everyone"
    return (
        f"Only {managers(platform)} can make clips. They can allow everyone with"
        f" /settings {change}."
    )


def may_not_touch_clip(platform: str) -> str:
    """Somebody else's clip."""
    return f"Only {managers(platform)} and the person who asked for this clip can do that."


def went_wrong() -> str:
    """Something that was foreseen, and that nobody in a chat can fix."""
    return "That didn't work. Try again in a minute."


def cannot_post_here(reason: str) -> str:
    """Under every answer in a target that is disabled; `reason` is a clause."""
    return f"I'm not posting here: {reason}. Fix it, then run /resume."


def cannot_post_elsewhere(names: Sequence[str]) -> str:
    """Under a manager's answer: targets of the place that are disabled."""
    told = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"I can't post in {told}. /subscriptions says why."


def cannot_post_yet(channel: str, missing: Sequence[str], command: str) -> str:
    """Nothing can be posted in that channel, whose name may be empty, for want of permissions."""
    *others, last = missing
    names, them = (f"{', '.join(others)} and {last}", "them") if others else (last, "it")
    where = channel or "that channel"
    return f"I need {names} in {where}. Grant {them}, then run /{command} again."


def readiness_unknown() -> str:
    """The platform did not say whether it can be posted there."""
    return "I couldn't check my permissions there. The first alert will show whether I can post."


# Which coin


def no_live_coin(usage: str) -> str:
    """Nothing that is followed here is live."""
    return f"No followed coin is live right now. Name one: {usage}"


def nothing_followed(usage: str) -> str:
    """The place follows no coin."""
    return f"No coins are followed here yet. /subscribe to one, or name one: {usage}"


def name_one(usage: str) -> str:
    """Asked where no coin can be followed."""
    return f"Name a coin: {usage}"


def which_one(*, is_live: bool) -> str:
    """Several are live; or none is, and there may be something of several."""
    if is_live:
        return "Several coins are live here. Which one?"
    return "No followed coin is live right now. Which one do you mean?"


# test

EXAMPLE_TITLE = "A sample title"


# resume


def resumed() -> str:
    """It was disabled."""
    return "I'm posting here again. Anything still pending comes now."


def was_not_stopped() -> str:
    """It was not."""
    return "Nothing is paused here."


# help


def help_title(version: str) -> str:
    """Who speaks."""
    return f"Mintcast {version}"


def help_intro() -> str:
    """What it is for."""
    return "I post when a pump.fun coin goes live, and make clips of its stream."


FIRST_STEPS = "First steps"
HELP_GROUPS = {
    "Coins": ("subscribe", "unsubscribe", "subscriptions"),
    "Streams": ("live", "clip", "clips", "history"),
    "Alerts": ("test", "settings", "resume"),
}
"""The commands as `/help` groups them, but for itself."""


def first_steps(seconds: float) -> tuple[str, ...]:
    """The first steps, a line each. `seconds`: how long a clip is by default."""
    return (
        "1. /subscribe with a coin's address or pump.fun link: I post here when it goes live.",
        f"2. /clip while it's live: an MP4 of the last {units.span(seconds)} appears here.",
        "3. /settings to choose quiet hours, who can clip, and more.",
    )


def help_rest(*, by_options: bool) -> str:
    """How one command is explained."""
    option = "command:" if by_options else ""
    return f"For one command in full, for example: /help {option}clip"


def start_rest() -> str:
    """The last line of `/start`."""
    return "/help shows the rest."


def only_managers(names: Sequence[str], platform: str) -> str:
    """Which commands are not for everybody."""
    *others, last = (f"/{name}" for name in names)
    return f"Only {managers(platform)} can use {', '.join(others)} and {last}."


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
        f"Clips: {units.span(default)} by default, up to {units.span(longest)} and"
        f" {units.size(upload)} here; kept for {units.span(keep_hours * 3600)}."
    )
    pauses = (
        f"One clip every {units.span(person)} per person, and every {units.span(place)} here; up"
        f" to {waiting} can wait here."
    )
    return clips, pauses, f"Coins: up to {coins} here."


def for_managers(platform: str) -> str:
    """Beside a command that needs it."""
    return {"telegram": "(admins)"}.get(platform, "(managers)")


# A coin that was named without a command

OFFER_SUBSCRIBE = "Subscribe"
OFFER_LIVE = "Is it live?"


def offer() -> tuple[str, str]:
    """It is not followed here: what stands before its address, and what comes after."""
    return "Post here when ", " goes live?"


def offer_to_look() -> tuple[str, str]:
    """The same where nothing can be posted."""
    return "", " is a coin's address."


def offer_followed() -> str:
    """It is followed here: what comes after its name."""
    return " is followed here."
