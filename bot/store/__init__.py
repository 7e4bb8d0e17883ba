"""The only SQL of Mintcast: what is known, what is owed, what was shown."""
