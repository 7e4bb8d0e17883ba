"""Names, titles and texts that attack the page: every one is shown as the text that it is."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from bot.model import (
    Broadcast,
    Button,
    Coin,
    Message,
    MessageKind,
    Person,
    Span,
    StreamState,
    Tone,
)
from tests.browser.tab import Tab
from tests.fakes.commands import suggestion
from tests.patience import PATIENCE
from tests.platforms.local.conftest import Service
from tests.store.raw_sql import write

pytestmark = pytest.mark.asyncio(loop_scope="package")

ATTACKS = (
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    '"><svg onload=window.pwned=1>',
    "</script><script>alert(1)</script>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "{{constructor.constructor('window.pwned=1')()}}",
    "javascript:window.pwned=1",
    "\u202eevil\u2066\u200b<b>bold</b>",
    "W" * 400,
    "\u0301" * 200 + "a",
)

_INTRUDERS = """() => [
  document.querySelectorAll("script:not([src$='page/app.js'])").length,
  document.querySelectorAll("iframe, object, embed, svg, b").length,
  document.querySelectorAll("#log img, #side img, [onerror], [onload], [style]").length,
  [...document.querySelectorAll("a")].filter((a) => !/^https?:/.test(a.protocol)).length,
  typeof window.pwned,
]"""
"""The text field's height is the one style that the page sets by itself, so it is left out."""


async def fill(service: Service, attack: str) -> None:
    """The attack wherever somebody else's text can come from."""
    now, target = service.clock.now(), await service.target()
    service.health.part("pump.fun").bad(attack)
    cast = Broadcast(
        state=StreamState.LIVE, first_seen_at=now, last_seen_at=now, site_id=1, title=attack
    )
    async with service.store.write() as unit:
        await unit.coins.put(Coin("mint", symbol=attack, name=attack))
        await unit.subscriptions.add(target.id, "mint", Person("local", attack), now)
        stream = await unit.streams.insert("mint", cast)
        await unit.deliveries.owe_alerts(stream, now, silent=False)
        (delivery,) = await unit.deliveries.claim("local", "h", 5, now)
        await unit.deliveries.mark_dead(delivery, "fault", now)
    write(service.store.name, "UPDATE deliveries SET error = ?", [(attack,)])
    message = Message(
        kind=MessageKind.ALERT,
        title=attack,
        lines=(
            (Span(attack), Span(attack, bold=True), Span(attack, code=True)),
            (Span(attack, url=attack), Span("link", url=f"https://pump.fun/{attack}")),
        ),
        tone=Tone.LIVE,
        buttons=((Button(attack, url="https://pump.fun"), Button(attack, action="clip:mint")),),
    )
    await service.local.sender.send(target, message, nonce="1")


@pytest.mark.parametrize("attacks", [ATTACKS[:5], ATTACKS[5:]], ids=["markup", "text"])
async def test_an_attack_is_shown_as_the_text_that_it_is(
    service: Service, browser: Browser, origin: str, attacks: tuple[str, ...]
) -> None:
    attack = " ".join(attacks)
    await fill(service, attack)
    service.commands.suggestions = [suggestion(f"/clip {attack}", f"/clip – {attack}")]
    async with Tab.opened(browser, origin, width=390, height=844) as tab:
        alert = tab.messages("alert")
        await expect(alert.locator("h3")).to_have_text(attack)
        await tab.field.fill("/clip")
        await expect(tab.options).to_have_count(1)
        await tab.field.press("Escape")
        await tab.say(attack)
        await expect(tab.messages("reply")).to_be_visible()
        await alert.get_by_role("button", name="Reply").click()
        await expect(tab.page.locator("#things")).to_contain_text(attacks[0][:16])
        await tab.page.locator("#text").evaluate("field => field.removeAttribute('style')")
        assert await tab.page.evaluate(_INTRUDERS) == [0, 0, 0, 0, "undefined"]
        assert await tab.sideways() <= 0


_STOPPED = [
    "connect-src",
    "form-action",
    "frame-src",
    "img-src",
    "script-src-attr",
    "script-src-elem",
    "style-src-attr",
]


async def test_the_policy_would_stop_a_script_that_got_in(browser: Browser, origin: str) -> None:
    """Should a defect ever let markup through, nothing of it runs and nothing leaves."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(origin)
    await page.evaluate("""async () => {
      const seen = window.stopped = new Set();
      document.addEventListener("securitypolicyviolation", (e) => seen.add(e.effectiveDirective));
      document.body.insertAdjacentHTML("beforeend", `
        <img src="x" onerror="window.pwned = 1"><img src="http://127.0.0.1:9/leak">
        <iframe src="/"></iframe><form action="/api/messages" method="post"></form>
        <p style="color: red">`);
      document.body.append(Object.assign(document.createElement("script"), { text: "pwned = 1" }));
      await fetch("http://127.0.0.1:9/leak").catch(() => {});
      document.querySelector("form:last-of-type").submit();
    }""")
    # The browser reports some of them from another process, whenever it comes to it.
    await page.wait_for_function(
        "expected => expected.every(directive => window.stopped.has(directive))",
        arg=_STOPPED,
        timeout=1000 * PATIENCE,
    )
    assert await page.evaluate("typeof window.pwned") == "undefined"
    await context.close()
