"""Runs for every message that a client sends: signs of life are answered, all else is refused."""
