"""Who may ask what, rule by rule."""

from __future__ import annotations

import base64

import pytest

from bot.ops.rules import Refusal, Rules, is_loopback

HERE = Rules(local=True, password=None)
HERE_WITH_PASSWORD = Rules(local=True, password="sesame")
OUTSIDE = Rules(local=False, password="sesame")


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


RIGHT = basic("anybody:sesame")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST"])
def test_an_address_of_this_machine_only_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", "localhost.evil"])
def test_an_address_that_others_reach_is_known(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8080", "127.0.0.2", "localhost", "LocalHost:1", "[::1]", "[::1]:99"],
)
def test_on_loopback_this_machines_own_names_get_in(host: str) -> None:
    assert HERE.refusal("GET", "/", {"Host": host}) is None
    asked = HERE_WITH_PASSWORD.refusal("GET", "/", {"Host": host})
    assert asked is Refusal.PASSWORD, "a proxy on this machine need not say that it is one"


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example",
        "127.0.0.1:8080@evil.example", "evil@localhost", "127.0.0.1/", "[::1", "0.0.0.0",
        "localhost:port", "127.0.0.1:99999", "127.0.0.1\\.evil", "127.0.0.1#x",
        "127.1", "2130706433", "[::ffff:10.0.0.1]",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/api/messages", "/files/x.mp4", "/metrics"])
def test_on_loopback_no_other_name_gets_in(host: str, path: str) -> None:
    assert HERE.refusal("GET", path, {"Host": host}) is Refusal.HOST
    assert HERE_WITH_PASSWORD.refusal("GET", path, {"Host": host}) is Refusal.PASSWORD


def test_with_the_password_another_name_gets_in_on_loopback() -> None:
    headers = {"Host": "mint.example", **RIGHT}
    assert HERE_WITH_PASSWORD.refusal("GET", "/", headers) is None


@pytest.mark.parametrize(
    "sign",
    ["Forwarded", "Via", "X-Forwarded-For", "x-forwarded-server", "X-Real-IP", "CF-Connecting-IP"],
)
def test_whoever_comes_through_a_proxy_needs_the_password(sign: str) -> None:
    headers = {"Host": "127.0.0.1:8080", sign: "203.0.113.9"}
    assert HERE.refusal("GET", "/", headers) is Refusal.PROXY
    assert HERE_WITH_PASSWORD.refusal("GET", "/", headers) is Refusal.PASSWORD
    assert HERE_WITH_PASSWORD.refusal("GET", "/", headers | RIGHT) is None


def test_a_proxy_that_says_nothing_is_known_by_the_http_that_it_speaks() -> None:
    headers = {"Host": "127.0.0.1:8080"}
    assert HERE.refusal("GET", "/", headers, old=True) is Refusal.PROXY
    assert HERE_WITH_PASSWORD.refusal("GET", "/", headers | RIGHT, old=True) is None


@pytest.mark.parametrize(
    "given",
    [
        {},
        basic("anybody:Sesame"),
        basic("anybody:sesame "),
        basic("sesame"),
        basic(""),
        basic("anybody:"),
        {"Authorization": "Bearer sesame"},
        {"Authorization": "Basic"},
        {"Authorization": "Basic not base64!"},
        {"Authorization": "Basic /w=="},
    ],
)
@pytest.mark.parametrize("path", ["/", "/metrics", "/api/messages", "/page/app.js", "/healthz/"])
def test_from_outside_nothing_is_shown_without_the_password(
    given: dict[str, str], path: str
) -> None:
    for host in ("192.168.1.5:8080", "127.0.0.1:8080"):
        assert OUTSIDE.refusal("GET", path, {"Host": host, **given}) is Refusal.PASSWORD


@pytest.mark.parametrize("rules", [OUTSIDE, HERE_WITH_PASSWORD])
def test_health_answers_everybody_and_tells_its_details_to_who_may_enter(rules: Rules) -> None:
    assert rules.refusal("GET", "/healthz", {"Host": "10.0.0.7"}) is None
    assert rules.entry_refusal({"Host": "10.0.0.7"}) is Refusal.PASSWORD
    assert rules.entry_refusal({"Host": "10.0.0.7", **RIGHT}) is None


