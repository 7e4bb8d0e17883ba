"""Every sentence that a person reads, as typed functions. Errors carry data, these make words.

A file for each part of the program; what all of them share is here.
"""

from bot.texts.basic import (
    child_failed,
    clip_failed,
    clip_note,
    demo_not_installed,
    duration_refused,
    ended,
    mint_refused,
    not_a_coin,
    not_a_size,
    offline,
    partial,
    progress,
    pumpfun_failed,
    report_lost,
    settings_refused,
    shown,
    shown_url,
    size,
    span,
    state_of,
    too_few_bytes,
)

__all__ = [
    "child_failed",
    "clip_failed",
    "clip_note",
    "demo_not_installed",
    "duration_refused",
    "ended",
    "mint_refused",
    "not_a_coin",
    "not_a_size",
    "offline",
    "partial",
    "progress",
    "pumpfun_failed",
    "report_lost",
    "settings_refused",
    "shown",
    "shown_url",
    "size",
    "span",
    "state_of",
    "too_few_bytes",
]
