"""Commands and presses: taken, accepted in time, and answered."""
