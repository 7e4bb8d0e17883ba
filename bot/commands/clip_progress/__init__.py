"""How far a clip is, for whoever asked: a card that is changed until the clip takes its place."""

from bot.commands.clip_progress.follower import ProgressFollower

__all__ = ["ProgressFollower"]
