"""All families of rows, and the unit of work that holds one of each."""

from __future__ import annotations

from bot.store.rows.base import Connection
from bot.store.rows.cluster.captures import CaptureRows
from bot.store.rows.cluster.files import FileRows
from bot.store.rows.cluster.leases import Leases
from bot.store.rows.cluster.nodes import Nodes
from bot.store.rows.cluster.taken_updates import TakenUpdates
from bot.store.rows.coins import Coins
from bot.store.rows.deliveries import Deliveries
from bot.store.rows.jobs import Jobs
from bot.store.rows.key_values import KeyValues
from bot.store.rows.page_messages import PageRows
from bot.store.rows.places import Places
from bot.store.rows.preferences import PreferenceRows
from bot.store.rows.recordings import Recordings
from bot.store.rows.reply_tokens import ReplyTokens
from bot.store.rows.retention import Retention
from bot.store.rows.ring_candidates import RingCandidates
from bot.store.rows.streams import Streams
from bot.store.rows.subscriptions import Subscriptions
from bot.store.rows.undos import Undos
from bot.store.rows.uploads import Pictures


class Unit:
    """What `Store.write()` and `Store.read()` hand out, to be used inside the `async with` only."""

    def __init__(self, connection: Connection) -> None:
        self.places = Places(connection)
        self.subscriptions = Subscriptions(connection)
        self.preferences = PreferenceRows(connection)
        self.undos = Undos(connection)
        self.coins = Coins(connection)
        self.streams = Streams(connection)
        self.recordings = Recordings(connection)
        self.deliveries = Deliveries(connection)
        self.jobs = Jobs(connection)
        self.ring_candidates = RingCandidates(connection)
        self.pictures = Pictures(connection)
        self.page = PageRows(connection)
        self.key_values = KeyValues(connection)
        self.captures = CaptureRows(connection)
        self.leases = Leases(connection)
        self.nodes = Nodes(connection)
        self.taken_updates = TakenUpdates(connection)
        self.files = FileRows(connection)
        self.replies = ReplyTokens(connection)
        self.retention = Retention(connection)
