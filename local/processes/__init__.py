"""Starts, supervises and ends the child processes of the local system."""
