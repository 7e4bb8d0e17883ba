"""A broadcaster: the pictures and sound it makes, and the process that publishes them."""
