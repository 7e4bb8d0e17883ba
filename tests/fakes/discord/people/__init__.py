"""Who is there, and what their clients make of what they do."""
