"""Closes the difference between what targets are owed and what they have been shown."""
