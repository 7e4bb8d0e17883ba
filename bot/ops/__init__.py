"""Serves health, metrics and the HTTP port."""

from bot.ops.rules import is_loopback
from bot.ops.server import HttpServer

__all__ = ["HttpServer", "is_loopback"]
