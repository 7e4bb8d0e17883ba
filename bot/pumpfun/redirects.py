"""Where an answer redirects is text like any other: it is judged before it is followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import httpx

    from bot.errors import PumpfunError
    from bot.model import Asker
    from bot.pumpfun.failures import Endpoint
    from bot.pumpfun.http import Answer, Http, Keep

MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Guard(Protocol):
    """Who says where we go: `MediaHosts`, or for a recording its `RecordingFolder`."""

    def checked(self, text: str, base: httpx.URL) -> httpx.URL:
        """`text` as a URL, from `base` if relative. Raises `refusal`."""
        ...

    def refusal(self, detail: str) -> PumpfunError:
        """What is raised where we do not go on."""
        ...


async def follow(
    http: Http,
    endpoint: Endpoint,
    url: httpx.URL,
    guard: Guard,
    *,
    most_bytes: int,
    asker: Asker,
    keep: Keep | None = None,
) -> Answer:
    """The answer at `url`, or where it redirects, with status 200. Raises as `Http.ask` does, and
    as `guard` does, also for more than `MOST_REDIRECTS`."""
    for _ in range(MOST_REDIRECTS + 1):
        answer = await http.ask(
            endpoint,
            url,
            most_bytes=most_bytes,
            accept=_REDIRECTS | {200},
            asker=asker,
            keep=keep,
        )
        if answer.status == 200:
            return answer
        url = guard.checked(answer.headers.get("location", ""), url)
    raise guard.refusal(f"more than {MOST_REDIRECTS} redirects")
