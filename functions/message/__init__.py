"""Runs for every message that a client sends: keep-alives are answered, all else is refused."""
