"""The stand-in's channels and messages, with the real discord.py or raw requests."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import discord
import pytest

from tests.fakes.discord import (
    Channel,
    FakeDiscord,
    Guild,
    RateLimit,
    Refuse,
    Reset,
    ServerError,
    Slow,
    When,
)
from tests.fakes.discord.conftest import PNG

MIB = 1 << 20


def access(rest: discord.Client, channel: Channel) -> discord.PartialMessageable:
    return rest.get_partial_messageable(channel.id)


def file(size: int = 2000, name: str = "a.png") -> discord.File:
    return discord.File(io.BytesIO(PNG[:8] + bytes(size - 8)), name)


async def code_of(deed: Any) -> int:
    with pytest.raises(discord.HTTPException) as caught:
        await deed
    return caught.value.code


# Files


async def test_a_picture_arrives_whole_and_the_embed_shows_it(
    rest: discord.Client, fake: FakeDiscord, here: Channel
) -> None:
    embed = discord.Embed(title="Live").set_image(url="attachment://a.png")
    sent = await access(rest, here).send(embed=embed, file=file())
    (message,) = here.messages
    assert len(message.attachment("a.png").data) == 2000
    assert sent.embeds[0].image.url == message.attachments[0].url
    assert sent.attachments == [], "what an embed shows is not told as an attachment"
    assert fake.calls[-1].files == (("a.png", 2000),)
    assert fake.rejected == []


async def test_an_edit_keeps_only_the_files_it_names(rest: discord.Client, here: Channel) -> None:
    sent = await access(rest, here).send("x", files=[file(), file(name="b.png")])
    (message,) = here.messages
    await sent.edit(content="y")
    assert [one.name for one in message.attachments] == ["a.png", "b.png"]
    await sent.edit(attachments=[sent.attachments[1], file(name="c.png")])
    assert [one.name for one in message.attachments] == ["b.png", "c.png"]
    await sent.edit(attachments=[])
    assert message.attachments == []
    assert [len(one.attachments) for one in message.versions] == [2, 2, 2, 0]
    assert message.edited == 3


async def test_a_server_takes_what_its_boosts_allow(
    rest: discord.Client, fake: FakeDiscord, guild: Guild, here: Channel
) -> None:
    assert await code_of(access(rest, here).send(file=file(10 * MIB + 1))) == 40005
    guild.premium_tier = 2
    await access(rest, here).send(file=file(10 * MIB + 1))
    guild.attachment_limit = 100
    assert await code_of(access(rest, here).send(file=file(101))) == 40005
    assert [one.status for one in fake.calls[-3:]] == [413, 200, 413]
    assert len(here.messages) == 1


# Permissions and places


@pytest.mark.parametrize(
    ("denied", "code"),
    [
        ("view_channel", 50001),
        ("send_messages", 50013),
        ("embed_links", 50013),
        ("attach_files", 50013),
    ],
)
async def test_a_missing_permission_is_told(
    rest: discord.Client, here: Channel, denied: str, code: int
) -> None:
    here.deny(denied)
    embed = discord.Embed(title="x")
    assert await code_of(access(rest, here).send(embed=embed, file=file())) == code
    here.allow(denied)
    await access(rest, here).send(embed=embed, file=file())


async def test_threads_reopen_unless_they_are_locked(
    rest: discord.Client, guild: Guild, here: Channel
) -> None:
    here.deny("send_messages")
    thread = here.add_thread("t", archived=True)
    sent = await access(rest, thread).send("x")
    assert not thread.archived
    thread.set_thread(archived=True)
    assert await code_of(sent.edit(content="y")) == 50083
    assert await code_of(sent.delete()) == 50083
    thread.set_thread(locked=True)
    assert await code_of(access(rest, thread).send("x")) == 50083
    thread.set_thread(archived=False)
    assert await code_of(access(rest, thread).send("x")) == 160005
    post = guild.add_forum("f").add_thread("p")
    await access(rest, post).send("x")
    here.deny("send_messages_in_threads")
    assert await code_of(access(rest, here.add_thread("u")).send("x")) == 50013


async def test_what_is_gone_is_said_to_be_gone(
    rest: discord.Client, fake: FakeDiscord, guild: Guild, here: Channel
) -> None:
    sent = await access(rest, here).send("x")
    here.messages[0].deleted = True
    assert await code_of(sent.edit(content="y")) == 10008
    guild.delete_channel(here)
    assert await code_of(access(rest, here).send("x")) == 10003
    other = guild.add_text_channel("other")
    fake.remove_guild(guild)
    assert await code_of(access(rest, other).send("x")) == 50001
    assert await code_of(access(rest, guild.add_forum("f")).send("x")) == 50001
    with pytest.raises(discord.NotFound):
        await rest.fetch_guild(guild.id)


async def test_a_person_can_be_written_to_unless_they_block(
    rest: discord.Client, fake: FakeDiscord
) -> None:
    al = fake.add_user("al")
    person = await rest.fetch_user(al.id)
    await person.send("hello")
    assert [one.content for one in al.dm.messages] == ["hello"]
    al.blocks = True
    assert await code_of(person.send("hello")) == 50007


# Nonces and history


async def test_a_repeat_with_the_same_nonce_is_the_same_message_for_a_while(
    rest: discord.Client, fake: FakeDiscord, here: Channel
) -> None:
    first = await access(rest, here).send("x", nonce="n")
    again = await access(rest, here).send("x", nonce="n", file=file())
    assert (again.id, again.nonce, len(here.messages)) == (first.id, "n", 1)
    fake.advance(181)
    later = await access(rest, here).send("x", nonce="n")
    assert later.id != first.id
    await later.delete()
    assert await code_of(access(rest, here).send("x", nonce="n")) == 10008


async def test_a_send_that_failed_after_all_was_done_makes_one_message(
    rest: discord.Client, fake: FakeDiscord, here: Channel
) -> None:
    fake.faults.add(("POST", here), ServerError(When.AFTER), times=1)
    await access(rest, here).send("x", nonce="n", file=file())
    assert len(here.messages) == 1
    assert [one.status for one in fake.calls_to("POST", "/channels/{channel_id}/messages")] == [
        502,
        200,
    ]


async def test_history_has_no_nonce_and_is_empty_without_the_right(
    rest: discord.Client, here: Channel
) -> None:
    for n in range(3):
        await access(rest, here).send(f"{n}", nonce=f"n{n}")
    since = datetime.now(UTC) - timedelta(minutes=1)
    found = [one async for one in access(rest, here).history(after=since, oldest_first=True)]
    assert [(one.content, one.nonce) for one in found] == [("0", None), ("1", None), ("2", None)]
    newest = [one async for one in access(rest, here).history(limit=1)]
    assert [one.content for one in newest] == ["2"]
    here.deny("read_message_history")
    assert [one async for one in access(rest, here).history()] == []
    assert await code_of(access(rest, here).fetch_message(found[0].id)) == 50013


# Mentions


async def test_only_who_is_allowed_is_pinged_and_never_by_an_edit(
    rest: discord.Client, fake: FakeDiscord, guild: Guild, here: Channel
) -> None:
    open_, closed = guild.add_role("open", mentionable=True), guild.add_role("closed")
    al = fake.add_user("al")
    text = f"{open_.mention} {closed.mention} {al.mention} @everyone"
    roles = discord.AllowedMentions(roles=[discord.Object(open_.id), discord.Object(closed.id)])
    none = discord.AllowedMentions.none()
    roles = none.merge(roles)
    await access(rest, here).send(text)
    await access(rest, here).send(text, allowed_mentions=roles)
    sent = await access(rest, here).send(text, allowed_mentions=none)
    await sent.edit(content=text + "!", allowed_mentions=roles)
    all_, one, nobody = here.messages
    assert (all_.mention_roles, all_.mention_users) == ([open_.id], [al.id])
    assert not all_.mention_everyone
    assert (one.mention_roles, one.mention_users) == ([open_.id], [])
    assert not nobody.pings
    guild.set_bot_permissions("view_channel", "send_messages", "mention_everyone")
    await access(rest, here).send(text, allowed_mentions=discord.AllowedMentions(everyone=True))
    assert here.messages[-1].mention_everyone
    assert here.messages[-1].mention_roles == [open_.id, closed.id]


# Limits and faults


async def test_a_rate_limit_is_waited_out(
    rest: discord.Client, fake: FakeDiscord, here: Channel
) -> None:
    fake.limits.messages = (2, 0.3)
    began = time.monotonic()
    for n in range(3):
        await access(rest, here).send(f"{n}")
    assert time.monotonic() - began >= 0.25
    fake.faults.add(("POST", here), RateLimit(0.1), times=1)
    await access(rest, here).send("x")
    assert [one.status for one in fake.calls].count(429) == 1
    assert [one.content for one in here.messages] == ["0", "1", "2", "x"]


async def test_too_much_at_once_is_refused_with_the_time_to_wait(
    raw: aiohttp.ClientSession, fake: FakeDiscord, here: Channel
) -> None:
    url = f"{fake.api_url}/channels/{here.id}/messages"
    for _ in range(5):
        assert (await raw.post(url, json={"content": "x"})).status == 200
    answer = await raw.post(url, json={"content": "x"})
    told = await answer.json()
    assert (answer.status, told["global"]) == (429, False)
    assert 0 < told["retry_after"] <= 5
    assert answer.headers["Via"]
    fake.limits.everywhere = (1, 60)
    fake.limits.refresh()
    await raw.get(f"{fake.api_url}/users/@me")
    answer = await raw.get(f"{fake.api_url}/users/@me")
    assert (await answer.json())["global"]
    fake.limits.invalid_allowed = 2
    answer = await raw.get(f"{fake.api_url}/users/@me")
    assert (answer.status, answer.headers.get("Via"), answer.content_type) == (
        429,
        None,
        "text/html",
    )


async def test_old_messages_take_few_edits(
    raw: aiohttp.ClientSession, fake: FakeDiscord, rest: discord.Client, here: Channel
) -> None:
    sent = await access(rest, here).send("x")
    here.messages[0].age(3700)
    for n in range(3):
        await sent.edit(content=f"{n}")
    url = f"{fake.api_url}/channels/{here.id}/messages/{sent.id}"
    answer = await raw.patch(url, json={"content": "y"})
    told = await answer.json()
    assert (answer.status, told["code"]) == (429, 30046)
    assert told["retry_after"] > 100
    fake.advance(121)
    assert (await raw.patch(url, json={"content": "y"})).status == 200


@pytest.mark.parametrize("when", list(When))
async def test_a_connection_breaks(
    rest: discord.Client, fake: FakeDiscord, here: Channel, when: When
) -> None:
    fake.faults.add(("POST", "/channels/*/messages"), Reset(when), times=1)
    with pytest.raises(aiohttp.ClientError):
        await access(rest, here).send(file=file(5 * MIB))
    assert len(here.messages) == (when is When.AFTER)


async def test_faults_end_and_name_their_place(
    rest: discord.Client, fake: FakeDiscord, guild: Guild, here: Channel
) -> None:
    other = guild.add_text_channel("other")
    rule = fake.faults.add(("*", here), Refuse(403, 50013), times=2)
    fake.faults.add(("POST", other), Slow(0.1))
    for _ in range(2):
        assert await code_of(access(rest, here).send("x")) == 50013
    await access(rest, here).send("x")
    began = time.monotonic()
    await access(rest, other).send("x")
    assert time.monotonic() - began >= 0.1
    assert rule.hits == 2
    fake.faults.clear()
    assert len(fake.limits.invalid) == 2
    assert here.messages[0].created <= other.messages[0].created


# What Discord's description refuses

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a long title": ({"embeds": [{"title": "x" * 300}]}, "embeds.0.title"),
    "a long description": ({"embeds": [{"description": "x" * 5000}]}, "embeds.0.description"),
    "11 embeds": ({"embeds": [{"title": "x"}] * 11}, "embeds"),
    "26 fields": ({"embeds": [{"fields": [{"name": "a", "value": "b"}] * 26}]}, "fields"),
    "an empty field": ({"embeds": [{"fields": [{"name": " ", "value": "b"}]}]}, "fields.0"),
    "6000 in all": ({"embeds": [{"description": "x" * 3100}] * 2}, "6000"),
    "long content": ({"content": "x" * 2001}, "content"),
    "a misspelt field": ({"content": "x", "embed": {}}, "embed: is not known"),
    "a misspelt field deep down": ({"embeds": [{"title": "x", "colour": 1}]}, "embeds.0.colour"),
    "a wrong type": ({"content": 5}, "content"),
    "a strange flag": ({"content": "x", "flags": 64}, "flags"),
    "a nonce too long": ({"content": "x", "nonce": "n" * 26}, "nonce"),
    "no such attachment": (
        {"embeds": [{"title": "x", "image": {"url": "attachment://no.png"}}]},
        "not attached",
    ),
    "a picture that is no URL": ({"embeds": [{"image": {"url": "data:x"}}]}, "image.url"),
    "mentions both parsed and listed": (
        {"content": "x", "allowed_mentions": {"parse": ["roles"], "roles": ["1"]}},
        "allowed_mentions",
    ),
}

BUTTON = {"type": 2, "style": 1, "label": "a", "custom_id": "b"}

WRONG_BUTTONS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "a long id": ([{**BUTTON, "custom_id": "x" * 200}], "custom_id"),
    "a long label": ([{**BUTTON, "label": "x" * 81}], "label"),
    "the same id twice": ([BUTTON, BUTTON], "twice"),
    "6 in a row": ([{**BUTTON, "custom_id": f"{n}"} for n in range(6)], "maxItems"),
    "no id": ([{"type": 2, "style": 1, "label": "a"}], "custom_id"),
    "no label": ([{"type": 2, "style": 1, "custom_id": "b"}], "label"),
    "a link with an id": ([{**BUTTON, "style": 5, "url": "https://a.b"}], "link"),
    "a link to a file": ([{"type": 2, "style": 5, "label": "a", "url": "file:///x"}], "url"),
    "no row": ([], "minItems"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_a_wrong_message_is_refused_and_noted(
    raw: aiohttp.ClientSession, fake: FakeDiscord, here: Channel, what: str
) -> None:
    body, why = WRONG[what]
    answer = await raw.post(f"{fake.api_url}/channels/{here.id}/messages", json=body)
    assert (answer.status, (await answer.json())["code"]) == (400, 50035)
    (noted,) = fake.rejected
    assert why in noted
    assert here.messages == []


@pytest.mark.parametrize("what", WRONG_BUTTONS)
async def test_wrong_buttons_are_refused_and_noted(
    raw: aiohttp.ClientSession, fake: FakeDiscord, here: Channel, what: str
) -> None:
    row, why = WRONG_BUTTONS[what]
    body = {"content": "x", "components": [{"type": 1, "components": row}]}
    answer = await raw.post(f"{fake.api_url}/channels/{here.id}/messages", json=body)
    assert answer.status == 400
    (noted,) = fake.rejected
    assert why in noted


@pytest.mark.parametrize("body", [{}, {"content": " "}, {"embeds": [{}]}])
async def test_an_empty_message_is_refused(
    raw: aiohttp.ClientSession, fake: FakeDiscord, here: Channel, body: dict[str, Any]
) -> None:
    answer = await raw.post(f"{fake.api_url}/channels/{here.id}/messages", json=body)
    assert (answer.status, (await answer.json())["code"]) == (400, 50006)
    assert len(fake.rejected) == 1


async def test_what_is_not_known_is_refused(raw: aiohttp.ClientSession, fake: FakeDiscord) -> None:
    assert (await raw.get(f"{fake.api_url}/stage-instances/1")).status == 404
    assert (await raw.get(f"{fake.api_url}/users/@me", params={"wiht": "x"})).status == 400
    headers = {"Authorization": "Bot no"}
    assert (await raw.get(f"{fake.api_url}/users/@me", headers=headers)).status == 401
    assert len(fake.rejected) == 2
