"""Chats that the bot comes into and leaves, who manages them, and what the bot may do there."""
