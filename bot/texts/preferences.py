"""The words of every preference: one entry each, beside its entry in `bot.model.preferences`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.model import Preference


@dataclass(frozen=True, slots=True)
class PreferenceWords:
    """How one preference is told of.

    option: what Discord says of its option. control, offers: what it is called, and what its
    control offers; on_telegram: what of that is called otherwise there. meanings: its choices, each
    as it is told back. if_none: what an empty value means. example, filled: a value as it is typed,
    and as Discord's option is filled in if that differs. usage: its line of `/help settings`, where
    it has one, and option_usage, where options are filled in. resets: how Discord offers to take it
    back, if not by its word. place_only: why it cannot be chosen for a coin, where it cannot.
    """

    option: str
    control: str
    offers: Mapping[str, str]
    on_telegram: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    if_none: str = ""
    example: str = ""
    filled: str = ""
    usage: str = ""
    option_usage: str = ""
    resets: Mapping[str, str] = field(default_factory=dict)
    place_only: str = ""


WORDS: Mapping[Preference, PreferenceWords] = MappingProxyType(
    {
        Preference.ROLE: PreferenceWords(
            option="Role that alerts mention",
            if_none="nobody",
            example="123456789",
            filled="role:@alerts",
            option_usage="the role that alerts mention",
            resets={
                "default": "role: as for the whole server, else nobody",
                "none": "role: nobody",
            },
            control="Role",
            offers={"none": "Nobody"},
        ),
        Preference.NIGHT: PreferenceWords(
            option="Quiet hours: 22:00-08:00, or off",
            example="22:00-08:00 Europe/Berlin silent",
            filled="night:22:00-08:00 zone:Europe/Berlin at_night:silent",
            usage="22:00-08:00 Europe/Berlin silent – or skip, or digest; night off",
            option_usage=(
                "quiet hours: night:22:00-08:00 zone:Europe/Berlin at_night:silent, or night:off"
            ),
            resets={"default": "night: hours, time zone and mode", "off": "night: off"},
            control="Quiet hours",
            offers={
                "22-8": "22:00–08:00",
                "23-7": "23:00–07:00",
                "0-9": "00:00–09:00",
                "off": "Off",
            },
        ),
        Preference.TIME_ZONE: PreferenceWords(
            option="Time zone of the quiet hours: Europe/Berlin",
            example="Europe/Berlin",
            usage="Europe/Berlin – only the time zone",
            resets={"default": "zone: as for the whole server, else UTC"},
            control="Time zone",
            offers={
                "los_angeles": "Los Angeles",
                "denver": "Denver",
                "chicago": "Chicago",
                "new_york": "New York",
                "sao_paulo": "São Paulo",
                "utc": "UTC",
                "london": "London",
                "berlin": "Berlin",
                "lagos": "Lagos",
                "moscow": "Moscow",
                "dubai": "Dubai",
                "kolkata": "Kolkata",
                "bangkok": "Bangkok",
                "shanghai": "Shanghai",
                "tokyo": "Tokyo",
                "sydney": "Sydney",
            },
        ),
        Preference.NIGHT_MODE: PreferenceWords(
            option="What happens to alerts at night",
            meanings={
                "silent": "silent – alerts without a sound",
                "skip": "skip – no alerts",
                "digest": "digest – one list in the morning",
            },
            control="At night",
            offers={
                "silent": "Silent",
                "skip": "Skip at night",
                "digest": "Digest in the morning",
            },
        ),
        Preference.NIGHT_MENTION: PreferenceWords(
            option="Mention the role at night too?",
            meanings={
                "yes": "yes – alerts mention the role",
                "no": "no – alerts mention nobody",
            },
            example="no",
            control="Mention at night",
            offers={"yes": "Yes", "no": "No"},
        ),
        Preference.AT_END: PreferenceWords(
            option="What happens to an alert when the stream ends",
            meanings={
                "edit": "edit – the alert shows how long it lasted",
                "delete": "delete – the alert is removed",
                "leave": "leave – the alert stays as it is",
            },
            example="edit",
            usage="edit – or delete, or leave: what happens to the alert when the stream ends",
            option_usage="what happens to the alert when the stream ends",
            control="When it ends",
            offers={"edit": "Edit the alert", "delete": "Delete it", "leave": "Leave it"},
        ),
        Preference.CLIP_BY: PreferenceWords(
            option="Who can make clips",
            meanings={"everyone": "everyone", "managers": "managers only"},
            example="managers",
            usage="everyone – or managers",
            option_usage="who can make clips",
            control="Who can clip",
            offers={"everyone": "Everyone", "managers": "Managers"},
            on_telegram={"managers": "Admins"},
        ),
        Preference.NOTICES: PreferenceWords(
            option="Channel for a notice when I can't post somewhere",
            if_none="to the subscriber",
            example="here",
            filled="notices:#general",
            usage="here – notices come here when I can't post somewhere; or none",
            option_usage="the channel for a notice when I can't post somewhere",
            resets={"default": "notices", "none": "notices: to the subscriber"},
            place_only="Notices can't be set for one coin. Leave the coin out.",
            control="Notices",
            offers={"here": "Here"},
        ),
        Preference.UPDATES: PreferenceWords(
            option="Keep an alert's title, viewers and picture up to date?",
            meanings={
                "yes": "yes – title, viewers and picture stay up to date",
                "no": "no – title, viewers and picture stay as posted",
            },
            example="yes",
            usage="yes – or no: keep title, viewers and picture up to date",
            option_usage="keep title, viewers and picture up to date",
            control="Keep up to date",
            offers={"yes": "Yes", "no": "No"},
        ),
        Preference.PICTURE: PreferenceWords(
            option="Which picture an alert shows",
            meanings={
                "auto": "auto – the live picture, hidden where pump.fun marks the coin NSFW",
                "live": "live – the live picture, never hidden",
                "moving": (
                    "moving – a few seconds of the stream without sound, hidden where pump.fun"
                    " marks the coin NSFW"
                ),
                "spoiler": "spoiler – the live picture, always hidden until it's clicked",
                "coin": "coin – the coin's own image",
                "none": "none – no picture",
            },
            example="spoiler",
            usage="auto – or live, moving, spoiler, coin, none: which picture alerts show",
            option_usage="which picture alerts show: auto, live, moving, spoiler, coin or none",
            control="Picture",
            offers={
                "auto": "Live, NSFW hidden",
                "live": "Live, never hidden",
                "moving": "Moving, NSFW hidden",
                "spoiler": "Always hidden",
                "coin": "The coin's image",
                "none": "No picture",
            },
        ),
        Preference.REPLAY: PreferenceWords(
            option="Keep the last seconds of live streams for clips?",
            meanings={
                "auto": "auto – the last seconds are kept at first, and where people clip",
                "on": "on – the last seconds are kept for as long as a stream is live",
                "off": "off – nothing is kept before somebody asks for a clip",
            },
            example="on",
            usage="auto – or on, off: keep the last seconds of live streams for clips",
            option_usage="keep the last seconds of live streams for clips: auto, on or off",
            control="Instant replay",
            offers={"auto": "Automatic", "on": "While live", "off": "Off"},
        ),
    }
)
