"""Clip jobs: who waits, what is recorded, and which files there are."""

from __future__ import annotations

from bot.store.rows.jobs.files import JobFiles
from bot.store.rows.jobs.queue import JobQueue


class Jobs(JobQueue, JobFiles):
    """Clip jobs, from when somebody asks to when the last file is gone."""