def test_health_behind_a_proxy_without_a_password_is_the_bare_status() -> None:
    headers = {"Host": "127.0.0.1:8080", "X-Forwarded-For": "203.0.113.9"}
    assert HERE.refusal("GET", "/healthz", headers) is None
    assert HERE.entry_refusal(headers) is Refusal.PROXY
    assert HERE.refusal("GET", "/healthz", {"Host": "evil.example"}) is Refusal.HOST


@pytest.mark.parametrize("user", ["anybody", "", "a user"])
def test_with_the_password_any_user_name_and_host_will_do(user: str) -> None:
    headers = {"Host": "mint.example", **basic(f"{user}:sesame")}
    assert OUTSIDE.refusal("GET", "/", headers) is None


def test_a_password_may_hold_a_colon_and_any_letter() -> None:
    rules = Rules(local=False, password="sé:same☃")
    assert rules.refusal("GET", "/", {"Host": "x", **basic("me:sé:same☃")}) is None


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "http://127.0.0.1:3000", "http://127.0.0.1", "x["]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/messages"), ("POST", "/api/buttons"), ("GET", "/api/events"), ("PUT", "/")],
)
def test_no_other_site_may_act_or_listen(origin: str, method: str, path: str) -> None:
    headers = {"Host": "127.0.0.1:8080", "Origin": origin}
    assert HERE.refusal(method, path, headers) is Refusal.ORIGIN


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_that_the_browser_calls_foreign_is_refused(site: str) -> None:
    headers = {"Host": "127.0.0.1:8080", "Sec-Fetch-Site": site}
    assert HERE.refusal("GET", "/api/events", headers) is Refusal.ORIGIN
    assert HERE.refusal("GET", "/", headers) is None, "a link to the page from elsewhere works"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:8080"},
        {"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"},
        {},
    ],
)
def test_our_own_page_and_a_program_without_origin_may_act(headers: dict[str, str]) -> None:
    assert HERE.refusal("POST", "/api/messages", {"Host": "127.0.0.1:8080", **headers}) is None


def test_a_page_behind_tls_is_still_our_own() -> None:
    headers = {"Host": "mint.example", "Origin": "https://mint.example", **RIGHT}
    assert OUTSIDE.refusal("POST", "/api/messages", headers) is None


@pytest.mark.parametrize(
    "sign",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"X-Mintcast": "page"},
        {"X-Forwarded-Host": "mint.example"},
        {"X-Forwarded-Host": "inner.example, Mint.Example"},
        {"Forwarded": 'for=192.0.2.1;host="mint.example";proto=https'},
    ],
)
def test_a_page_behind_a_proxy_that_renames_the_host_is_our_own(sign: dict[str, str]) -> None:
    headers = {"Host": "127.0.0.1:8080", "Origin": "https://mint.example", **sign}
    assert HERE_WITH_PASSWORD.refusal("POST", "/api/messages", headers | RIGHT) is None
    assert HERE_WITH_PASSWORD.refusal("POST", "/api/messages", headers) is Refusal.PASSWORD
    refused = HERE.refusal("POST", "/api/messages", headers)
    assert refused in (Refusal.PROXY, Refusal.ORIGIN), "without a password no proxy is let in"


@pytest.mark.parametrize(
    "sign",
    [
        {},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-site", "X-Mintcast": "page"},
        {"Sec-Fetch-Site": "cross-site", "X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Host": "mint.example"},
        {"X-Forwarded-Host": ""},
        {"Forwarded": "for=evil.example"},
    ],
)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "https://"])
def test_another_page_acts_for_nobody_though_the_browser_sends_the_password(
    sign: dict[str, str], origin: str
) -> None:
    headers = {"Host": "127.0.0.1:8080", "Origin": origin, **sign, **RIGHT}
    assert HERE_WITH_PASSWORD.refusal("POST", "/api/messages", headers) is Refusal.ORIGIN
    assert OUTSIDE.refusal("POST", "/api/messages", headers) is Refusal.ORIGIN


def test_the_password_does_not_show() -> None:
    assert "sesame" not in repr(OUTSIDE)
