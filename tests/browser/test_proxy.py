"""The page behind a real nginx, as docs/proxy.md has it, in the browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Response, expect

from bot.model import Message, MessageKind
from tests.browser.media import stored_clip, stored_picture
from tests.browser.nginx import nginx
from tests.browser.tab import Tab
from tests.browser.test_chat import ALERT, MINT, show
from tests.ops.raw_client import ask
from tests.platforms.local.conftest import Service

PASSWORD = "open sesame"
KEPT = {"username": "anybody", "password": PASSWORD}
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.asyncio(loop_scope="package")


def documented() -> Iterator[str]:
    """The locations in docs/proxy.md."""
    text = (ROOT / "docs" / "proxy.md").read_text()
    for block in re.findall(r"```nginx\n(.+?)```", text, re.DOTALL):
        yield from re.findall(r"location .+?\n    }", block, re.DOTALL)


@dataclass(frozen=True)
class Way:
    """A location of nginx, where the page is behind it, and what Mintcast is told."""

    location: str
    path: str = "/"
    base_path: str = ""
    host: str = "127.0.0.1"


AT_ROOT, BELOW = documented()
BARE = "proxy_pass http://127.0.0.1:8080;"
WAYS = {
    "root": Way(AT_ROOT),
    "path": Way(BELOW, "/mintcast/"),
    # No HTTPS, no header set, the host renamed: the browser sends no Sec-Fetch-Site there.
    "bare": Way(f"location / {{ {BARE} }}", host="mint.example"),
    "left on": Way(f"location /mintcast/ {{ {BARE} }}", "/mintcast/", "/mintcast"),
}


async def test_the_documentation_has_a_root_and_a_path() -> None:
    assert AT_ROOT.startswith("location / ")
    assert BELOW.startswith("location /mintcast/ ")


@pytest.mark.parametrize(
    "name",
    [
        "path",
        "bare",
        pytest.param("root", marks=pytest.mark.soak),
        pytest.param("left on", marks=pytest.mark.soak),
    ],
)
async def test_the_page_works_behind_nginx(
    browser: Browser, service: Service, tmp_path: Path, name: str
) -> None:
    way = WAYS[name]
    async with service.serving(password=PASSWORD, base_path=way.base_path) as inner:
        location = way.location.replace("127.0.0.1:8080", inner.removeprefix("http://"))
        async with nginx(tmp_path / "nginx", location) as port:
            outer = f"http://{way.host}:{port}{way.path}"
            await is_closed_without_the_password(f"http://127.0.0.1:{port}", way.path)
            async with Tab.opened(browser, outer, http_credentials=KEPT) as tab:
                await walk(service, tab)
                await tab.shoot(f"proxy-{name.replace(' ', '-')}")
                await tab.open()
                await expect(tab.messages("clip").locator("video")).to_be_visible()


async def is_closed_without_the_password(origin: str, path: str) -> None:
    for part in ("", "api/status", "page/app.js", "metrics"):
        assert (await ask(origin, path + part)).status == 401
    assert set((await ask(origin, f"{path}healthz")).json) == {"status"}


async def walk(service: Service, tab: Tab) -> None:
    """Subscribe, see the alert with its picture come in, and play a clip from its middle."""
    await tab.say(f"/subscribe {MINT}")
    await expect(tab.messages("reply")).to_contain_text("heard you")
    picture = await stored_picture(service.files)
    await show(service, replace(ALERT, picture=picture), "1")
    image = tab.messages("alert").locator("img")
    await image.evaluate("image => image.decode()")
    assert await image.evaluate("image => image.naturalWidth") == picture.width
    await tab.messages("alert").get_by_role("button", name="Clip").click()
    await expect(tab.page.locator("#toast")).to_contain_text("heard you")

    parts: list[int] = []
    tab.page.on("response", lambda response: parts.append(_part(response)))
    clip = Message(kind=MessageKind.CLIP, title="$MINT", video=stored_clip(service.files))
    await show(service, clip, "2")
    video = tab.messages("clip").locator("video")
    await video.evaluate("video => { video.currentTime = 1.5; return video.play(); }")
    await tab.page.wait_for_function("() => document.querySelector('video').currentTime > 1.6")
    assert 206 in parts


def _part(response: Response) -> int:
    return response.status if response.url.endswith(".mp4") else 0


async def test_without_a_password_nothing_is_shown_through_nginx(
    service: Service, tmp_path: Path
) -> None:
    async with service.serving() as inner:
        for number, location in enumerate((AT_ROOT, f"location / {{ {BARE} }}")):
            location = location.replace("127.0.0.1:8080", inner.removeprefix("http://"))
            async with nginx(tmp_path / str(number), location) as port:
                origin = f"http://127.0.0.1:{port}"
                answer = await ask(origin, "/api/status")
                assert answer.status == 403
                assert "HTTP_PASSWORD" in answer.json["error"]
