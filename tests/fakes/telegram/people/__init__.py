"""Who is there, and what they do in a chat."""
