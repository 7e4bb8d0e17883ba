"""Mintcast: go-live alerts and clips of pump.fun livestreams, in Discord and Telegram."""

__version__ = "0.1.0"
