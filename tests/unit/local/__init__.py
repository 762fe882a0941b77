"""The commands that run the system on one machine."""
