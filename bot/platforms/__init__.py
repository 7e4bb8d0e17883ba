"""Where people are. Vendor objects end here."""
