"""What is undone, by command and by button, on a real database."""
