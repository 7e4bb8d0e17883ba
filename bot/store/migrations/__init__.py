"""Alembic's scripts, one after the other in `versions`; `bot.store.migrating` runs them at start.

A new one names its predecessor and changes both: the database, and `bot.store.tables`. What was
released is never changed. SQLite alters little of a table in place: use `op.batch_alter_table`.
"""
