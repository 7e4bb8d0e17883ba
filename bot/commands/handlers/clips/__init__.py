"""The commands that make clips, and the buttons under a clip."""
