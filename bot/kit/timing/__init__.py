"""Time: clocks, ages, durations as people write them, and the schedule."""
