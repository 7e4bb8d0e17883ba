"""The connection of one token: login, gateway, requests, registered commands."""
