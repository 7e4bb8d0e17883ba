"""The tables, family by family. Everything here is used inside a transaction only."""
