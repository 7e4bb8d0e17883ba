"""What the nodes of a cluster agree upon."""
