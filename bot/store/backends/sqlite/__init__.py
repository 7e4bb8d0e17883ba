"""SQLite: how the file is opened, locked, checked, copied and migrated. `backends` is its front."""
