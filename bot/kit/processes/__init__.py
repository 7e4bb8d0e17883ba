"""Child processes: how they start, what they may use, how one talks with them."""
