"""How far a clip is, for whoever asked: a card that is changed until the clip takes its place."""

from bot.commands.clip_progress.follower import ProgressFollower
from bot.commands.clip_progress.resumed import SenderOf, resume_cards

__all__ = ["ProgressFollower", "SenderOf", "resume_cards"]
