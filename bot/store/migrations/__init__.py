"""Alembic's scripts, one after the other in `versions`; `backends.schema` runs them.

A new one, `v<number>_<what>.py`, names its predecessor; `bot.store.tables` changes with it. What
was released is never changed. Not every database can alter a table in place: use
`op.batch_alter_table`, inside `table_made_anew` where ids of rows are never given twice.
"""
