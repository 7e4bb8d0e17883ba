"""The only SQL: a change of state and what it owes are one transaction.

The front of the package. `async with store.write() as unit` is one transaction, and the only way to
write; `store.read()` is a snapshot. `Unit` holds a repository for each family of rows.
"""

from bot.store.backends import (
    MOST_NEWS_BYTES,
    Access,
    NodeLink,
    PostgresAddress,
    database_files,
    new_copy_name,
)
from bot.store.copying import (
    Moved,
    MoveProgress,
    move_store,
    report_database,
    report_server,
    restore_database,
    save_database,
)
from bot.store.file_store import DatabaseFileStore
from bot.store.rows import Unit
from bot.store.rows.base import in_parts
from bot.store.rows.cluster.captures import RingElsewhere
from bot.store.rows.cluster.leases import LeaseTerm
from bot.store.rows.cluster.nodes import NodeReport
from bot.store.rows.cluster.taken_updates import TakenUpdate
from bot.store.rows.recordings import SeenMaster
from bot.store.rows.reply_tokens import ANSWERED
from bot.store.rows.retention import RETAINED, Key
from bot.store.rows.ring_candidates import Asked, Follower
from bot.store.store import Store, inspect_database, name_of
from bot.store.write_waits import has_saved, retry_until_saved, write_timeout

__all__ = [
    "ANSWERED",
    "MOST_NEWS_BYTES",
    "RETAINED",
    "Access",
    "Asked",
    "DatabaseFileStore",
    "Follower",
    "Key",
    "LeaseTerm",
    "MoveProgress",
    "Moved",
    "NodeLink",
    "NodeReport",
    "PostgresAddress",
    "RingElsewhere",
    "SeenMaster",
    "Store",
    "TakenUpdate",
    "Unit",
    "database_files",
    "has_saved",
    "in_parts",
    "inspect_database",
    "move_store",
    "name_of",
    "new_copy_name",
    "report_database",
    "report_server",
    "restore_database",
    "retry_until_saved",
    "save_database",
    "write_timeout",
]
