"""Our own process, and its children: how they start, what they may use, how one talks with them."""
