"""The requests: read, checked against the description, routed and answered."""
