"""The connection of one token: login, polling, requests, registered commands."""
