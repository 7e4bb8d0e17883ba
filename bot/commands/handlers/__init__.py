"""One file for each command, and one for the buttons under a clip."""
