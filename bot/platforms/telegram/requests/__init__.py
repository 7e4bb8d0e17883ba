"""Commands and presses: taken, parsed, and answered."""
