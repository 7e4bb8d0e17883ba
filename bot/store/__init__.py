"""The only SQL: a change of state and what it owes are one transaction.

The front of the room. `async with store.write() as unit` is one transaction, and the only way to
write; `store.read()` is a snapshot. `Unit` holds a repository for each family of rows.
"""

from bot.store.coins import Coins
from bot.store.database import Store
from bot.store.deliveries import Deliveries
from bot.store.facts import Facts
from bot.store.jobs import Jobs
from bot.store.migrating import inspect_database
from bot.store.page import PageRows
from bot.store.pictures import Pictures
from bot.store.places import Places
from bot.store.preferences import PreferenceRows
from bot.store.replies import ANSWERED, Replies
from bot.store.retention import RETAINED, Key, Page, Retention
from bot.store.streams import Streams
from bot.store.subscriptions import Subscriptions
from bot.store.surely import surely
from bot.store.unit import Unit
from bot.store.write_timeout import has_saved, write_timeout

__all__ = [
    "ANSWERED",
    "RETAINED",
    "Coins",
    "Deliveries",
    "Facts",
    "Jobs",
    "Key",
    "Page",
    "PageRows",
    "Pictures",
    "Places",
    "PreferenceRows",
    "Replies",
    "Retention",
    "Store",
    "Streams",
    "Subscriptions",
    "Unit",
    "has_saved",
    "inspect_database",
    "surely",
    "write_timeout",
]
