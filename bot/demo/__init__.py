"""A world on this machine: a LiveKit server, a broadcaster, and the sites they stand behind.

Nothing is imported here: a broadcaster's child process enters through this package too, and each
of its parts costs time to import.
"""
