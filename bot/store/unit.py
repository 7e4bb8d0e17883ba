"""One transaction, as the families of rows that it may touch."""

from __future__ import annotations

from bot.store.coins import Coins
from bot.store.connection import Connection
from bot.store.deliveries import Deliveries
from bot.store.facts import Facts
from bot.store.jobs import Jobs
from bot.store.page import PageRows
from bot.store.pictures import Pictures
from bot.store.places import Places
from bot.store.preferences import PreferenceRows
from bot.store.replies import Replies
from bot.store.retention import Retention
from bot.store.streams import Streams
from bot.store.subscriptions import Subscriptions


class Unit:
    """What `Store.write()` and `Store.read()` hand out, to be used inside the `async with` only."""

    def __init__(self, connection: Connection) -> None:
        self.places = Places(connection)
        self.subscriptions = Subscriptions(connection)
        self.preferences = PreferenceRows(connection)
        self.coins = Coins(connection)
        self.streams = Streams(connection)
        self.deliveries = Deliveries(connection)
        self.jobs = Jobs(connection)
        self.pictures = Pictures(connection)
        self.page = PageRows(connection)
        self.facts = Facts(connection)
        self.replies = Replies(connection)
        self.retention = Retention(connection)
