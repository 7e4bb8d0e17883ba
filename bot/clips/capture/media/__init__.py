"""Frames and packets: time lines, sizes, encoding, and the ring of the last seconds."""
