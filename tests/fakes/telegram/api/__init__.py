"""The methods: read, checked against the description, allowed and answered."""
