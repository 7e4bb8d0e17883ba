"""JPEGs: decoded in a process that can be killed, checked, measured and made."""
