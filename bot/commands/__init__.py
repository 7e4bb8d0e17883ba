"""What each command means, once, for every platform."""
