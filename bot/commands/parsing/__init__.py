"""From words to what was meant by them, and what could be typed next."""
