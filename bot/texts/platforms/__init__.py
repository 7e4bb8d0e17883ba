"""What only one platform says: a module for each."""
