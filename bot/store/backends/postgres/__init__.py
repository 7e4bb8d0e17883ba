"""PostgreSQL: how it is reached, pooled, locked, checked, copied and migrated. `backends` is its
front, which imports it only where a database is one: its driver comes with `mintcast[postgres]`."""
