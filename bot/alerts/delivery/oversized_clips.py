"""A clip whose file the platform found too large is made smaller, once, and sent again.

The delivery is put off meanwhile: an encoder takes its time, and nobody else is to wait for it.
What is wanted stands in the delivery's body, so that the next run goes on where this one ended.
`bot.clips` encodes it (`AlertContext.shrink`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from bot.alerts.context import AlertContext
from bot.alerts.planning import compose
from bot.alerts.planning.plan import Show
from bot.alerts.ports import Fault, SendError
from bot.kit.notifier import DELIVERIES
from bot.kit.tasks import Tasks
from bot.model import Delivery, DeliveryKind

_SHARE = 0.8
"""Of the size that was refused, where the platform does not say how large a file may be."""

_LONGEST_SECONDS = 120.0
"""What is being made smaller when the service ends is taken up again after so long."""


@dataclass(frozen=True, slots=True)
class _Limit:
    """`Delivery.body` of a clip that was too large. `tried`: as small as it gets."""

    most_bytes: int
    tried: bool = False


class OversizedClips:
    """Of one sender. `stop` ends what is under way."""

    def __init__(self, context: AlertContext) -> None:
        self._context = context
        self._tasks = Tasks()
        self._under_way: set[int] = set()

    async def stop(self) -> None:
        """What is not ready is begun anew by the next run."""
        await self._tasks.stop()

    async def retry_smaller(self, d: Delivery, show: Show, error: SendError) -> bool:
        """Whether this refusal is the first for its size, and something is done about that."""
        video = show.message.video
        if error.fault is not Fault.TOO_LARGE or video is None or d.body is not None:
            return False
        limit = error.limit
        if limit is None or limit >= video.bytes:
            limit = int(_SHARE * video.bytes)
        await self._make(d, _Limit(limit))
        return True

    async def fitting(self, d: Delivery, show: Show) -> Show | None:
        """What can be sent, after what an earlier try has shown; None: it is not ready yet."""
        video = show.message.video
        if d.kind is not DeliveryKind.CLIP or d.body is None or video is None:
            return show
        limit = _Limit(**json.loads(d.body))
        if video.bytes <= limit.most_bytes:
            return show
        if limit.tried:
            less = compose.plainer(show.message, too_large=True)
            return show if less is None else replace(show, message=less)
        await self._make(d, limit)
        return None

    async def _make(self, d: Delivery, limit: _Limit) -> None:
        due_at = self._context.after(_LONGEST_SECONDS)
        body = json.dumps(asdict(limit))
        await self._context.mark(
            lambda unit: unit.deliveries.put_off(d, due_at, Fault.TOO_LARGE, count=False, body=body)
        )
        if d.id not in self._under_way:
            self._under_way.add(d.id)
            self._tasks.start(self._shrink(d, limit), name=f"delivery-{d.id}-smaller")

    async def _shrink(self, d: Delivery, limit: _Limit) -> None:
        try:
            await self._context.shrink(d.job_id or 0, limit.most_bytes)
        finally:
            self._under_way.discard(d.id)
        body, now = json.dumps(asdict(replace(limit, tried=True))), self._context.now()
        await self._context.mark_surely(lambda unit: unit.deliveries.bring_forward(d, now, body))
        self._context.notifier.notify(DELIVERIES)
