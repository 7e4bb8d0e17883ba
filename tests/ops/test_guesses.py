"""Passwords are guessed slowly, and whoever knows the right one is held up by nobody for long."""

from __future__ import annotations

import base64

import pytest

from bot.ops.callers import Devices, Proxies
from bot.ops.gate import COOKIE, Gate, Knock, Verdict
from bot.ops.guesses import FORGOTTEN_AFTER, FREE, LONGEST_WAIT, MOST, Guesses
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
def guesses(watch: Watch) -> Guesses:
    return Guesses(watch)


@pytest.fixture
def gate(watch: Watch) -> Gate:
    return Gate(Rules(local=False, password="sesame"), Proxies(["10.0.0.0/8"]), watch)


def knock(
    password: str, peer: str = ATTACKER, *, path: str = "/", cookie: str = "", seen: str = ""
) -> Knock:
    pair = base64.b64encode(f"me:{password}".encode()).decode()
    headers = {"Host": "mint.example", "Authorization": f"Basic {pair}", "Cookie": cookie}
    return Knock("GET", path, headers, peer, [seen] if seen else [])


def guess_until_slowed(gate: Gate, peer: str = ATTACKER, seen: str = "") -> Verdict:
    for number in range(FREE + 2):
        verdict = gate.judge(knock(f"wrong {number}", peer, seen=seen))
    return verdict


def test_the_wait_doubles_up_to_half_a_minute(guesses: Guesses, watch: Watch) -> None:
    waits = []
    for number in range(FREE + 8):
        watch.now += guesses.wait(ATTACKER, str(number))
        guesses.was_wrong(ATTACKER, str(number))
        waits.append(guesses.wait(ATTACKER, "next"))
    assert waits == [0.0] * FREE + [1, 2, 4, 8, 16, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]


def test_the_same_wrong_password_again_is_no_guess(guesses: Guesses) -> None:
    for _ in range(100):
        guesses.was_wrong(ATTACKER, "the old one")
    assert guesses.wait(ATTACKER, "the new one") == 0


def test_what_is_long_ago_is_forgotten(guesses: Guesses, watch: Watch) -> None:
    for number in range(FREE + 9):
        guesses.was_wrong(ATTACKER, str(number))
    watch.now += FORGOTTEN_AFTER + 1
    guesses.was_wrong(ATTACKER, "once more")
    assert guesses.wait(ATTACKER, "next") == 0


def test_a_crowd_of_addresses_takes_no_memory_and_gains_nothing(guesses: Guesses) -> None:
    for number in range(2 * MOST):
        guesses.was_wrong(f"address {number}", f"guess {number}")
    assert len(guesses._guessers) <= MOST + 1
    assert guesses.wait("yet another address", "guess") == LONGEST_WAIT
    assert guesses.wait("address 1", "guess") == 0, "who has guessed once is not held up"


def test_a_guess_too_early_is_not_even_looked_at(gate: Gate, watch: Watch) -> None:
    verdict = guess_until_slowed(gate)
    assert (verdict.refusal, verdict.wait) == (Refusal.GUESSES, 1.0)
    assert gate.judge(knock("sesame")).refusal is Refusal.GUESSES, "or it would tell which is right"
    watch.now += verdict.wait
    assert gate.judge(knock("sesame")).refusal is None


def test_others_are_not_slowed(gate: Gate) -> None:
    guess_until_slowed(gate)
    assert gate.judge(knock("sesame", OPERATOR)).inside


def test_health_is_no_place_to_guess_at(gate: Gate) -> None:
    for number in range(FREE + 2):
        verdict = gate.judge(knock(f"wrong {number}", path="/healthz"))
        assert (verdict.refusal, verdict.inside) == (None, False)
    assert not gate.judge(knock("sesame", path="/healthz")).inside
    assert gate.judge(knock("sesame")).refusal is Refusal.GUESSES


def test_a_browser_that_was_let_in_before_is_not_slowed_by_who_shares_its_address(
    gate: Gate,
) -> None:
    device = gate.judge(knock("sesame", "127.0.0.1")).device
    guess_until_slowed(gate, "127.0.0.1")
    cookie = f'other={{"a": 1}}; {COOKIE}={device}'
    verdict = gate.judge(knock("sesame", "127.0.0.1", cookie=cookie))
    assert (verdict.refusal, verdict.device) == (None, None)
    for forged in (f"{COOKIE}={device}0", f"{COOKIE}=me.{'0' * 64}", f"{COOKIE}=é", COOKIE):
        assert gate.judge(knock("sesame", "127.0.0.1", cookie=forged)).wait > 0


def test_a_device_opens_nothing_and_is_slowed_by_itself(gate: Gate) -> None:
    cookie = f"{COOKIE}={gate.judge(knock('sesame', OPERATOR)).device}"
    bare = Knock("GET", "/", {"Host": "mint.example", "Cookie": cookie}, OPERATOR)
    assert gate.judge(bare).refusal is Refusal.PASSWORD
    for number in range(FREE + 2):
        verdict = gate.judge(knock(f"wrong {number}", OPERATOR, cookie=cookie))
    assert verdict.refusal is Refusal.GUESSES
    assert gate.judge(knock("sesame", OPERATOR)).refusal is None


def test_a_device_is_known_after_a_restart_and_under_no_other_password() -> None:
    cookie = Devices("sesame").issue()
    assert Devices("sesame").known(cookie) is not None
    assert Devices("another").known(cookie) is None


def test_behind_a_trusted_proxy_each_of_its_visitors_is_slowed_alone(gate: Gate) -> None:
    slowed = guess_until_slowed(gate, "10.0.0.2", seen=f"{OPERATOR}, {ATTACKER}")
    assert slowed.refusal is Refusal.GUESSES
    assert gate.judge(knock("sesame", "10.0.0.2", seen=OPERATOR)).inside


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
    assert Proxies(["10.0.0.0/8"]).caller(peer, forwarded) == caller
