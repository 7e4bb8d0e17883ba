"""Alembic's scripts, one after the other in `versions`; `backends.sqlite.migrate` runs them.

A new one, `v<number>_<what>.py`, names its predecessor; `bot.store.tables` changes with it. What
was released is never changed. SQLite alters little of a table in place: use `op.batch_alter_table`.
"""
