"""Taking back what was removed a moment ago: kept, offered by a button, put back, or dropped."""
