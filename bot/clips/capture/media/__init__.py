"""Frames and packets: time lines, sounds, encoding, and the ring of the last seconds."""
