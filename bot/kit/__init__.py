"""Helpers that know nothing of Mintcast's subject. Import the module that you need: this
front stays empty so that a capture process does not load what only the service uses."""
