"""Sending what is owed, and what follows when a platform does not take it."""
