"""Lanes of one token: how much may go out, to whom, and in which order.

A platform allows so much a second over all, so much to one target, and so much to one place a
minute; a target that was told to wait sleeps alone. Replies go before broadcasts.
"""
