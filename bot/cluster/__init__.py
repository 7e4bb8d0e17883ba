"""Several nodes that share one database: which of them does what only one may do, and where
all have their files."""

from bot.cluster.lease_keeper import LeaseKeeper
from bot.cluster.node import leadership_of, notifier_of, shared_files
from bot.cluster.relay import Relay
from bot.cluster.s3_files import S3FileStore

__all__ = ["LeaseKeeper", "Relay", "S3FileStore", "leadership_of", "notifier_of", "shared_files"]
