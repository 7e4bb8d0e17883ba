"""Passwords are guessed slowly, and whoever knows the right one is held up by nobody for long."""

from __future__ import annotations

import base64

import pytest

from bot.ops.access import COOKIE, AccessControl, RequestFacts, Verdict
from bot.ops.client_identity import KnownDevices, TrustedProxies
from bot.ops.login_throttle import FORGOTTEN_AFTER, FREE, LONGEST_WAIT, MOST, LoginThrottle
from bot.ops.rules import Refusal, Rules

ATTACKER, OPERATOR = "203.0.113.9", "192.0.2.1"


class Watch:
    """A time that moves when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def guesses(watch: Watch) -> LoginThrottle:
    return LoginThrottle(watch)


@pytest.fixture
def access(watch: Watch) -> AccessControl:
    return AccessControl(
        Rules(local=False, password="sesame"), TrustedProxies(["10.0.0.0/8"]), watch
    )


def request(
    password: str, peer: str = ATTACKER, *, path: str = "/", cookie: str = "", seen: str = ""
) -> RequestFacts:
    pair = base64.b64encode(f"me:{password}".encode()).decode()
    headers = {"Host": "mint.example", "Authorization": f"Basic {pair}", "Cookie": cookie}
    return RequestFacts("GET", path, headers, peer, [seen] if seen else [])


def guess_until_slowed(access: AccessControl, peer: str = ATTACKER, seen: str = "") -> Verdict:
    for number in range(FREE + 2):
        verdict = access.judge(request(f"wrong {number}", peer, seen=seen))
    return verdict


def test_the_wait_doubles_up_to_half_a_minute(guesses: LoginThrottle, watch: Watch) -> None:
    waits = []
    for number in range(FREE + 8):
        watch.now += guesses.wait(ATTACKER, str(number))
        guesses.was_wrong(ATTACKER, str(number))
        waits.append(guesses.wait(ATTACKER, "next"))
    assert waits == [0.0] * FREE + [1, 2, 4, 8, 16, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]


def test_the_same_wrong_password_again_is_no_guess(guesses: LoginThrottle) -> None:
    for _ in range(100):
        guesses.was_wrong(ATTACKER, "the old one")
    assert guesses.wait(ATTACKER, "the new one") == 0


def test_what_is_long_ago_is_forgotten(guesses: LoginThrottle, watch: Watch) -> None:
    for number in range(FREE + 9):
        guesses.was_wrong(ATTACKER, str(number))
    watch.now += FORGOTTEN_AFTER + 1
    guesses.was_wrong(ATTACKER, "once more")
    assert guesses.wait(ATTACKER, "next") == 0


def test_a_crowd_of_addresses_takes_no_memory_and_gains_nothing(guesses: LoginThrottle) -> None:
    for number in range(2 * MOST):
        guesses.was_wrong(f"address {number}", f"guess {number}")
    assert len(guesses._guessers) <= MOST + 1
    assert guesses.wait("yet another address", "guess") == LONGEST_WAIT
    assert guesses.wait("address 1", "guess") == 0, "who has guessed once is not held up"


def test_a_guess_too_early_is_not_even_looked_at(access: AccessControl, watch: Watch) -> None:
    verdict = guess_until_slowed(access)
    assert (verdict.refusal, verdict.wait) == (Refusal.GUESSES, 1.0)
    assert access.judge(request("sesame")).refusal is Refusal.GUESSES, (
        "or it would tell which is right"
    )
    watch.now += verdict.wait
    assert access.judge(request("sesame")).refusal is None


def test_others_are_not_slowed(access: AccessControl) -> None:
    guess_until_slowed(access)
    assert access.judge(request("sesame", OPERATOR)).inside


def test_health_is_no_place_to_guess_at(access: AccessControl) -> None:
    for number in range(FREE + 2):
        verdict = access.judge(request(f"wrong {number}", path="/healthz"))
        assert (verdict.refusal, verdict.inside) == (None, False)
    assert not access.judge(request("sesame", path="/healthz")).inside
    assert access.judge(request("sesame")).refusal is Refusal.GUESSES


def test_a_browser_that_was_let_in_before_is_not_slowed_by_who_shares_its_address(
    access: AccessControl,
) -> None:
    device = access.judge(request("sesame", "127.0.0.1")).device
    guess_until_slowed(access, "127.0.0.1")
    cookie = f'other={{"a": 1}}; {COOKIE}={device}'
    verdict = access.judge(request("sesame", "127.0.0.1", cookie=cookie))
    assert (verdict.refusal, verdict.device) == (None, None)
    for forged in (f"{COOKIE}={device}0", f"{COOKIE}=me.{'0' * 64}", f"{COOKIE}=é", COOKIE):
        assert access.judge(request("sesame", "127.0.0.1", cookie=forged)).wait > 0


def test_a_crowd_of_addresses_shuts_out_no_browser_that_was_let_in_before(
    access: AccessControl,
) -> None:
    """Whoever has an IPv6 network of 48 bits has more addresses than are remembered."""
    cookie = f"{COOKIE}={access.judge(request('sesame', OPERATOR)).device}"
    for number in range(MOST + FREE + 9):
        access.judge(request(f"wrong {number}", f"2001:db8:0:{number:x}::1"))
    assert access.judge(request("sesame", OPERATOR, cookie=cookie)).inside
    for number in range(FREE + 2):
        verdict = access.judge(request(f"wrong {number}", OPERATOR, cookie=cookie))
    assert verdict.refusal is Refusal.GUESSES, "it is slowed by itself all the same"


def test_a_device_opens_nothing_and_is_slowed_by_itself(access: AccessControl) -> None:
    cookie = f"{COOKIE}={access.judge(request('sesame', OPERATOR)).device}"
    bare = RequestFacts("GET", "/", {"Host": "mint.example", "Cookie": cookie}, OPERATOR)
    assert access.judge(bare).refusal is Refusal.PASSWORD
    for number in range(FREE + 2):
        verdict = access.judge(request(f"wrong {number}", OPERATOR, cookie=cookie))
    assert verdict.refusal is Refusal.GUESSES
    assert access.judge(request("sesame", OPERATOR)).refusal is None


def test_a_device_is_known_after_a_restart_and_under_no_other_password() -> None:
    cookie = KnownDevices("sesame").issue()
    assert KnownDevices("sesame").known(cookie) is not None
    assert KnownDevices("another").known(cookie) is None


def test_behind_a_trusted_proxy_each_of_its_visitors_is_slowed_alone(access: AccessControl) -> None:
    slowed = guess_until_slowed(access, "10.0.0.2", seen=f"{OPERATOR}, {ATTACKER}")
    assert slowed.refusal is Refusal.GUESSES
    assert access.judge(request("sesame", "10.0.0.2", seen=OPERATOR)).inside


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        ("10.0.0.2", [], "10.0.0.2"),
        ("10.0.0.2", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.2", ["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.2", ["1.1.1.1", "203.0.113.9, 10.0.0.3"], "203.0.113.9"),
        ("10.0.0.2", ["203.0.113.9, unknown"], "10.0.0.2"),
        ("10.0.0.2", ["203.0.113.9:4711"], "203.0.113.9"),
        ("10.0.0.2", ["[2001:db8:1:2:3::1]:4711"], "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.2", ["203.0.113.9"], "203.0.113.9"),
        ("2001:db8:1:2::7%eth0", [], "2001:db8:1:2::/64"),
        ("", ["203.0.113.9"], ""),
    ],
)
def test_the_caller_is_whom_the_last_trusted_proxy_names(
    peer: str, forwarded: list[str], caller: str
) -> None:
    assert TrustedProxies(["10.0.0.0/8"]).caller(peer, forwarded) == caller
