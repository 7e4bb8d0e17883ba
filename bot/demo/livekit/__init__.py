"""The real LiveKit server on this machine: its process, rooms and tokens."""
