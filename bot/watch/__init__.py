"""Whether a coin is live: looks at pump.fun, and writes down what changed and what it owes."""
