"""How long a test waits, in real time, for what must happen."""

PATIENCE = 120.0
"""Seconds. Only a test that fails waits so long: on a busy machine all else may take a good part of
it, and a shorter wait would tell of the machine and not of Mintcast."""
