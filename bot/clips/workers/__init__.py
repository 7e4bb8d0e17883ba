"""Processes that make clips: one for each capture, one for each clip made smaller."""
