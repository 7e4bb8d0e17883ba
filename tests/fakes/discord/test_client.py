"""The stand-in's gateway and interactions, with the real discord.py on the other side."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands

from tests.fakes.clock import until
from tests.fakes.discord import Channel, FakeDiscord, Guild, Member
from tests.fakes.discord.conftest import PNG, Bot


async def test_a_client_logs_in_and_sees_its_servers(
    bot: Bot, fake: FakeDiscord, guild: Guild, here: Channel
) -> None:
    assert [one.id for one in bot.guilds] == [guild.id]
    seen = bot.get_channel(here.id)
    assert isinstance(seen, discord.TextChannel)
    assert seen.permissions_for(seen.guild.me).send_messages
    assert (fake.gateway.identifies, fake.syncs, fake.rejected) == (1, 1, [])


async def test_a_command_is_answered_to_one_person_only(
    bot: Bot, fake: FakeDiscord, here: Channel, al: Member
) -> None:
    asked = await al.slash(here, "echo", text="ab", times=2)
    assert asked.response is not None
    assert (asked.response.content, asked.response.ephemeral) == ("abab", True)
    assert asked.acknowledged_after is not None
    assert asked.acknowledged_after < 3
    assert here.messages == []
    assert fake.rejected == []


@pytest.mark.parametrize("private", [False, True])
async def test_a_deferred_answer_is_filled_with_a_file(
    bot: Bot, fake: FakeDiscord, here: Channel, al: Member, private: bool
) -> None:
    asked = await al.slash(here, "clip", private=private)
    await asked.until(lambda one: one.followups)
    assert asked.deferred
    assert asked.response is not None
    assert asked.response.attachment("a.png").data == PNG
    assert asked.response.ephemeral is private
    assert here.messages == ([] if private else [asked.response])
    async with aiohttp.ClientSession() as session:
        got = await session.get(asked.response.attachments[0].url)
        assert await got.read() == PNG
    assert fake.rejected == []


async def test_the_first_follow_up_fills_a_deferral_and_is_as_private(
    bot: Bot, here: Channel, al: Member
) -> None:
    @bot.tree.command(description="x")
    async def late(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send("one")
        await interaction.followup.send("two")

    await bot.tree.sync()
    asked = await al.slash(here, "late")
    await asked.until(lambda one: one.followups)
    assert asked.response is not None
    assert (asked.response.content, asked.response.ephemeral) == ("one", True)
    assert [one.content for one in here.messages] == ["two"]


async def test_a_public_wait_may_end_in_a_private_answer(
    bot: Bot, here: Channel, al: Member
) -> None:
    @bot.tree.command(description="x")
    async def oops(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await interaction.delete_original_response()
        await interaction.followup.send("no", ephemeral=True)

    await bot.tree.sync()
    asked = await al.slash(here, "oops")
    answer = await asked.answered()
    assert (answer.content, answer.ephemeral, asked.response) == ("no", True, None)
    assert here.messages == []


async def test_channels_and_roles_are_told_and_default_permissions_hide_a_command(
    bot: Bot, fake: FakeDiscord, guild: Guild, here: Channel, al: Member
) -> None:
    role = guild.add_role("subs")
    chief = guild.add_member(fake.add_user("bo"), permissions=["manage_guild"])
    asked = await chief.slash(here, "where", channel=here, role=role)
    assert asked.answer.content == "general subs"
    with pytest.raises(AssertionError, match="not shown"):
        await al.slash(here, "where", channel=here, role=role)
    guild.open_command("where")
    await al.slash(here, "where", channel=here, role=role)


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("ekko", {"text": "a"}, "not synced"),
        ("echo", {"texd": "a"}, "has no"),
        ("echo", {}, "needs text"),
        ("echo", {"text": "a", "times": "b"}, "times"),
    ],
)
async def test_the_client_does_not_send_what_it_could_not(
    bot: Bot, here: Channel, al: Member, name: str, options: dict[str, Any], why: str
) -> None:
    with pytest.raises(AssertionError, match=why):
        await al.slash(here, name, **options)


async def test_choices_are_offered_while_typing(bot: Bot, here: Channel, al: Member) -> None:
    offered = await al.autocomplete(here, "echo", "text", "ab")
    assert [one["name"] for one in offered] == ["ab0", "ab1", "ab2"]


async def test_a_command_can_be_brought_along(bot: Bot, fake: FakeDiscord) -> None:
    abroad = fake.add_guild("Abroad", member=False)
    there, cy = abroad.add_text_channel("x"), fake.add_user("cy")
    abroad.add_member(cy)
    asked = await cy.slash(there, "clip", installed_for_user=True)
    await asked.until(lambda one: one.followups)
    assert [one.content for one in there.messages] == ["done"]
    abroad.external_apps = False
    asked = await cy.slash(there, "clip", installed_for_user=True)
    await asked.until(lambda one: one.followups)
    assert asked.answers[0].ephemeral
    assert len(there.messages) == 1
    with pytest.raises(AssertionError, match="not there"):
        await cy.slash(there, "clip")
    assert (await cy.slash(cy.dm, "echo", text="hi")).answer.content == "hi"


async def test_a_button_is_pressed_by_who_can_see_it(
    bot: Bot, fake: FakeDiscord, guild: Guild, here: Channel, al: Member
) -> None:
    class Buttons(discord.ui.View):
        @discord.ui.button(label="Again", custom_id="again")
        async def again(
            self, interaction: discord.Interaction, button: discord.ui.Button[Buttons]
        ) -> None:
            await interaction.response.edit_message(content="edited", view=None)
            self.stop()

    @bot.tree.command(description="x")
    async def ask(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("press", view=Buttons(), ephemeral=True)

    await bot.tree.sync()
    asked = await al.slash(here, "ask")
    other = guild.add_member(fake.add_user("bo"))
    with pytest.raises(AssertionError, match="somebody else"):
        await other.press(asked.answer, label="Again")
    pressed = await al.press(asked.answer, label="Again")
    assert pressed.response is asked.response
    assert (asked.answer.content, asked.answer.buttons) == ("edited", [])


async def test_a_button_of_a_brought_command_names_who_brought_it(
    bot: Bot, fake: FakeDiscord
) -> None:
    owners: list[dict[int, int]] = []

    @bot.tree.command(description="x")
    @app_commands.allowed_installs(users=True)
    async def ask(interaction: discord.Interaction) -> None:
        view = discord.ui.View(timeout=None)
        view.add_item(discord.ui.Button(label="Go", custom_id="go"))
        await interaction.response.send_message("press", view=view)

    async def on_interaction(interaction: discord.Interaction) -> None:
        owners.append({key: int(one) for key, one in interaction._integration_owners.items()})
        if interaction.type is discord.InteractionType.component:
            await interaction.response.defer()

    bot.event(on_interaction)
    await bot.tree.sync()
    abroad = fake.add_guild("Abroad", member=False)
    there, cy, di = abroad.add_text_channel("x"), fake.add_user("cy"), fake.add_user("di")
    abroad.add_member(cy)
    asked = await cy.slash(there, "ask", installed_for_user=True)
    pressed = await abroad.add_member(di).press(asked.answer, label="Go")
    assert pressed.callback == 6
    assert owners == [{1: cy.id}, {1: cy.id}]


async def test_an_answer_that_is_too_large_leaves_the_person_waiting(
    bot: Bot, fake: FakeDiscord, here: Channel, al: Member
) -> None:
    limits: list[int] = []
    codes: list[tuple[int, int]] = []
    waiting: list[bool] = []

    @bot.tree.command(description="x")
    async def big(interaction: discord.Interaction) -> None:
        limits.append(interaction.filesize_limit)
        await interaction.response.defer()
        for size in (interaction.filesize_limit + 1, interaction.filesize_limit):
            file = discord.File(io.BytesIO(bytes(size)), "a.mp4")
            try:
                await interaction.followup.send(file=file)
            except discord.HTTPException as error:
                codes.append((error.status, error.code))
                original = fake.asked[interaction.id].original
                waiting.append(original is not None and original.loading)

    await bot.tree.sync()
    al.user.nitro_limit = 12 << 20
    asked = await al.slash(here, "big")
    await asked.answered()
    assert asked.response is not None
    assert (limits, codes, waiting) == ([12 << 20], [(413, 40005)], [True])
    assert len(asked.response.attachment("a.mp4").data) == 12 << 20


async def test_who_is_too_late_or_second_is_told_so(
    bot: Bot, fake: FakeDiscord, here: Channel, al: Member
) -> None:
    codes: list[int] = []

    async def answer(interaction: discord.Interaction) -> None:
        try:
            await interaction.response.send_message("x")
        except discord.HTTPException as error:
            codes.append(error.code)

    @bot.tree.command(description="x")
    async def slow(interaction: discord.Interaction) -> None:
        fake.advance(3.1)
        await answer(interaction)

    @bot.tree.command(description="x")
    async def twice(interaction: discord.Interaction) -> None:
        await bot.http.request(
            discord.http.Route(
                "POST",
                "/interactions/{id}/{token}/callback",
                id=interaction.id,
                token=interaction.token,
            ),
            json={"type": 5},
        )
        await answer(interaction)
        fake.advance(15 * 60)
        try:
            await interaction.edit_original_response(content="x")
        except discord.HTTPException as error:
            codes.append(error.code)

    await bot.tree.sync()
    late = await al.slash(here, "slow", wait=False)
    await until(lambda: codes == [10062])
    assert late.acknowledged_after is None
    await al.slash(here, "twice")
    await until(lambda: codes == [10062, 40060, 50027])


# The gateway


async def test_a_dropped_connection_is_resumed_and_nothing_is_missed(
    bot: Bot, fake: FakeDiscord, guild: Guild
) -> None:
    fake.gateway.drop()
    guild.add_text_channel("meanwhile")
    await until(lambda: "resumed" in bot.diary)
    assert bot.diary == ["channel meanwhile", "resumed"]
    assert (fake.gateway.identifies, fake.gateway.resumes) == (1, 1)


@pytest.mark.parametrize(
    ("trouble", "identifies"),
    [
        (lambda gateway: gateway.reconnect(), 1),
        (lambda gateway: gateway.invalidate(resumable=True), 1),
        (lambda gateway: gateway.close(4000), 1),
        (lambda gateway: gateway.invalidate(), 2),
        (lambda gateway: gateway.close(4009), 2),
    ],
    ids=["op 7", "op 9 true", "close 4000", "op 9 false", "close 4009"],
)
async def test_a_client_comes_back(
    bot: Bot,
    fake: FakeDiscord,
    here: Channel,
    al: Member,
    trouble: Callable[[Any], Any],
    identifies: int,
) -> None:
    before = set(fake.gateway.connections)
    trouble(fake.gateway)
    await until(lambda: bool(fake.gateway.connected) and not before & set(fake.gateway.connections))
    await until(lambda: fake.gateway.identifies == identifies)
    asked = await al.slash(here, "echo", text="still here")
    assert asked.answer.content == "still here"


@pytest.mark.parametrize("code", [4004, 4014])
async def test_a_client_that_is_not_wanted_ends(fake: FakeDiscord, code: int) -> None:
    fake.gateway.refuse_identify(code)
    async with discord.Client(intents=discord.Intents.none()) as client:
        with pytest.raises((discord.ConnectionClosed, discord.PrivilegedIntentsRequired)):
            await client.start(fake.token)
    assert fake.gateway.sessions == {}


async def test_privileged_intents_and_wrong_tokens_are_refused(fake: FakeDiscord) -> None:
    async with discord.Client(intents=discord.Intents.all()) as client:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await client.start(fake.token)
    async with discord.Client(intents=discord.Intents.none()) as client:
        with pytest.raises(discord.LoginFailure):
            await client.start("wrong")


async def test_a_token_that_dies_ends_the_client(fake: FakeDiscord) -> None:
    async with Bot() as client:
        running = asyncio.create_task(client.start(fake.token))
        await fake.connected()
        await until(client.is_ready)
        await fake.revoke_token()
        with pytest.raises(discord.ConnectionClosed):
            await running


async def test_servers_come_and_go_and_fail(bot: Bot, fake: FakeDiscord, guild: Guild) -> None:
    fake.outage(guild)
    fake.end_outage(guild)
    fake.remove_guild(guild)
    fake.restore_guild(guild)
    await until(lambda: "join Home" in bot.diary)
    assert bot.diary == ["unavailable Home", "remove Home", "join Home"]


async def test_permissions_change_under_way(bot: Bot, guild: Guild, here: Channel) -> None:
    seen = bot.get_channel(here.id)
    assert isinstance(seen, discord.TextChannel)
    here.deny("send_messages")
    await until(lambda: not seen.permissions_for(seen.guild.me).send_messages)
    here.allow("send_messages")
    await until(lambda: seen.permissions_for(seen.guild.me).send_messages)
    guild.set_bot_permissions("view_channel")
    await until(lambda: not seen.permissions_for(seen.guild.me).attach_files)


async def test_heartbeats_are_answered_and_their_absence_closes(fake: FakeDiscord) -> None:
    fake.gateway.heartbeat_interval = 50
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(fake.gateway_url)
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 1, "d": None})
        assert (await socket.receive_json())["op"] == 11
        assert (await socket.receive()).data == 4009
