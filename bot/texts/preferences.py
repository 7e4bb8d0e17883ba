"""The words of every preference: one entry each, beside its entry in `bot.model.preferences`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.model import Preference


@dataclass(frozen=True, slots=True)
class PreferenceWords:
    """How one preference is told of.

    option: what Discord says of its option. label: what it is called, if not by its word. meanings:
    its choices, each as it is told back. if_none: what an empty value means. example, filled: a
    value as it is typed, and as Discord's option is filled in if that differs. usage: its line of
    `/help settings`, where it has one, and option_usage, where options are filled in. resets: how
    Discord offers to take it back, if not by its label. place_only: why it cannot be chosen for a
    coin, where it cannot. menu, menu_choices: its button in Telegram's menus, and those under it.
    """

    option: str
    label: str = ""
    meanings: Mapping[str, str] = field(default_factory=dict)
    if_none: str = ""
    example: str = ""
    filled: str = ""
    usage: str = ""
    option_usage: str = ""
    resets: Mapping[str, str] = field(default_factory=dict)
    place_only: str = ""
    menu: str = ""
    menu_choices: Mapping[str, str] = field(default_factory=dict)


WORDS: Mapping[Preference, PreferenceWords] = MappingProxyType(
    {
        Preference.ROLE: PreferenceWords(
            option="Whom alerts mention",
            if_none="nobody is mentioned",
            example="123456789",
            filled="role:@alerts",
            option_usage="who is mentioned by an alert",
            resets={
                "default": "role: as it is for all of this server, else nobody",
                "none": "role: nobody",
            },
        ),
        Preference.NIGHT: PreferenceWords(
            option="Quiet hours: 22:00-08:00, or off",
            example="22:00-08:00 Europe/Berlin silent",
            filled="night:22:00-08:00 zone:Europe/Berlin at_night:silent",
            usage="22:00-08:00 Europe/Berlin silent – or skip, or digest; night off",
            option_usage=(
                "quiet hours: night:22:00-08:00 zone:Europe/Berlin at_night:silent, or night:off"
            ),
            resets={"default": "night: hours, time zone and all", "off": "night: off"},
            menu="Night",
            menu_choices={
                "22-8": "22:00–08:00",
                "23-7": "23:00–07:00",
                "0-9": "00:00–09:00",
                "off": "No night",
                "silent": "Silent",
                "skip": "No alerts",
                "digest": "Morning list",
                "default": "As usual",
            },
        ),
        Preference.TIME_ZONE: PreferenceWords(
            option="The time zone of the night: Europe/Berlin",
            example="Europe/Berlin",
            usage="Europe/Berlin – the time zone alone",
            resets={"default": "zone: UTC"},
        ),
        Preference.NIGHT_MODE: PreferenceWords(
            label="at night",
            option="What happens to alerts in the night",
            meanings={
                "silent": "silent: alerts come without a sound",
                "skip": "skip: no alerts",
                "digest": "digest: one list in the morning",
            },
        ),
        Preference.NIGHT_MENTION: PreferenceWords(
            option="Mention the role at night, too?",
            meanings={
                "yes": "yes: the role is mentioned at night, too",
                "no": "no: nobody is mentioned at night",
            },
            example="no",
        ),
        Preference.AT_END: PreferenceWords(
            option="What becomes of an alert when the stream is over",
            meanings={
                "edit": "edit: the alert says how long it was",
                "delete": "delete: the alert goes",
                "leave": "leave: the alert stays as it was",
            },
            example="edit",
            usage="edit – or delete, or leave: the alert when the stream is over",
            option_usage="what becomes of the alert when the stream is over",
            menu="When it ends",
            menu_choices={
                "edit": "Edit the alert",
                "delete": "Delete it",
                "leave": "Leave it",
                "default": "As usual",
            },
        ),
        Preference.CLIP_BY: PreferenceWords(
            option="Who may make clips",
            meanings={"everyone": "everyone", "managers": "managers: nobody else makes clips"},
            example="managers",
            usage="everyone – or managers",
            option_usage="who may make clips",
            menu="Who may clip",
            menu_choices={
                "everyone": "Everyone",
                "managers": "Managers",
                "default": "As usual",
            },
        ),
        Preference.NOTICES: PreferenceWords(
            option="The channel where I say that I cannot post somewhere",
            if_none="to who subscribed",
            example="here",
            filled="notices:#general",
            usage="here – where I say that I cannot post somewhere; or none",
            option_usage="the channel where I say that I cannot post somewhere",
            resets={"default": "notices", "none": "notices: to who subscribed"},
            place_only=(
                "Where notices go can only be chosen for the whole place; please name no coin."
            ),
            menu="Notices",
            menu_choices={"here": "Here", "none": "None", "default": "To who subscribed"},
        ),
        Preference.UPDATES: PreferenceWords(
            option="Keep title and viewers of an alert up to date?",
            meanings={
                "yes": "yes: title and viewers are kept up to date",
                "no": "no: title and viewers stay as they were",
            },
            example="yes",
            usage="yes – or no: keep title and viewers up to date",
            option_usage="keep title and viewers up to date",
            menu="Keep up to date",
            menu_choices={"yes": "Yes", "no": "No", "default": "As usual"},
        ),
        Preference.PICTURE: PreferenceWords(
            option="Which picture an alert shows",
            meanings={
                "auto": "auto: the live picture, hidden where pump.fun marks the coin NSFW",
                "live": "live: the live picture, never hidden",
                "spoiler": "spoiler: the live picture, always hidden until it's clicked",
                "coin": "coin: the coin's own image",
                "none": "none: no picture",
            },
            example="spoiler",
            usage="auto – or live, spoiler, coin, none: which picture alerts show",
            option_usage="which picture alerts show: auto, live, spoiler, coin or none",
            menu="Picture",
            menu_choices={
                "auto": "Live, NSFW hidden",
                "live": "Live, never hidden",
                "spoiler": "Always hidden",
                "coin": "The coin's image",
                "none": "No picture",
                "default": "As usual",
            },
        ),
    }
)
