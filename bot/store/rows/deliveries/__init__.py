"""What targets are owed, and what they have been shown."""

from __future__ import annotations

from bot.store.rows.deliveries.claims import Claims
from bot.store.rows.deliveries.outbox import Outbox
from bot.store.rows.deliveries.queries import DeliveryQueries


class Deliveries(Outbox, Claims, DeliveryQueries):
    """Deliveries: how they come to be owed, how they are worked on, and what they tell.

    `due → claimed → sending → sent | uncertain | dead`. A row is *open*, there is something to be
    done, while it is due, or sent with more wanted than shown. A claim takes it for one worker
    and counts its epoch up; every mark names both, and says False once they are another's.
    """
