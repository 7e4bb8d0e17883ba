"""One file for each command; those that make clips are in `clips`."""
