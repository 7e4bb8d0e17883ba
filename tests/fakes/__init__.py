"""Stand-ins for what a test must hold in its own hand: time, a chat platform."""
