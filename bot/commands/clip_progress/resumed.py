"""Cards that an earlier life of the service has shown: they go on, and go, as any other."""

from __future__ import annotations

from collections.abc import Callable

from bot.alerts import Cards, Fault, Sender, SendError
from bot.commands import formatting
from bot.commands.clip_progress.follower import ProgressFollower
from bot.commands.context import CommandContext
from bot.errors import StoreError
from bot.kit.rate_limits import REPLY
from bot.model import ClipJob, Message, Target
from bot.store import Unit

SenderOf = Callable[[str], Sender | None]
"""By its name; None: its platform is not there, or not yet."""

PACE = 15.0
"""Whatever the platform: nobody who waits since before a restart counts seconds."""


class ResumedCard:
    """A `Reply` that is a message of ours, of which is known its id, and what it answers."""

    pace = PACE
    reply_to: str | None = None

    def __init__(
        self, sender_of: SenderOf, target: Target, message_id: str, answers: str | None = None
    ) -> None:
        self.request_id = f"card:{message_id}"
        self.message_id: str | None = message_id
        self._id = message_id
        self._sender_of = sender_of
        self._target = target
        self._answers = answers

    @property
    def is_replaceable(self) -> bool:
        """As far as is known: its platform may not be there yet."""
        sender = self._sender_of(self._target.sender)
        return sender is None or isinstance(sender, Cards)

    async def show(self, message: Message) -> None:
        """Raises SendError."""
        sender = self._sender()
        try:
            async with sender.rate_limits.turn(self._target.id, self._target.place_id, REPLY):
                await self._edit(sender, message)
        except SendError as error:
            if error.fault is not Fault.NOT_CHANGED:
                raise

    async def change(self, message: Message) -> None:
        """Raises SendError."""
        await self.show(message)

    async def remove(self) -> None:
        """Raises SendError."""
        sender = self._sender()
        try:
            async with sender.rate_limits.turn(self._target.id, self._target.place_id, REPLY):
                await self._delete(sender)
        except SendError as error:
            if error.fault is not Fault.MESSAGE_GONE:
                raise

    async def _edit(self, sender: Sender, message: Message) -> None:
        if isinstance(sender, Cards):
            await sender.edit_card(self._target, self._id, message, reply_to=self._answers)
        else:
            await sender.edit(self._target, self._id, message)

    async def _delete(self, sender: Sender) -> None:
        if isinstance(sender, Cards):
            await sender.delete_card(self._target, self._id, reply_to=self._answers)
        else:
            await sender.delete(self._target, self._id)

    def _sender(self) -> Sender:
        sender = self._sender_of(self._target.sender)
        if sender is None:
            raise SendError(Fault.NOT_SENT, detail="its platform is not there yet")
        return sender


async def resume_cards(
    context: CommandContext, sender_of: SenderOf, *, is_node: bool = False, by_term: bool = True
) -> None:
    """Follow each clip whose card still stands somewhere, and which nobody follows who is there. A
    service that is alone calls it at its start; a node again and again, which leaves to the others
    what it cannot change. Raises StoreError."""

    def is_ours(target: Target) -> bool:
        return not (is_node and sender_of(target.sender) is None)

    async with context.store.read() as unit:
        if not await _lost_cards(unit, context, is_ours, by_term=by_term):
            return
    lost: list[tuple[ClipJob, Target]] = []
    try:
        async with context.store.write() as unit:
            lost = await _lost_cards(unit, context, is_ours, by_term=by_term)
            coins = await unit.coins.many({job.order.mint for job, _ in lost})
            for job, _ in lost:
                await unit.jobs.take_card(job.id, context.worker_id)
    except StoreError as error:
        if error.in_doubt:  # for all others they may be ours now
            context.doubted_cards.update(job.id for job, _ in lost)
        raise
    context.doubted_cards.difference_update(job.id for job, _ in lost)
    for job, target in lost:
        if job.card_id is not None and job.id not in context.followed:
            card = ResumedCard(sender_of, target, job.card_id, job.order.reply_to)
            name = formatting.ticker(coins.get(job.order.mint), job.order.mint)
            ProgressFollower(context, card, job.id, name).resume()


async def _lost_cards(
    unit: Unit, context: CommandContext, is_ours: Callable[[Target], bool], *, by_term: bool
) -> list[tuple[ClipJob, Target]]:
    """Those that can be changed here, each with where it stands."""
    doubted = context.doubted_cards - context.followed
    jobs = await unit.jobs.lost_cards(context.worker_id, doubted, by_term=by_term)
    targets = await unit.places.many({job.order.target_id for job in jobs})
    found = [(job, targets.get(job.order.target_id)) for job in jobs]
    return [(job, target) for job, target in found if target is not None and is_ours(target)]
