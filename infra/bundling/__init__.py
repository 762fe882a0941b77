"""Builds the functions' zips, each only when something in it has changed."""
