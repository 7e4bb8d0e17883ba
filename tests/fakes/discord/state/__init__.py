"""What there is: servers, channels, messages, and the rules of what they may be."""
