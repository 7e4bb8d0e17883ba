"""Serves health, metrics and the HTTP port."""

from bot.ops.healthz import Told, ask_health
from bot.ops.rules import is_loopback
from bot.ops.server import HttpServer, try_to_listen

__all__ = ["HttpServer", "Told", "ask_health", "is_loopback", "try_to_listen"]
