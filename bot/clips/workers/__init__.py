"""Processes that make clips: one for each capture, one for each work on finished files."""
