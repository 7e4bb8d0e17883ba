from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.kit.secrets import scrub
from tests.pumpfun.samples import MINT


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


HEADER, CLAIMS = part({"alg": "HS256", "typ": "JWT"}), part({"sub": "viewer", "room": MINT})
JWT = f"{HEADER}.{CLAIMS}.{'s-_9' * 10}"
TELEGRAM = "7123456789:" + "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
DISCORD = f"MTE5Njg1MzUyMDk4NzY1NDMy.GhJk12.{'q9_-' * 9}"
BEARER = "abcDEF123" * 4
INTERACTION = "aW50ZXJhY3Rpb246MTM" * 8
INTERACTION_ID = "1196853520987654321"
WEBHOOK = "kT-9_sQ2" * 8 + "aB3d"
PASSWORD = 'öpen "sesame" 1/2'
LOGIN = base64.b64encode(f"al:{PASSWORD}".encode()).decode()

secrets = st.sampled_from([JWT, TELEGRAM, DISCORD])


@pytest.mark.parametrize(
    "text",
    [
        f"engine: signal failure: client error: 401 Unauthorized - invalid token: {JWT}, error: x",
        f'{{"token":"{JWT}"}}',
        f"wss://x.livekit.cloud/rtc?access_token={JWT}&auto_subscribe=0",
        f"Door(token='{JWT}')",
        f"prefix{JWT}",
        f"POST https://api.telegram.org/bot{TELEGRAM}/sendMessage",
        f"the token {TELEGRAM} was refused",
        f"Authorization: Bot {DISCORD}",
        f"authorization: Bearer {BEARER}==",
        f"PATCH https://discord.com/api/v10/webhooks/119685352098/{INTERACTION}/messages/@original",
        f"POST /interactions/1196853520987654321/{INTERACTION}/callback has returned 404",
        f"{JWT}\n{JWT} {JWT}",
        f"'{TELEGRAM}'\t{DISCORD}",
        f"POST https://api.telegram.org/bot{TELEGRAM.replace(':', '%3A')}/sendMessage",
        f"reply_to={INTERACTION_ID}/{INTERACTION}",
        f"('{INTERACTION_ID}/{INTERACTION}',)",
        f"next=webhooks%2F{INTERACTION_ID}%2F{INTERACTION}%2Fmessages",
        f"https://discord.com/api/webhooks/{INTERACTION_ID}/{WEBHOOK}",
        f"{INTERACTION_ID}/{WEBHOOK} was deleted",
        f"the token {INTERACTION} has expired",
    ],
)
def test_no_token_is_left_wherever_it_stands(text: str) -> None:
    shown = scrub(text)
    for secret in (JWT, TELEGRAM, DISCORD, BEARER, INTERACTION, WEBHOOK):
        pieces = {secret[start : start + 16] for start in range(len(secret) - 15)}
        assert not [piece for piece in pieces if piece in shown]
    assert "[token]" in shown


def test_half_of_a_token_is_scrubbed_too() -> None:
    """A line that was cut where it became too long: the claims are as bad as the signature."""
    assert CLAIMS not in scrub(f"{HEADER}.{CLAIMS}")
    assert CLAIMS not in scrub(f"{HEADER}.{CLAIMS}.")


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "eyJ",
            "a",
            "a.",
            "M",
            "1",
            "_-",
            ".",
            "eyJabcd.",
            "://",
            "http://",
            "http://a@",
            "basic ",
        ),
        *("bearer ", "aW50ZXJhY3Rpb246", "webhooks/123456/", "123456:", "123456789012345/", "b:"),
    ],
)
def test_a_long_line_takes_no_longer_than_its_length(unit: str) -> None:
    """Whatever a child prints of what it was sent is scrubbed where all else waits."""
    began = time.process_time()
    scrub(unit * (100_000 // len(unit)))
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "text",
    [f".{JWT}", f"a.b.{JWT}.c", f"eyJ.{JWT}", f"_eyJa.{JWT}", f"{JWT}.{JWT}", f"{JWT}-{JWT}."],
)
def test_a_token_among_other_dots_is_scrubbed_all_the_same(text: str) -> None:
    shown = scrub(text)
    assert CLAIMS not in shown
    assert "s-_9" not in shown


plain = st.text(st.characters(categories=["Zs"], include_characters="ghijk ,;()'\"\n"), max_size=30)


@given(plain, secrets, plain)
@settings(deadline=None)
def test_what_stands_about_a_token_stays(before: str, secret: str, after: str) -> None:
    assert scrub(f"{before} {secret} {after}") == f"{before} [token] {after}"


@given(st.text())
@settings(deadline=None)
def test_scrubbing_twice_changes_nothing_more(text: str) -> None:
    assert scrub(scrub(text)) == scrub(text)


@pytest.mark.parametrize(
    "text",
    [
        MINT,
        f"https://pump.fun/coin/{MINT}",
        "2026-09-12T05:40:00.123Z live 12:34:56",
        'File "/srv/bot/kit/secrets.py", line 19, in scrub',
        "GET https://livestream-api.pump.fun/livestream?mintId=" + MINT,
        "wss://pump-prod-tg2x8veh.livekit.cloud",
        "sha256:" + "0123456789abcdef" * 4,
        "exit 70 after 1234567: the bearer of news",
        "basic authentication, Basic settings",
        "12 of 19/29 channels at 2026/11/28",
        "mail to al@example.org, or https://pump.fun/@al",
        f"clip {INTERACTION_ID}/short",
    ],
)
def test_what_is_no_token_is_shown(text: str) -> None:
    assert scrub(text) == text


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Basic {LOGIN}",
        f"'authorization': 'basic {LOGIN.rstrip('=')}'",
        f"http://al:{quote(PASSWORD, safe='')}@proxy:3128",
        "http://al:sp%40in@proxy.example/x and socks5://bob:p@ss:w@[::1]:1080",
    ],
)
def test_no_login_is_left(text: str) -> None:
    shown = scrub(text)
    assert LOGIN[:12] not in shown
    assert "sesame" not in shown
    assert "sp%40in" not in shown
    assert "p@ss" not in shown
    assert "[token]" in shown


SPELLINGS = """
import json, sys
from urllib.parse import quote, quote_plus
from bot.kit.secrets import keep_secret, scrub
password = sys.argv[1]
keep_secret([password, "abc", None, "", "x"])
for text in (password, repr(password), json.dumps(password),
             json.dumps(password, ensure_ascii=False),
             quote(password), quote(password, safe=""), quote_plus(password), f"'{password}'!"):
    print(ascii(scrub(f"x {text} x")))
print(scrub("abc abcd x-abc"))
"""


def test_what_the_operator_has_set_is_known_by_its_value() -> None:
    """In a process of its own: what is kept secret stays so."""
    ran = subprocess.run(
        [sys.executable, "-c", SPELLINGS, PASSWORD], capture_output=True, text=True, check=True
    )
    *spelt, words = ran.stdout.splitlines()
    assert not [line for line in spelt if "sesame" in line or "[token]" not in line]
    assert words == "[token] abcd x-[token]"
