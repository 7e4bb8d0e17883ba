"""A look-alike of pump.fun on this machine, with a script and faults to order."""
