"""A Discord on this machine: REST, gateway and interactions, driven by tests in the same process
while the real discord.py, or the whole service, talks to it over loopback.

    async with FakeDiscord() as discord:                 # discord.token, .api_url, .gateway_url
        guild = discord.add_guild("Home", premium_tier=2)
        here = guild.add_text_channel("general", deny=["embed_links"])    # deny, allow: of the bot
        al = guild.add_member(discord.add_user("al"), permissions=["manage_guild"])
        ...                                               # start the bot
        await discord.connected()                         # identified; `discord.syncs` counts PUTs

        asked = await al.slash(here, "clip", duration="30s")    # waits for the acknowledgement
        asked.acknowledged_after, asked.deferred          # seconds; None where there was none
        await asked.until(lambda one: one.response and one.response.attachments)
        asked.response, asked.followups, asked.answer     # `Message`s; the last one to be read
        pressed = await al.press(asked.answer, label="Again")
        await al.choose(asked.answer, "select:id", ["value"])   # a modal: al.user.submit(asked, …)
        offered = await al.autocomplete(here, "clip", "mint", "abc")
        await al.user.slash(al.user.dm, "help")           # in the conversation with the bot
        abroad = discord.add_guild("Abroad", member=False)      # the bot is not there, and is
        await cy.slash(there, "clip", installed_for_user=True)  # brought along by its user

        here.messages, discord.all_messages               # deleted and ephemeral ones: only there
        message.attachment("clip.mp4").data, message.mention_roles, message.versions
        message.deleted = True                            # a moderator did it
        assert discord.rejected == []                     # nothing that Discord describes otherwise

Names of permissions are those of discord.py. Setters tell the bot by the gateway, as Discord does.

Trouble: `discord.faults.add(("POST", here), ServerError(When.AFTER), times=1)`; the place may be a
glob of the path instead (`"/webhooks/*/messages/@original"`). `discord.limits` are rate limits
(`enabled`), `discord.gateway` has `reconnect()`, `invalidate(resumable)`, `close(code)`, `drop()`,
`refuse_identify(code)`, `forget()`, and counts. `discord.outage(guild)` is no leaving,
`remove_guild` is. `await discord.revoke_token()` kills the token.

Time is real, or what `FakeDiscord(now=…)` tells, plus `discord.advance(seconds)`: by it tokens of
interactions (3 s, 15 min) and nonces (3 min) expire, and messages grow old (1 h). Rate limits are
in real time, since the client waits for them so.

What it does not show is written in `docs/discord.md`.
"""

from __future__ import annotations

from tests.fakes.discord.api.faults import (
    Hang,
    Hold,
    RateLimit,
    Refuse,
    Reset,
    ServerError,
    Slow,
    When,
)
from tests.fakes.discord.api.requests import Call
from tests.fakes.discord.people.interaction import Asked
from tests.fakes.discord.people.users import Member, User
from tests.fakes.discord.server import TOKEN, FakeDiscord
from tests.fakes.discord.state.messages import Attachment, Message
from tests.fakes.discord.state.places import Channel, Guild, Role

__all__ = [
    "TOKEN",
    "Asked",
    "Attachment",
    "Call",
    "Channel",
    "FakeDiscord",
    "Guild",
    "Hang",
    "Hold",
    "Member",
    "Message",
    "RateLimit",
    "Refuse",
    "Reset",
    "Role",
    "ServerError",
    "Slow",
    "User",
    "When",
]
