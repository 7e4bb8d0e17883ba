"""The promises at full length: minutes, not seconds. `make soak`."""
