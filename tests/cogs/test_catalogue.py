"""The slash commands are those of the catalogue, with its words."""

from __future__ import annotations

from typing import Any, cast

import pytest
from discord import app_commands

import cogs
from bot import texts
from bot.commands import CATALOGUE, Command, Commands
from bot.commands.parsing.preferences import TOPICS
from bot.model import Preference
from cogs.common import COMMANDS

ONLY_DISCORD = {"subscribe": {"channel", "role"}}
"""Options beside the catalogue's. Those of /settings stand for its `change`."""


def declared() -> dict[str, app_commands.Command[Any, ..., Any]]:
    built = cogs.build(cast(Commands, None))
    found = [each for cog in built for each in cog.get_app_commands()]
    assert all(isinstance(each, app_commands.Command) for each in found)
    return {each.name: cast(app_commands.Command[Any, ..., Any], each) for each in found}


def test_every_command_of_the_catalogue_is_there_and_no_other() -> None:
    assert sorted(declared()) == sorted(command.name for command in CATALOGUE)


@pytest.mark.parametrize("command", CATALOGUE, ids=lambda command: command.name)
def test_a_command_has_the_catalogues_words(command: Command) -> None:
    slash = declared()[command.name]
    assert slash.description == command.summary
    assert len(command.summary) <= 100
    options = {option.name: option for option in slash.parameters}
    assert all(0 < len(option.description) <= 100 for option in options.values())
    if command.name == "settings":
        return
    for parameter in command.parameters:
        option = options.pop(parameter.name)
        assert str(option.description) == parameter.description
        assert option.required == parameter.required
    assert set(options) == ONLY_DISCORD.get(command.name, set())
    assert not any(option.required for option in options.values())


@pytest.mark.parametrize("command", CATALOGUE, ids=lambda command: command.name)
def test_whoever_manages_the_server_manages_alerts(command: Command) -> None:
    permissions = declared()[command.name].default_permissions
    wanted = ["manage_guild"] if command.manages else []
    assert [name for name, value in permissions or () if value] == wanted


@pytest.mark.parametrize("command", CATALOGUE, ids=lambda command: command.name)
def test_a_command_is_to_be_had_everywhere(command: Command) -> None:
    slash = declared()[command.name]
    assert slash.allowed_installs is not None
    assert (slash.allowed_installs.guild, slash.allowed_installs.user) == (True, True)
    contexts = slash.allowed_contexts
    assert contexts is not None
    assert (contexts.guild, contexts.dm_channel, contexts.private_channel) == (True, True, True)


def test_settings_has_an_option_for_every_preference_in_their_order() -> None:
    options = declared()["settings"].parameters
    every = [name.spec.option for name in Preference]
    assert [option.name for option in options] == ["mint", *every, "reset", "everywhere"]
    choices = {option.name: [choice.value for choice in option.choices] for option in options}
    assert [choices[name] for name in every] == [list(name.spec.choices) for name in Preference]


def test_every_choice_can_be_taken_back() -> None:
    taken_back = {words for words in texts.discord.RESETS if words.endswith(" default")}
    assert taken_back == {f"{topic} default" for topic in TOPICS}


def test_help_offers_every_command() -> None:
    (option,) = declared()["help"].parameters
    assert [choice.value for choice in option.choices] == list(COMMANDS)
