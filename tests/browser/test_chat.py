"""What a person does on the page, in the browser: type, press, watch, reload."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Literal

import pytest
from playwright.async_api import Browser, Route, expect

from bot.commands import Request
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.kit.timing.clock import SystemClock
from bot.model import (
    Action,
    Button,
    Coin,
    Message,
    MessageKind,
    Option,
    Person,
    Select,
    Span,
    Tone,
    Verb,
    plain,
)
from bot.ops import HttpServer
from tests.browser.media import stored_clip, stored_moving, stored_picture
from tests.browser.tab import Tab
from tests.fakes.commands import suggestion
from tests.platforms.local.conftest import Service
from tests.platforms.local.test_status import LIVE

MINT = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU"
CLIP = Action(Verb.CLIP, MINT).encode()
ALERT = Message(
    kind=MessageKind.ALERT,
    title="$MINT is live",
    lines=((Span("gm from the card"),), (Span(MINT, code=True),)),
    tone=Tone.LIVE,
    buttons=(
        (Button("Watch", url="https://pump.fun/coin/x"), Button("Clip", action=CLIP)),
        (Button("Copy address", copy=MINT),),
    ),
)

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def show(service: Service, message: Message, nonce: str, reply_to: str | None = None) -> str:
    target = await service.target()
    return await service.local.sender.send(target, message, nonce=nonce, reply_to=reply_to)


def bare_server(port: int) -> HttpServer:
    """The port without the page."""
    health = Health(SystemClock())
    return HttpServer("127.0.0.1", port, password=None, health=health, metrics=Metrics())


async def test_an_empty_page_says_what_to_type_first(tab: Tab) -> None:
    await expect(tab.page.get_by_text("Nothing here yet")).to_be_visible()
    await tab.page.get_by_role("button", name="/subscribe a coin").click()
    await expect(tab.field).to_have_value("/subscribe ")
    await expect(tab.field).to_be_focused()


async def test_an_empty_page_offers_the_coins_that_are_live(service: Service, tab: Tab) -> None:
    line = f"/subscribe {MINT}"
    service.commands.suggestions = [suggestion(line, "Mint Coin ($MINT)")]
    await tab.page.get_by_role("button", name="Subscribe to Mint Coin ($MINT)").click()
    await expect(tab.messages("message")).to_contain_text(line)
    assert [text for text, _ in service.commands.asked] == [line]


async def test_a_command_is_answered(tab: Tab) -> None:
    await tab.say("/help")
    await expect(tab.messages("message")).to_contain_text("/help")
    await expect(tab.messages("reply")).to_contain_text("heard you")
    await expect(tab.page.get_by_text("Nothing here yet")).to_be_hidden()
    await expect(tab.field).to_have_value("")
    await expect(tab.page.locator("#announcer")).to_have_text("heard you")


async def test_an_alert_arrives_with_its_picture(service: Service, tab: Tab) -> None:
    picture = await stored_picture(service.files)
    await show(service, replace(ALERT, picture=picture), "1")
    image = tab.messages("alert").locator("img")
    await expect(image).to_be_visible()
    await image.evaluate("image => image.decode()")
    assert await image.evaluate("image => image.naturalWidth") == picture.width


async def test_an_alerts_title_leads_to_its_coin(service: Service, tab: Tab) -> None:
    await show(service, replace(ALERT, link=f"https://pump.fun/coin/{MINT}"), "1")
    title = tab.messages("alert").get_by_role("heading").get_by_role("link")
    await expect(title).to_have_attribute("href", f"https://pump.fun/coin/{MINT}")
    await expect(title).to_have_attribute("rel", "noopener noreferrer")


async def test_a_clip_plays(service: Service, tab: Tab) -> None:
    clip = Message(kind=MessageKind.CLIP, title="30 s of $MINT", video=stored_clip(service.files))
    await show(service, clip, "1")
    video = tab.messages("clip").locator("video")
    await expect(video).to_be_visible()
    assert await video.get_attribute("preload") == "metadata"
    assert await video.evaluate("video => video.controls")
    await video.evaluate("video => video.play()")
    await tab.page.wait_for_function("() => document.querySelector('video').currentTime > 0.5")
    assert await video.evaluate("video => video.videoWidth") == 640
    assert await video.evaluate("video => video.error") is None
    download = tab.messages("clip").get_by_role("link", name="Download")
    async with tab.page.expect_download() as started:
        await download.click()
    assert (await started.value).suggested_filename.endswith(".mp4")


async def test_a_clip_plays_on_while_its_message_changes(service: Service, tab: Tab) -> None:
    clip = Message(kind=MessageKind.CLIP, title="A clip", video=stored_clip(service.files))
    sent = await show(service, clip, "1")
    video = tab.messages("clip").locator("video")
    await video.evaluate(
        "video => { window.first = video; video.loop = true; return video.play(); }"
    )
    await service.local.sender.edit(await service.target(), sent, replace(clip, title="Changed"))
    await expect(tab.messages("clip")).to_contain_text("Changed")
    assert await video.evaluate("video => video === window.first && !video.paused")


async def test_a_clip_is_cut_anew_where_it_stands(service: Service, tab: Tab) -> None:
    def clip(job_id: int, seconds: float) -> Message:
        verbs = {"earlier": "◀ 10 s", "later": "10 s ▶", "longer": "Longer", "shorter": "Shorter"}
        recuts = (Button(label, f"{verb}:{job_id}") for verb, label in verbs.items())
        rest = (Button("Again", f"again:{job_id}"), Button("Delete", f"delete:{job_id}"))
        video = stored_clip(service.files, seconds)
        title = f"{seconds:g} s of $MINT"
        return Message(
            kind=MessageKind.CLIP, title=title, video=video, buttons=(tuple(recuts), rest)
        )

    sent = await show(service, clip(1, 2.0), "1")

    async def longer(request: Request) -> None:
        await service.local.sender.edit(await service.target(), sent, clip(2, 3.0))
        word = Message(kind=MessageKind.TOAST, lines=((Span("Now 3 s long."),),))
        await request.reply.show(word)

    service.commands.acts["longer:1"] = longer
    shown = tab.messages("clip")
    before = await shown.locator("video").get_attribute("data-src")
    await shown.get_by_role("button", name="Longer").focus()
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator("#toast")).to_contain_text("Now 3 s long.")
    await expect(shown).to_contain_text("3 s of $MINT")
    await expect(shown.locator("video")).to_have_js_property("duration", 3)
    assert await shown.locator("video").get_attribute("data-src") != before
    await expect(tab.page.locator(".message")).to_have_count(1)
    await expect(shown.get_by_role("button", name="Longer")).to_be_focused()
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator("#toast")).to_contain_text("heard you")
    assert [action for action, _ in service.commands.asked] == ["longer:1", "longer:2"]


async def test_a_clip_that_is_gone_says_so(service: Service, tab: Tab) -> None:
    video = stored_clip(service.files)
    await service.files.delete(video.key)
    await show(service, Message(kind=MessageKind.CLIP, video=video), "1")
    await expect(tab.messages("clip")).to_contain_text("This clip is no longer kept.")
    await expect(tab.messages("clip").get_by_text("Download")).to_be_hidden()


async def test_what_comes_while_earlier_messages_load_is_not_lost(
    service: Service, tab: Tab
) -> None:
    ids = [await show(service, plain(f"message {n} of many"), str(n)) for n in range(152)]
    await tab.page.reload()
    log = tab.page.locator("#log")
    await expect(log.get_by_text("message 151 of many")).to_be_visible()

    async def answer_late(route: Route) -> None:
        answered = await route.fetch()
        await service.local.sender.delete(await service.target(), ids[-1])
        await show(service, plain("it came late"), "late")
        await expect(log.get_by_text("it came late")).to_be_visible()
        await route.fulfill(response=answered)

    await tab.page.route("**/api/messages?limit=1000", answer_late)
    await tab.page.get_by_role("button", name="Show earlier").click()
    await expect(log.get_by_text("message 0 of many")).to_be_attached()
    await expect(log.get_by_text("it came late")).to_have_count(1)
    await expect(log.get_by_text("message 151 of many")).to_have_count(0)


async def test_progress_is_shown_and_becomes_the_answer(service: Service, tab: Tab) -> None:
    go = asyncio.Event()

    async def clip(request: Request) -> None:
        bar = Message(kind=MessageKind.PROGRESS, title="Recording", progress=0.25)
        await request.reply.show(bar)
        await go.wait()
        await request.reply.show(plain("Here it is"))

    service.commands.acts["/clip"] = clip
    await tab.say("/clip")
    bar = tab.messages("progress").get_by_role("progressbar")
    await expect(bar).to_have_attribute("value", "0.25")
    go.set()
    await expect(tab.messages("reply")).to_contain_text("Here it is")
    await expect(bar).to_have_count(0)


async def test_buttons_press_open_and_copy(service: Service, browser: Browser, origin: str) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    async with Tab.opened(browser, origin, permissions=permissions) as tab:
        sent = await show(service, ALERT, "1")
        alert = tab.messages("alert")
        await alert.get_by_role("button", name="Clip").click()
        await expect(tab.page.locator("#toast")).to_contain_text("heard you")
        await expect(tab.page.locator(".message")).to_have_count(1)
        ((action, request),) = service.commands.asked
        assert (action, request.message_id) == (CLIP, sent)
        watch = alert.get_by_role("link", name="Watch")
        assert await watch.get_attribute("href") == "https://pump.fun/coin/x"
        assert await watch.get_attribute("rel") == "noopener noreferrer"
        await alert.get_by_role("button", name="Copy address").click()
        await expect(alert.get_by_role("button", name="Copied")).to_be_visible()
        assert await tab.page.evaluate("navigator.clipboard.readText()") == MINT


async def test_one_of_many_is_chosen_again_and_again(service: Service, tab: Tab) -> None:
    options = tuple(Option(f"mint{number}", f"Coin {number}") for number in range(5))
    listed = Message(title="5 coins live", selects=(Select("live:", "Choose a coin", options),))
    await show(service, listed, "1")
    choice = tab.messages("reply").get_by_label("Choose a coin")
    for number in (3, 3, 1):
        await choice.select_option(label=f"Coin {number}")
        await expect(choice.locator("option:checked")).to_have_text("Choose…")
    assert [action for action, _ in service.commands.asked] == [
        "live:mint3",
        "live:mint3",
        "live:mint1",
    ]


async def test_copying_works_without_a_clipboard(service: Service, tab: Tab) -> None:
    """As over plain HTTP on another machine."""
    await show(service, ALERT, "1")
    await tab.page.evaluate("""() => {
      Object.defineProperty(navigator, 'clipboard', { value: undefined });
      document.addEventListener('copy', () => (window.copied = String(document.getSelection())));
    }""")
    await tab.messages("alert").get_by_role("button", name="Copy address").click()
    await expect(tab.messages("alert").get_by_role("button", name="Copied")).to_be_visible()


async def test_an_alert_is_answered_by_hand(service: Service, tab: Tab) -> None:
    sent = await show(service, ALERT, "1")
    await tab.messages("alert").get_by_role("button", name="Reply").click()
    await expect(tab.page.locator("#answering")).to_contain_text("$MINT is live")
    await tab.say("/clip 30s")
    await expect(tab.messages("reply")).to_be_visible()
    ((_, request),) = service.commands.asked
    assert request.message_id == sent
    await expect(tab.page.locator("#answering")).to_be_hidden()


async def test_sending_one_answer_takes_back_no_other(service: Service, tab: Tab) -> None:
    await show(service, ALERT, "1")
    await show(service, replace(ALERT, title="🔴 Other is live"), "2")
    replies = tab.messages("alert").get_by_role("button", name="Reply")

    async def answer_late(route: Route) -> None:
        await replies.last.click()
        await route.continue_()

    await tab.page.route("**/api/messages", answer_late)
    await replies.first.click()
    await tab.say("/clip 30s")
    await expect(tab.messages("reply")).to_be_visible()
    await expect(tab.page.locator("#answering")).to_contain_text("Other is live")


async def test_a_reload_keeps_the_history(service: Service, tab: Tab) -> None:
    await tab.say("/help")
    await expect(tab.messages("reply")).to_be_visible()
    await show(service, ALERT, "1")
    await expect(tab.messages("alert")).to_be_visible()
    before = await tab.page.locator(".message").all_inner_texts()
    await tab.open()
    await expect(tab.messages("alert")).to_be_visible()
    assert await tab.page.locator(".message").all_inner_texts() == before
    await tab.say("/again")
    await expect(tab.messages("message")).to_have_count(2)


async def test_an_edit_and_a_deletion_reach_the_page(service: Service, tab: Tab) -> None:
    target = await service.target()
    sent = await show(service, ALERT, "1")
    await expect(tab.messages("alert")).to_contain_text("is live")
    ended = replace(ALERT, title="$MINT has ended", tone=Tone.ENDED, buttons=())
    await service.local.sender.edit(target, sent, ended)
    await expect(tab.messages("alert")).to_contain_text("has ended")
    await expect(tab.messages("alert")).to_have_attribute("data-tone", "ended")
    await expect(tab.messages("alert").get_by_role("button", name="Clip")).to_have_count(0)
    await service.local.sender.delete(target, sent)
    await expect(tab.messages("alert")).to_have_count(0)
    await expect(tab.page.get_by_text("Nothing here yet")).to_be_visible()


async def test_suggestions_are_taken_by_keys(service: Service, tab: Tab) -> None:
    service.commands.suggestions = [
        suggestion("/subscribe ", "/subscribe – hear of a coin"),
        suggestion("/subscriptions", "/subscriptions – what is followed"),
        suggestion("/help", "/help – what I can do"),
    ]
    await tab.field.press_sequentially("/s")
    await expect(tab.options).to_have_count(2)
    await expect(tab.page.locator("#announcer")).to_have_text("2 suggestions")
    await tab.field.press("ArrowDown")
    await tab.field.press("ArrowDown")
    await expect(tab.options.nth(1)).to_have_attribute("aria-selected", "true")
    await expect(tab.field).to_have_attribute("aria-activedescendant", "suggestion-1")
    await tab.field.press("ArrowUp")
    await tab.field.press("Enter")
    await expect(tab.field).to_have_value("/subscribe ")
    assert service.commands.asked == [], "it was completed, not sent"
    await tab.field.fill("/h")
    await expect(tab.options).to_have_count(1)
    await tab.field.press("Escape")
    await expect(tab.options).to_have_count(0)
    await tab.field.fill("/he")
    await expect(tab.options).to_have_count(1)
    await tab.field.press("Tab")
    await expect(tab.field).to_have_value("/help")
    await tab.field.press("Enter")
    await expect(tab.messages("reply")).to_be_visible()


async def test_a_suggestion_is_taken_by_a_click(service: Service, tab: Tab) -> None:
    service.commands.suggestions = [suggestion("/help", "/help – what I can do")]
    await tab.field.press_sequentially("/")
    await tab.options.first.click()
    await expect(tab.field).to_have_value("/help")
    await expect(tab.field).to_be_focused()


async def test_a_command_in_a_message_is_filled_in_by_a_click(service: Service, tab: Tab) -> None:
    await show(service, Message(lines=((Span("/clip", command="clip"), Span(" it")),)), "told")
    await tab.page.get_by_role("button", name="/clip", exact=True).click()
    await expect(tab.field).to_have_value("/clip ")
    await expect(tab.field).to_be_focused()


async def test_lines_and_the_last_command_are_at_hand(service: Service, tab: Tab) -> None:
    await tab.field.fill("/subscribe one")
    await tab.field.press("Shift+Enter")
    await tab.field.press_sequentially("two")
    await tab.field.press("Enter")
    await expect(tab.messages("reply")).to_be_visible()
    assert service.commands.asked[0][0] == "/subscribe one\ntwo"
    await tab.field.press("ArrowUp")
    await expect(tab.field).to_have_value("/subscribe one\ntwo")


async def test_a_reader_of_the_past_is_left_there(service: Service, tab: Tab) -> None:
    for number in range(40):
        await show(service, plain(f"message {number}"), str(number))
    await expect(tab.messages("reply")).to_have_count(40)
    await expect(tab.messages("reply").last).to_be_in_viewport()
    scroller = tab.page.locator("#scroller")
    await scroller.evaluate("element => (element.scrollTop = 0)")
    await tab.page.wait_for_timeout(100)
    await show(service, plain("news"), "news")
    pill = tab.page.get_by_role("button", name="1 new message")
    await expect(pill).to_be_visible()
    assert await scroller.evaluate("element => element.scrollTop") == 0
    await pill.click()
    await expect(tab.messages("reply").last).to_be_in_viewport()
    await expect(pill).to_be_hidden()


async def test_what_the_service_refuses_is_said_and_kept(service: Service, tab: Tab) -> None:
    await service.local.close_dispatcher()
    await tab.say("/help")
    await expect(tab.page.get_by_role("alert")).to_contain_text("Mintcast is stopping")
    await expect(tab.field).to_have_value("/help")


async def test_the_page_reconnects_by_itself_without_a_gap(
    service: Service, browser: Browser
) -> None:
    async with service.serving() as origin:
        port = int(origin.rpartition(":")[2])
        opening = Tab.opened(browser, origin)
        tab = await opening.__aenter__()
        await show(service, plain("before"), "1")
        await expect(tab.messages("reply")).to_have_count(1)
    again = Service(service.folder, service.store, service.clock)
    try:
        await expect(tab.page.locator("#banner")).to_contain_text("Reconnecting")
        await show(again, plain("while away"), "2")
        # What answers, and has no events, makes the browser give up: then the page begins again.
        async with tab.page.expect_response("**/api/events*") as refused, bare_server(port):
            assert (await refused.value).status == 404
        async with again.serving(port):
            await expect(tab.messages("reply")).to_have_count(2)
            await expect(tab.page.locator("#banner")).to_be_hidden()
    finally:
        await opening.__aexit__(None, None, None)


async def test_the_side_shows_coins_and_the_state_of_things(service: Service, tab: Tab) -> None:

    target = await service.target()
    now = service.clock.now()
    service.health.part("pump.fun").bad("it did not answer")
    async with service.store.write() as unit:
        await unit.coins.put(Coin(MINT, symbol="MINT", name="Mint Coin"))
        await unit.subscriptions.add(target.id, MINT, Person("local", "you"), now)
        await unit.streams.insert(MINT, LIVE)
    await show(service, plain("news"), "1")
    coin = tab.page.locator("#coins > li")
    await expect(coin).to_have_attribute("data-state", "live")
    await expect(coin).to_contain_text("12 viewers")
    await expect(tab.page.locator("#summary")).to_have_text("1 coin, 1 live")
    await expect(tab.page.locator("#things")).to_contain_text("it did not answer")
    await expect(tab.page.locator("#things")).to_contain_text("free of")
    await coin.locator("summary").click()
    await coin.get_by_role("button", name="History").click()
    await expect(tab.messages("message")).to_contain_text(f"/history {MINT}")
    await coin.get_by_role("button", name="Unsubscribe").click()
    await expect(tab.messages("message").last).to_contain_text(f"/unsubscribe {MINT}")


@pytest.mark.parametrize("name", ["History", "Unsubscribe", None])
async def test_the_focus_stays_with_a_coin_whose_viewers_change(
    service: Service, tab: Tab, name: str | None
) -> None:
    target, now = await service.target(), service.clock.now()
    async with service.store.write() as unit:
        for mint in (MINT, MINT[::-1]):
            await unit.subscriptions.add(target.id, mint, Person("local", "you"), now)
        stream_id = await unit.streams.insert(MINT, LIVE)
    await show(service, plain("news"), "1")
    coin = tab.page.locator(f'#coins [data-mint="{MINT}"]')
    summary = coin.locator("summary")
    await summary.click()
    focused = coin.get_by_role("button", name=name) if name else summary
    await focused.focus()
    async with service.store.write() as unit:
        stream = await unit.streams.get(stream_id)
        assert stream is not None
        await unit.streams.update(stream.id, replace(stream.broadcast, viewers=13))
    await show(service, plain("more news"), "2")
    await expect(coin).to_contain_text("13 viewers")
    await expect(focused).to_be_focused()


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
async def test_a_moving_picture_plays_without_sound_unless_little_motion_is_wanted(
    service: Service, tab: Tab, motion: Literal["no-preference", "reduce"]
) -> None:
    await tab.page.emulate_media(reduced_motion=motion)
    picture, moving = await stored_picture(service.files), await stored_moving(service.files)
    await show(service, replace(ALERT, picture=picture, moving=moving), "1")
    shown = tab.messages("alert").locator("video.moving")
    await shown.scroll_into_view_if_needed()
    is_calm = motion == "reduce"
    plays = "it => new Promise(done => it.readyState > 2 ? done() : it.oncanplay = done)"
    await shown.evaluate(plays)
    facts = "it => [it.muted, it.loop, it.autoplay, it.controls, it.paused]"
    assert await shown.evaluate(facts) == [True, True, not is_calm, is_calm, is_calm]
    await expect(tab.messages("alert").get_by_role("img")).to_have_count(0)
    await tab.shoot(f"moving-{motion}")
    if not is_calm:
        await shown.click()
        assert await shown.evaluate("it => it.paused")


async def test_where_its_file_is_gone_the_still_stands_there(service: Service, tab: Tab) -> None:
    picture, moving = await stored_picture(service.files), await stored_moving(service.files)
    await service.files.delete(moving.key)
    await show(service, replace(ALERT, picture=picture, moving=moving), "1")
    await expect(tab.messages("alert").get_by_role("img")).to_be_visible()
