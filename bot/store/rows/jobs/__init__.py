"""Clip jobs: who waits, what is recorded, what is cut anew, and which files there are."""

from __future__ import annotations

from bot.store.rows.jobs.families import JobFamilies
from bot.store.rows.jobs.files import JobFiles
from bot.store.rows.jobs.padded_clips import JobPaddedClips
from bot.store.rows.jobs.queue import JobQueue


class Jobs(JobQueue, JobFamilies, JobFiles, JobPaddedClips):
    """Clip jobs, from when somebody asks to when the last file is gone."""
