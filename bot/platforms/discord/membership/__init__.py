"""Servers that the bot comes into and leaves, and what it may do there."""
