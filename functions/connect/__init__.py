"""Runs while a socket's handshake is pending, and decides whether it opens."""
