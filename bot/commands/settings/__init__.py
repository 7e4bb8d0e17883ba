"""What was chosen at a place: read, told in words, changed, and offered as controls."""
