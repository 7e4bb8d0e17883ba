"""Telegram's client: messages as it shows them, and what one does there."""
