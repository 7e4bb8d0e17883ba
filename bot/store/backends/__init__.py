"""What only one kind of database knows. No other file knows which one it is."""
