"""The LiveKit room: who is in it, what is taken from it, what got lost on the way."""
