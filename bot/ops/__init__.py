"""Serves health, metrics and the HTTP port."""
