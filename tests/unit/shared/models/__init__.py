"""The models table."""
