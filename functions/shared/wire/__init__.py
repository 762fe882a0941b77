"""The messages of the wire contract."""
