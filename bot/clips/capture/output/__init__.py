"""From the ring to files: where a clip begins and ends, and the MP4."""
