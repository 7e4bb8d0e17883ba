"""The only SQL: a change of state and what it owes are one transaction.

The front of the room. `async with store.write() as unit` is one transaction, and the only way to
write; `store.read()` is a snapshot. `Unit` holds a repository for each family of rows.
"""

from bot.store.backends.sqlite.migrate import inspect_database
from bot.store.retrying import retry_until_saved
from bot.store.rows.coins import Coins
from bot.store.rows.deliveries import Deliveries
from bot.store.rows.jobs import Jobs
from bot.store.rows.key_values import KeyValues
from bot.store.rows.page_messages import PageRows
from bot.store.rows.places import Places
from bot.store.rows.preferences import PreferenceRows
from bot.store.rows.reply_tokens import ANSWERED, Replies
from bot.store.rows.retention import RETAINED, Key, Page, Retention
from bot.store.rows.streams import Streams
from bot.store.rows.subscriptions import Subscriptions
from bot.store.rows.uploads import Pictures
from bot.store.store import Store
from bot.store.unit import Unit
from bot.store.write_timeout import has_saved, write_timeout

__all__ = [
    "ANSWERED",
    "RETAINED",
    "Coins",
    "Deliveries",
    "Jobs",
    "Key",
    "KeyValues",
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
    "retry_until_saved",
    "write_timeout",
]
