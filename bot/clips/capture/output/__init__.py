"""From the ring to files: where a clip begins and ends, the MP4, its poster, a smaller copy."""
